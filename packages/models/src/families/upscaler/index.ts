export { type UpscalerConfiguration, type UpscalerSize, upscalerConfiguration } from "./configuration.js";
export {
  upscaler,
  upscalerEnlarge,
  upscalerLoss,
  upscalerPicture,
  upscalerReach,
  upscalerSmall,
} from "./upscaler.js";

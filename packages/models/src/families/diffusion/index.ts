export {
  type DiffusionBackbone,
  type DiffusionConfiguration,
  type DiffusionSize,
  diffusionConfiguration,
  diffusionSigmas,
  type LossWeighting,
  sigmaRange,
  type TrainingNoise,
} from "./configuration.js";
export { type Denoiser, type DenoiserPart, denoiserOf, guided, mixed } from "./denoiser.js";
export { diffusion, diffusionDenoise, diffusionLoss } from "./diffusion.js";
export { type GaussianMixture, mixtureDenoiser } from "./gaussian-mixture.js";
export { invertDdim } from "./inversion.js";
export type { Prediction } from "./prediction.js";
export * from "./samplers/index.js";
export {
  alphaBarOfSigma,
  cosineSchedule,
  type DiscreteSchedule,
  discreteSigmas,
  flowSigmas,
  karrasSigmas,
  linearSchedule,
  type SigmaRange,
  sigmaOfAlphaBar,
  sigmaOfTime,
  timeOfSigma,
} from "./schedules.js";

export { type CollapseReport, posteriorCollapse } from "./collapse.js";
export { type VaeConfiguration, type VaeSize, vaeConfiguration } from "./configuration.js";
export { importanceBound } from "./importance-bound.js";
export {
  type Elbo,
  klDivergence,
  type Posterior,
  vae,
  vaeDecode,
  vaeElbo,
  vaeEncode,
  vaeImportanceSum,
  vaeLikelihood,
  vaeLoss,
  vaeReconstruct,
} from "./vae.js";

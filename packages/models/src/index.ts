/** Layers, backbones, optimisers and the generative families. */

export {
  type Activation,
  classicGpt,
  type GptConfiguration,
  type GptSize,
  modernGpt,
} from "./families/gpt/configuration.js";
export { countParameters, gpt, gptDecode, gptLogits, gptLoss, type KeyValues } from "./families/gpt/gpt.js";
export { huggingFaceNames, nanogptNames, transposeMatrix, type WeightName } from "./families/gpt/gpt2-weights.js";
export * from "./families/markov/index.js";
export type { Ability, Network, Phase, TrainableFamily } from "./family.js";
export * from "./optimisers/index.js";
export * from "./sampling/index.js";

/** Layers, backbones, optimisers and the generative families. */

export {
  type Activation,
  type TransformerConfiguration,
  type TransformerPreset,
  type TransformerSize,
  transformerPresets,
} from "./backbones/configuration.js";
export {
  bert,
  bertEmbed,
  bertHidden,
  bertLogits,
  bertLoss,
  bertNats,
  type MaskedRows,
} from "./families/bert/bert.js";
export { classicBert, modernBert } from "./families/bert/configuration.js";
export {
  type MaskingOptions,
  maskEach,
  maskedPerRow,
  maskTokens,
  padRows,
  type SpecialTokens,
} from "./families/bert/masking.js";
export {
  classicGpt,
  type GptConfiguration,
  type GptSize,
  modernGpt,
} from "./families/gpt/configuration.js";
export { countParameters, gpt, gptDecode, gptLogits, gptLoss, type KeyValues } from "./families/gpt/gpt.js";
export { huggingFaceNames, nanogptNames, transposeMatrix, type WeightName } from "./families/gpt/gpt2-weights.js";
export * from "./families/markov/index.js";
export type { Ability, Network, Phase, TrainableFamily } from "./family.js";
export * from "./grammar/index.js";
export * from "./optimisers/index.js";
export * from "./sampling/index.js";

/** Layers, backbones, optimisers and the generative families. */

export {
  type Activation,
  type TransformerConfiguration,
  type TransformerPreset,
  type TransformerSize,
  transformerPresets,
} from "./backbones/configuration.js";
export {
  type ConvDecoderConfiguration,
  type ConvEncoderConfiguration,
  type ConvolutionalConfiguration,
  convDecoder,
  convEncoder,
} from "./backbones/convolutional.js";
export { type DiffusionTransformerConfiguration, diffusionTransformer } from "./backbones/diffusion-transformer.js";
export { type MlpConfiguration, mlp } from "./backbones/mlp.js";
export { type ResnetBlockSettings, resnetBlock } from "./backbones/resnet-block.js";
export type { PictureActivation } from "./backbones/settings.js";
export { type UnetConfiguration, unet } from "./backbones/unet.js";
export * from "./conditions/index.js";
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
export * from "./families/classifier/index.js";
export * from "./families/diffusion/index.js";
export * from "./families/gan/index.js";
export {
  classicGpt,
  type GptConfiguration,
  type GptSize,
  modernGpt,
} from "./families/gpt/configuration.js";
export { countParameters, gpt, gptDecode, gptLogits, gptLoss, type KeyValues } from "./families/gpt/gpt.js";
export { huggingFaceNames, nanogptNames, transposeMatrix, type WeightName } from "./families/gpt/gpt2-weights.js";
export * from "./families/markov/index.js";
export * from "./families/upscaler/index.js";
export * from "./families/vae/index.js";
export * from "./families/vq/index.js";
export type { Ability, Network, Phase, TrainableFamily } from "./family.js";
export * from "./grammar/index.js";
export { batchNorm } from "./layers/batch-norm.js";
export {
  type ConvolutionOptions,
  convolution,
  type TransposedConvolutionOptions,
  transposedConvolution,
} from "./layers/convolution.js";
export { groupNorm } from "./layers/group-norm.js";
export { pixelShuffle, pixelUnshuffle } from "./layers/pixel-shuffle.js";
export { type SpectralNormOptions, spectralNorm } from "./layers/spectral-norm.js";
export * from "./optimisers/index.js";
export * from "./sampling/index.js";

/** The settings of a GPT, which are those of its transformer, and its presets. */
import {
  type TransformerConfiguration,
  type TransformerPreset,
  type TransformerSize,
  transformerPresets,
} from "../../backbones/configuration.js";

export type { Activation } from "../../backbones/configuration.js";
export type GptConfiguration = TransformerConfiguration;
export type GptSize = TransformerSize;

const presets = transformerPresets("gpt");

/** GPT-2 as nanoGPT writes it: learned positions, layer norm, GELU, tied head. */
export const classicGpt: TransformerPreset = presets.classic;

/** A modern decoder: rotary positions, RMS norm, normalised queries and keys, ReLU², a free head, zero-initialised projections. */
export const modernGpt: TransformerPreset = presets.modern;

/** The presets of a BERT. Its settings are those of its transformer. */
import { type TransformerPreset, transformerPresets } from "../../backbones/configuration.js";

const presets = transformerPresets("bert");

/**
 * BERT's choices (Devlin et al. 2018): learned positions, layer norm, GELU, biases, tied head. Its norms, though, stand before the layers
 * and not after them: gradients then do not grow towards the output, so that training needs no long warm-up and stays stable at
 * higher rates (Xiong et al. 2020). There are no segment embeddings, which only next-sentence prediction needs.
 */
export const classicBert: TransformerPreset = presets.classic;

/** As the modern decoder: rotary positions, RMS norm, normalised queries and keys, ReLU², a free head, zero-initialised projections. */
export const modernBert: TransformerPreset = presets.modern;

/** What a model can be exported as. */

export const EXPORT_FORMATS = ["onnx", "safetensors", "huggingface", "atelier"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How exported weights are stored. */
export const WEIGHT_PRECISIONS = ["float32", "float16", "bfloat16"] as const;
export type WeightPrecision = (typeof WEIGHT_PRECISIONS)[number];

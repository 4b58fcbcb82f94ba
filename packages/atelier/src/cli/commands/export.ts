/** `atelier export`: a trained model for use elsewhere. */
import { z } from "zod";
import { EXPORT_FORMATS, WEIGHT_PRECISIONS } from "../../model/export-formats.js";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { formatBytes } from "../format.js";
import { flag, integer, required, value } from "../options.js";

export const exportCommand = defineCommand({
  name: "export",
  summary: "write a model as ONNX, safetensors, a Hugging Face folder, or a smaller copy",
  details:
    "onnx is the forward pass for any ONNX Runtime, with static shapes; safetensors the weights by name; huggingface a folder in GPT-2's layout, for " +
    "models of that shape; atelier a copy of the model's folder, half as large with --weights float16. A model that misses the goal of its " +
    "recipe is refused unless --force is given.",
  examples: [
    ["atelier export whale --format onnx --out whale.onnx", "one row as long as the context"],
    ["atelier export whale --format atelier --weights float16 --out small", "a copy of half the size"],
  ],
  options: {
    format: value(z.enum(EXPORT_FORMATS), { summary: EXPORT_FORMATS.join(", "), placeholder: "FORMAT" }),
    out: value(z.string(), { summary: "the file, or for huggingface and atelier the folder", placeholder: "PATH" }),
    weights: value(z.enum(WEIGHT_PRECISIONS), {
      summary: `how weights are stored: ${WEIGHT_PRECISIONS.join(", ")}`,
      placeholder: "FORM",
    }),
    rows: value(integer({ min: 1 }), { summary: "onnx: rows of a batch (default: 1)", placeholder: "N" }),
    length: value(integer({ min: 1 }), { summary: "onnx: tokens of a row (default: the context)", placeholder: "N" }),
    force: flag("export also a model that misses its goal"),
  },
  positionals: { model: required("name of a model, or the path of its folder") },
  async run({ options, positionals, home, out: output }) {
    const { exportModel } = await import("../../model/export.js");
    const { openModel } = await import("../../model/load.js");
    const { format, out, ...rest } = options;
    if (format === undefined || out === undefined) {
      throw new UsageError(`--${format === undefined ? "format" : "out"} is missing`, {
        hint: "for example: atelier export whale --format onnx --out whale.onnx",
      });
    }
    const { path, bytes } = await exportModel(await openModel(home, positionals.model), { format, out, ...rest });
    output.text(`${path}: ${formatBytes(bytes)}`);
    return { model: positionals.model, format, path, bytes };
  },
});

/** `atelier models import`: a model that was trained elsewhere, as one of ours. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { required, value } from "../options.js";

export const importCommand = defineCommand({
  name: "models import",
  summary: "import a Hugging Face GPT-2 folder: config.json, model.safetensors, tokenizer.json",
  details:
    "The folder is only read. What is imported generates, scores, is exported and trained further (`atelier train ./letters --from gpt2`) " +
    "like any other model.",
  examples: [["atelier models import ./gpt2 --name gpt2", "as the model gpt2"]],
  options: { name: value(z.string(), { summary: "name of the model; the folder's by default", placeholder: "NAME" }) },
  positionals: { folder: required("path of the folder") },
  async run({ home, positionals, options, out }) {
    const { importModel } = await import("../../model/import.js");
    const directory = await importModel(home, positionals.folder, options.name);
    out.text(`model   ${directory}`);
    return { directory };
  },
});

/** `atelier generate`: text or pictures from a trained model. */
import { defineCommand } from "../command.js";
import { required } from "../options.js";
import { generateOptions } from "./generate-options.js";

export const generate = defineCommand({
  name: "generate",
  summary: "generate text or pictures with a trained model",
  details:
    "The same model, seed and settings make the same output. Text: a single sample is printed as it is made; several are made side by side " +
    "and printed when they are done. With --json-schema, --regex or --grammar, whatever is written is valid. Pictures: a file with one of " +
    "them or a sheet of several, or a folder with a file each; without --out, MODEL-SEED.png in the current folder.",
  examples: [
    ['atelier generate whale --prompt "Call me"', "goes on from the prompt"],
    ["atelier generate whale -n 4 --temperature 0.7 --top-p 0.9 --seed 7", "four samples, a little tamer"],
    ["atelier generate whale --prompt-file start.txt --tokens 1000 --json", "for programs"],
    ["atelier generate whale --out whale.txt", "writes the text, and beside it what made it"],
    ['atelier generate whale --regex "[A-Z][a-z]+ [0-9]{4}"', "only text of this form"],
    ["atelier generate fashion -n 16 --class Sandal --scale 2 --out sandals.png", "a sheet of pictures of one class"],
    ['atelier generate emoji -n 8 --prompt "red heart" --guidance 4', "pictures of what the words say"],
    ["atelier generate fashion -n 100 --out samples/", "a folder with a hundred pictures"],
  ],
  options: generateOptions,
  positionals: { model: required("name of a model, or the path of its folder") },
  async run(context) {
    const { load } = await import("../../library/model.js");
    const { home, options, positionals } = context;
    const { device, threads, weights } = options;
    const model = await load(positionals.model, { home, device, threads, weights });
    try {
      if (model.medium === "text") {
        const { generateTexts } = await import("./generate-text.js");
        return await generateTexts(model, context);
      }
      const { generateToFiles } = await import("./generate-pictures.js");
      return await generateToFiles(model, context);
    } finally {
      await model.release();
    }
  },
});

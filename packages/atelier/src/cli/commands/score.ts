/** `atelier score`: how probable texts are to a model. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { formatCount, formatTable } from "../format.js";
import { required, rest, value } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { textsOf } from "./text-input.js";

export const score = defineCommand({
  name: "score",
  summary: "say how probable texts are to a model",
  details:
    "Fewer bits per byte: more like what the model was trained on. A gpt gives the log-likelihood; a masked model the pseudo-log-likelihood, " +
    "each token predicted from all others, which ranks texts but is no probability.",
  examples: [
    ['atelier score whale "the white whale" "whale the white"', "the likelier has fewer bits"],
    ["atelier score whale --file lines.txt --json", "every line, for programs"],
  ],
  options: {
    file: value(z.string(), { summary: "a file with one text a line; - reads standard input", placeholder: "FILE" }),
    ...deviceOptions,
  },
  positionals: { model: required("name of a model, or the path of its folder"), texts: rest("texts") },
  async run({ options, positionals, home, out, signal }) {
    const { load } = await import("../../library/model.js");
    const { score: scoreTexts } = await import("../../library/score.js");
    const { device, threads } = options;
    const texts = await textsOf(positionals.texts, options.file);
    const model = await load(positionals.model, { home, device, threads });
    try {
      const scores = await scoreTexts(model, texts, { signal });
      const scored = scores.map((each, i) => ({ text: texts[i]!, ...each }));
      const rows = scored.map(({ text, nats, tokens, bitsPerByte }) => [
        bitsPerByte.toFixed(4),
        nats.toFixed(2),
        formatCount(tokens),
        text.replaceAll("\n", " "),
      ]);
      const right = ["bits per byte", "nats", "tokens"];
      for (const line of formatTable([...right, "text"], rows, right)) out.text(line);
      return { model: model.name, weights: model.loaded.record.weights.sha256, scored };
    } finally {
      await model.release();
    }
  },
});

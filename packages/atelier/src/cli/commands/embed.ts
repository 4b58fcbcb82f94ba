/** `atelier embed`: texts as vectors, and which of them is most like another. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { formatTable } from "../format.js";
import { integer, required, rest, value } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { textsOf } from "./text-input.js";

export const embed = defineCommand({
  name: "embed",
  summary: "turn texts into vectors with a masked model, or find the nearest to one",
  details:
    "One JSON line for each text: the text and its vector, of length 1, so that inner products are cosine similarities.",
  examples: [
    ['atelier embed masked "the white whale" "a ship"', "two vectors"],
    ["atelier embed masked --file lines.txt > vectors.jsonl", "one for each line"],
    ['atelier embed masked --file lines.txt --nearest "a storm at sea"', "the lines most like it"],
  ],
  options: {
    file: value(z.string(), { summary: "a file with one text a line; - reads standard input", placeholder: "FILE" }),
    nearest: value(z.string(), { summary: "print the texts that are most like this one instead", placeholder: "TEXT" }),
    count: value(integer({ min: 1 }), { summary: "how many of them", placeholder: "N", short: "n", default: 5 }),
    ...deviceOptions,
  },
  positionals: { model: required("name of a model, or the path of its folder"), texts: rest("texts") },
  async run({ options, positionals, home, out, signal }) {
    const { load } = await import("../../library/model.js");
    const { embed: embedTexts, nearestTo } = await import("../../library/embed.js");
    const { nearest, count, device, threads } = options;
    const texts = await textsOf(positionals.texts, options.file);
    const model = await load(positionals.model, { home, device, threads });
    const about = { model: model.name, weights: model.loaded.record.weights.sha256 };
    try {
      if (nearest === undefined) {
        const vectors = await embedTexts(model, texts, { signal });
        const embedded = texts.map((text, i) => ({ text, vector: [...vectors[i]!] }));
        for (const line of embedded) out.text(JSON.stringify(line));
        return { ...about, embedded };
      }
      const [query, ...vectors] = await embedTexts(model, [nearest, ...texts], { signal });
      const found = nearestTo(query!, vectors)
        .slice(0, count)
        .map(({ index, similarity }) => ({ similarity, text: texts[index]! }));
      const rows = found.map(({ similarity, text }) => [similarity.toFixed(3), text]);
      for (const line of formatTable(["similarity", "text"], rows, ["similarity"])) out.text(line);
      return { ...about, query: nearest, nearest: found };
    } finally {
      await model.release();
    }
  },
});

/** `atelier reproduce`: makes a saved output again, and says whether it is the same. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { required, value } from "../options.js";
import { deviceOptions } from "./device-options.js";

export const reproduce = defineCommand({
  name: "reproduce",
  summary: "make a saved output again, and say whether it is the same",
  details:
    "The model is found by the hash of its weights, else by its name. Exit code 1 where the output differs, with the place of the first " +
    "difference, and what is no longer as it was.",
  examples: [
    ["atelier reproduce whale.txt", "with whale.txt.provenance.json beside it"],
    ["atelier reproduce saved.json", "a document that --json printed"],
  ],
  options: {
    model: value(z.string(), { summary: "make it with this model, by name or path", placeholder: "MODEL" }),
    ...deviceOptions,
  },
  positionals: { file: required("a file with its provenance beside it, the provenance, or a --json document") },
  async run({ options, positionals, home, out, signal }) {
    const { NotReproducedError, reproduce: makeAgain } = await import("../../output/reproduce.js");
    const { equal, edited, difference, changed, model, provenance } = await makeAgain(positionals.file, {
      home,
      ...options,
      signal,
    });
    const conditions = changed.map(({ what, before, now }) => `${what}: ${short(before)}, now ${short(now)}`);
    if (!equal) {
      const place =
        difference === undefined
          ? "it has another hash than before"
          : `from line ${difference.line}, column ${difference.column} on: ` +
            `${JSON.stringify(difference.before)} there, ${JSON.stringify(difference.now)} now`;
      const what = edited ? "the file was changed since it was made, and differs" : "what comes out differs";
      throw new NotReproducedError(`${positionals.file}: ${what}, ${place}`, {
        hint:
          conditions.length === 0
            ? "Model, device, versions, threads, batch and weights' form are as they were."
            : `Not as it was: ${conditions.join("; ")}.`,
      });
    }
    out.text(`The same, bit for bit: made with ${model} from seed ${provenance.seed}.`);
    for (const condition of conditions) out.text(`Not as it was, without effect: ${condition}.`);
    return { equal, model, changed, provenance };
  },
});

/** A hash by its beginning. */
const short = (text: string): string => (/^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 12)}…` : text);

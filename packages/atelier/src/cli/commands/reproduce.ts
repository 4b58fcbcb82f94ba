/** `atelier reproduce`: makes a saved output again, and says whether it is the same. */
import { z } from "zod";
import type { Difference } from "../../output/reproduce.js";
import { defineCommand } from "../command.js";
import { formatCount } from "../format.js";
import { required, value } from "../options.js";
import { deviceOptions } from "./device-options.js";

export const reproduce = defineCommand({
  name: "reproduce",
  summary: "make a saved output again, and say whether it is the same",
  details:
    "The model is found by the hash of its weights, else by its name. Texts are compared bit for bit, pictures pixel for pixel, as their " +
    "files show them. Exit code 1 where the output differs, with the place of the first difference, and what is no longer as it was.",
  examples: [
    ["atelier reproduce whale.txt", "with whale.txt.provenance.json beside it"],
    ["atelier reproduce pictures.png", "which carries its provenance in itself"],
    ["atelier reproduce saved.json", "a document that --json printed"],
  ],
  options: {
    model: value(z.string(), { summary: "make it with this model, by name or path", placeholder: "MODEL" }),
    ...deviceOptions,
  },
  positionals: {
    file: required("a file with its provenance in it or beside it, the provenance, or a --json document of texts"),
  },
  async run({ options, positionals, home, out, signal }) {
    const { NotReproducedError, reproduce: makeAgain } = await import("../../output/reproduce.js");
    const { equal, edited, difference, changed, model, provenance } = await makeAgain(positionals.file, {
      home,
      ...options,
      signal,
    });
    const conditions = changed.map(({ what, before, now }) => `${what}: ${short(before)}, now ${short(now)}`);
    if (!equal) {
      const place = difference === undefined ? "it has another hash than before" : placeOf(difference);
      const what = edited ? "the file was changed since it was made, and differs" : "what comes out differs";
      throw new NotReproducedError(`${positionals.file}: ${what}, ${place}`, {
        hint:
          conditions.length === 0
            ? "Model, device, versions, threads, batch and weights' form are as they were."
            : `Not as it was: ${conditions.join("; ")}.`,
      });
    }
    const way = provenance.output.media === "text" ? "bit for bit" : "pixel for pixel";
    out.text(`The same, ${way}: made with ${model} from seed ${provenance.seed}.`);
    for (const condition of conditions) out.text(`Not as it was, without effect: ${condition}.`);
    return { equal, model, changed, provenance };
  },
});

function placeOf(difference: Difference): string {
  const { before, now } = difference;
  if ("line" in difference) {
    const { line, column } = difference;
    return `from line ${line}, column ${column} on: ${JSON.stringify(before)} there, ${JSON.stringify(now)} now`;
  }
  const { frame, x, y, pixels, of } = difference;
  if (pixels === undefined || of === undefined) return `in its form: ${before} there, ${now} now`;
  const where = `x ${x}, y ${y}${frame === 0 ? "" : ` of frame ${frame}`}`;
  return `in ${formatCount(pixels)} of ${formatCount(of)} pixels, first at ${where}: ${before} there, ${now} now`;
}

/** A hash by its beginning. */
const short = (text: string): string => (/^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 12)}…` : text);

/**
 * Reads a Hugging Face GPT-2 folder with an `expected.json` beside its files and says how far ours strays from what is recorded there:
 * encodings, decodings, logits and greedy tokens. Exit code 0 where it follows, 1 where not.
 *
 *   npm run hf-parity -- path/to/folder [--json]
 */
import { join } from "node:path";
import { z } from "zod";
import { importHuggingFace } from "../model/huggingface.js";
import { readJson } from "../storage/index.js";
import { largestDifference, sameNumbers } from "./compare.js";
import { fullLogits } from "./full-logits.js";
import { runTool } from "./run-tool.js";

/** The largest difference in logits that counts as the same model. */
const LOGITS_BAR = 1e-4;

const expectedSchema = z.object({
  texts: z.array(z.string()).min(1),
  input_ids: z.array(z.array(z.int())),
  decoded: z.array(z.string()),
  logits_of_first_text: z.array(z.array(z.number())),
  greedy_ids: z.array(z.int()),
});

export interface HuggingFaceParity {
  /** Largest absolute difference over all positions of the first text. */
  readonly logits: number;
  readonly encodingsEqual: boolean;
  readonly decodingsEqual: boolean;
  readonly greedyEqual: boolean;
}

export async function huggingFaceParity(folder: string): Promise<HuggingFaceParity> {
  const { configuration, weights, codec } = await importHuggingFace(folder);
  const expected = await readJson(join(folder, "expected.json"), expectedSchema);
  const prompt = expected.input_ids[0]!;
  const model = fullLogits(configuration, weights);
  const logits = await model.read(prompt);
  const greedy = await model.continueGreedily(prompt, expected.greedy_ids.length);
  await model.release();
  return {
    logits: largestDifference(logits, expected.logits_of_first_text.flat()),
    encodingsEqual: expected.texts.every((text, i) =>
      sameNumbers(codec.encode(text, { specials: true }), expected.input_ids[i]!),
    ),
    decodingsEqual: expected.input_ids.every((ids, i) => codec.decode(ids, { specials: true }) === expected.decoded[i]),
    greedyEqual: sameNumbers(greedy, expected.greedy_ids),
  };
}

runTool("npm run hf-parity -- FOLDER [--json]", 1, async ([folder], json) => {
  const result = await huggingFaceParity(folder!);
  const { logits, encodingsEqual, decodingsEqual, greedyEqual } = result;
  if (json) console.log(JSON.stringify(result));
  else {
    const word = (equal: boolean): string => (equal ? "equal" : "different");
    console.log(`largest difference in logits  ${logits.toExponential(2)}  (bar ${LOGITS_BAR})`);
    console.log(`encodings                     ${word(encodingsEqual)}`);
    console.log(`decodings                     ${word(decodingsEqual)}`);
    console.log(`greedy tokens                 ${word(greedyEqual)}`);
  }
  return logits <= LOGITS_BAR && encodingsEqual && decodingsEqual && greedyEqual;
});

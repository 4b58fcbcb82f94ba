/** Runs an imported GPT-2 and compares it with what was recorded of the original. */
import { join } from "node:path";
import { z } from "zod";
import { importHuggingFace } from "../model/huggingface.js";
import { readJson } from "../storage/index.js";
import { largestDifference, sameNumbers } from "./compare.js";
import { fullLogits } from "./full-logits.js";

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

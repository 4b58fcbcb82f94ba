/** How probable texts are to a model. */
import type { RunOptions } from "./generate.js";
import type { Model } from "./model.js";

export interface Scored {
  /** A masked model's pseudo-log-likelihood ranks texts, but is no probability, and its bits are no length of a code. */
  readonly measure: "log-likelihood" | "pseudo-log-likelihood";
  /** −ln of it. */
  readonly nats: number;
  /** How many tokens were predicted; where the codec does not mark beginnings, all but the first. */
  readonly tokens: number;
  /** For each byte of the text that was predicted. */
  readonly bitsPerByte: number;
}

/**
 * Scores each text by itself: less is more probable.
 *
 * @throws {AbilityError} for a model that cannot. @throws {TextTooShortError} for a text in which nothing can be predicted.
 * @example
 * ```ts
 * const [one, other] = await score(model, ["the white whale", "whale the white"]);
 * console.log(one!.bitsPerByte < other!.bitsPerByte);
 * ```
 */
export async function score(model: Model, texts: readonly string[], { signal }: RunOptions = {}): Promise<Scored[]> {
  const scorer = model.tool("scorer");
  const scores: Scored[] = [];
  for (const text of texts) {
    const { nats, tokens, bytes } = await scorer.score(text, signal);
    scores.push({ measure: scorer.measure, nats, tokens, bitsPerByte: nats / Math.LN2 / bytes });
  }
  return scores;
}

/** How good a loaded model is on held-out text. */
import { type Evaluated, type EvaluateOptions, evaluateLoaded } from "../evaluation/evaluate.js";
import type { Model } from "./model.js";

/**
 * Measures everything that `evidence.json` holds, beside the n-gram model on the same text: on the validation split of the model's own data,
 * or on all of `data`.
 *
 * @throws typed errors of the dataset, and {TextTooShortError} where there is nothing to predict.
 * @example
 * ```ts
 * const { score, evidence } = await evaluate(model, { data: "other.txt" });
 * console.log(score.bitsPerByte, evidence.measures);
 * ```
 */
export function evaluate(
  { loaded, home, device, threads }: Model,
  options: Omit<EvaluateOptions, "home" | "device" | "threads"> = {},
): Promise<Evaluated> {
  return evaluateLoaded(loaded, { ...options, home, device, threads });
}

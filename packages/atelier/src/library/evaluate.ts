/** How good a loaded model is on held-out texts or pictures. */
import { type Evaluated, type EvaluateOptions, evaluateLoaded } from "../evaluation/evaluate.js";
import type { Model } from "./model.js";

/**
 * Measures everything that `evidence.json` holds, beside a baseline on the same data: on the validation split of the model's own data, or
 * on all of `data`. Pictures are compared by `extractor`, by default the recipe's; `prompts` are drawn as well, and shown.
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

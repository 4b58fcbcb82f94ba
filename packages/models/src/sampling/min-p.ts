import { ArgumentError } from "@atelier/engine/errors";
import type { SamplingStep } from "./step.js";

/**
 * Min-p sampling: keeps the tokens that are at least `p` times as probable as the most probable one, and forbids the rest (Nguyen et
 * al., "Turning up the heat: min-p sampling for creative and coherent LLM outputs", 2024, section 3). So more tokens stay where the
 * model is unsure, fewer where it is sure. One token always stays.
 *
 * @throws ArgumentError unless p is above 0 and at most 1
 */
export function minPStep(p: number): SamplingStep {
  if (!(p > 0 && p <= 1)) {
    throw new ArgumentError(`Min-p is a share above 0 and at most 1 of the largest probability, got ${p}`, {
      hint: "Common values are 0.05 and 0.1; leave min-p out to keep all tokens.",
    });
  }
  const distance = Math.log(p);
  return (logits) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let token = 0; token < logits.length; token++) if (logits[token]! > largest) largest = logits[token]!;
    // A ratio of probabilities is a difference of logits: no softmax is needed.
    const least = largest + distance;
    for (let token = 0; token < logits.length; token++)
      if (logits[token]! < least) logits[token] = Number.NEGATIVE_INFINITY;
  };
}

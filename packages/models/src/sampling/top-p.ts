import { ArgumentError } from "@atelier/engine/errors";
import { heapify, pop } from "./heap.js";
import { softmaxWeights } from "./softmax.js";
import type { SamplingStep } from "./step.js";

/**
 * Top-p (nucleus) sampling: keeps the smallest set of most probable tokens whose probabilities sum to at least p, and forbids the
 * rest (Holtzman, Buys, Du, Forbes and Choi, "The curious case of neural text degeneration", 2020, section 3.1). Among equal
 * probabilities at the border, tokens of lower id come first. One token always stays.
 *
 * @throws ArgumentError unless p is above 0 and at most 1
 */
export function topPStep(p: number): SamplingStep {
  if (!(p > 0 && p <= 1)) {
    throw new ArgumentError(`Top-p is a probability above 0 and at most 1, got ${p}`, {
      hint: "Common values are 0.9 and 0.95; use 1, or leave top-p out, to keep all tokens.",
    });
  }
  return (logits, { candidates, weights }) => {
    if (p === 1) return;
    const wanted = p * softmaxWeights(logits, weights);
    let size = heapify(logits, candidates);
    let sum = 0;
    while (sum < wanted && size > 0) sum += weights[pop(logits, candidates, size--)]!;
    for (let i = 0; i < size; i++) logits[candidates[i]!] = Number.NEGATIVE_INFINITY;
  };
}

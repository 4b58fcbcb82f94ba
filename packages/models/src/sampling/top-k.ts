import { ArgumentError } from "@atelier/engine/errors";
import { heapify, pop } from "./heap.js";
import type { SamplingStep } from "./step.js";

/**
 * Top-k sampling: keeps the k tokens with the largest logits and forbids the rest (Fan, Lewis and Dauphin, "Hierarchical neural
 * story generation", 2018, section 5). Exactly k are kept: among equal logits at the border, those of lower id.
 *
 * @throws ArgumentError unless k is a whole number from 1 up
 */
export function topKStep(k: number): SamplingStep {
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new ArgumentError(`Top-k is a whole number from 1 up, got ${k}`, {
      hint: "Use 1 for the most probable token alone, or leave top-k out to keep all tokens.",
    });
  }
  return (logits, { candidates }) => {
    if (k >= logits.length) return;
    let size = heapify(logits, candidates);
    for (let kept = 0; kept < k && size > 0; kept++) pop(logits, candidates, size--);
    for (let i = 0; i < size; i++) logits[candidates[i]!] = Number.NEGATIVE_INFINITY;
  };
}

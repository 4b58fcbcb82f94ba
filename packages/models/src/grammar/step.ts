/** A grammar as a sampling step. */
import type { SamplingStep } from "../sampling/step.js";
import type { GrammarMatcher } from "./matcher.js";

/**
 * Forbids every token that the grammar does not allow where the matcher stands. It does not move the matcher: `accept` the token that
 * was drawn. Logits beyond the vocabulary (padding of the head) are forbidden too. Once the text is finished and the codec has no
 * end token, nothing is left to draw: ask `matcher.finished` first.
 */
export function grammarStep(matcher: GrammarMatcher): SamplingStep {
  return (logits) => {
    const mask = matcher.allowed();
    for (let first = 0; first < logits.length; first += 32) {
      const word = mask[first >>> 5] ?? 0;
      if (word === 0xffffffff) continue;
      const end = Math.min(first + 32, logits.length);
      for (let token = first; token < end; token++) {
        if (((word >>> (token & 31)) & 1) === 0) logits[token] = Number.NEGATIVE_INFINITY;
      }
    }
  };
}

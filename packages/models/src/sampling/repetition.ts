import { ArgumentError } from "@atelier/engine/errors";
import type { SamplingStep } from "./step.js";

/**
 * Repetition penalty (Keskar et al., "CTRL: a conditional transformer language model", 2019, section 4.1): the logits of tokens that
 * the row's history holds are divided by the penalty. As everywhere since, logits below 0 are multiplied instead, so that a penalty
 * above 1 always makes a token less probable. It is not indifferent to a number added to all logits, so it goes before steps that
 * shift them.
 *
 * @throws ArgumentError unless the penalty is finite and above 0; the step throws it where no history is given
 */
export function repetitionStep(penalty: number): SamplingStep {
  if (!(penalty > 0 && penalty < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError(`A repetition penalty is a finite number above 0, got ${penalty}`, {
      hint: "Use 1.2 as in the paper, 1 for no penalty; below 1 asks for repetition.",
    });
  }
  return (logits, _scratch, history) => {
    if (history === undefined || history.counts.length !== logits.length) {
      const held = history === undefined ? "none" : `one of a vocabulary of ${history.counts.length}`;
      throw new ArgumentError(
        `The repetition penalty needs the history of a row of ${logits.length} logits, got ${held}`,
        {
          hint: "Make one for each row with sampler.history(vocabulary), push every token to it, and pass it to sample.",
        },
      );
    }
    const { counts } = history;
    for (let token = 0; token < logits.length; token++) {
      if (counts[token] === 0) continue;
      const logit = logits[token]!;
      logits[token] = logit < 0 ? logit * penalty : logit / penalty;
    }
  };
}

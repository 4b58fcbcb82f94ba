import { ArgumentError } from "@atelier/engine/errors";
import type { SamplingStep } from "./step.js";

/**
 * Divides the logits by a temperature above 0: below 1 sharpens the distribution, above 1 flattens it. The largest logit is first
 * moved to 0, which changes no probability and keeps small temperatures from overflowing.
 *
 * @throws ArgumentError unless the temperature is finite and above 0 (greedy choice, "temperature 0", is not a step: see `Sampler`)
 */
export function temperatureStep(temperature: number): SamplingStep {
  if (!(temperature > 0 && temperature < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError(`A temperature is a finite number above 0, got ${temperature}`, {
      hint: "Use 1 for the model's own distribution, less for safer output, more for more varied output.",
    });
  }
  return (logits) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let token = 0; token < logits.length; token++) if (logits[token]! > largest) largest = logits[token]!;
    for (let token = 0; token < logits.length; token++) {
      // The largest is singled out because an infinity less itself is NaN.
      if (logits[token] === largest) logits[token] = largest === Number.NEGATIVE_INFINITY ? largest : 0;
      else logits[token] = (logits[token]! - largest) / temperature;
    }
  };
}

/**
 * Writes to `weights` the numbers proportional to softmax(logits), and returns their sum; the largest logit has weight 1. Where
 * logits are +Infinity these tokens share everything equally, the limit of the softmax. If all are -Infinity every weight, and the
 * sum, is 0.
 */
export function softmaxWeights(logits: Float32Array, weights: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < logits.length; token++) if (logits[token]! > largest) largest = logits[token]!;
  let sum = 0;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    // Equal to the largest: 1, which the subtraction would turn into NaN for infinities.
    const weight = logit === Number.NEGATIVE_INFINITY ? 0 : logit === largest ? 1 : Math.exp(logit - largest);
    weights[token] = weight;
    sum += weight;
  }
  return sum;
}

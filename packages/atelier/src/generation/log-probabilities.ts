/** How probable a drawn token was under the model's own distribution: before temperature, penalties, masks and filters. */

export interface TokenProbability {
  readonly token: number;
  /** Natural logarithm. */
  readonly logProbability: number;
}

/** log Σ exp(logits), in float64. */
function logSumExp(logits: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < logits.length; token++) if (logits[token]! > largest) largest = logits[token]!;
  let sum = 0;
  for (let token = 0; token < logits.length; token++) sum += Math.exp(logits[token]! - largest);
  return largest + Math.log(sum);
}

/** The token's log-probability, and the `count` most probable tokens, best first (of equals the lowest id). */
export function logProbabilitiesOf(
  logits: Float32Array,
  token: number,
  count: number,
): { readonly logProbability: number; readonly alternatives: readonly TokenProbability[] } {
  const total = logSumExp(logits);
  const best: number[] = [];
  for (let id = 0; id < logits.length && count > 0; id++) {
    if (best.length === count && logits[id]! <= logits[best[count - 1]!]!) continue;
    if (best.length === count) best.pop();
    let place = best.length;
    while (place > 0 && logits[best[place - 1]!]! < logits[id]!) place--;
    best.splice(place, 0, id);
  }
  return {
    logProbability: logits[token]! - total,
    alternatives: best.map((id) => ({ token: id, logProbability: logits[id]! - total })),
  };
}

/**
 * How well scores tell anomalies from the ordinary: the area under the ROC curve, which is the probability that an anomaly scores higher
 * than an ordinary picture (ties count a half). The standard error is DeLong's ("Comparing the areas under two or more correlated
 * receiver operating characteristic curves", 1988), which assumes nothing of how the scores are distributed; computed by midranks, after
 * Sun and Xu ("Fast implementation of DeLong's algorithm", 2014).
 */
import { ArgumentError } from "@atelier/engine";
import type { Interval } from "../bootstrap.js";

export interface Auroc extends Interval {
  readonly standardError: number;
}

/**
 * The interval is the area give or take 1.96 standard errors, cut off at 0 and 1. It has no ends where there is one score of a kind only,
 * or where the scores separate the two entirely: nothing then says how close to overlapping they are.
 * @throws {ArgumentError} for no scores of a kind, or one that is not a number.
 */
export function auroc(anomalies: ArrayLike<number>, ordinary: ArrayLike<number>): Auroc {
  const [m, n] = [anomalies.length, ordinary.length];
  const scores = Float64Array.from([...Array.from(anomalies), ...Array.from(ordinary)]);
  if (m === 0 || n === 0 || scores.some(Number.isNaN)) {
    const problem = m === 0 || n === 0 ? `${m} anomalies and ${n} ordinary ones` : "scores that are not numbers";
    throw new ArgumentError(`The area under a ROC curve was asked for of ${problem}`, {
      hint: "Give at least one score of each, all of them numbers.",
    });
  }
  const together = midranks(scores);
  const [ranksA, ranksO] = [midranks(scores.subarray(0, m)), midranks(scores.subarray(m))];
  // The share of ordinary scores below each anomaly, and of anomalies above each ordinary score.
  const below = Float64Array.from({ length: m }, (_, i) => (together[i]! - ranksA[i]!) / n);
  const above = Float64Array.from({ length: n }, (_, i) => 1 - (together[m + i]! - ranksO[i]!) / m);
  const value = below.reduce((sum, x) => sum + x, 0) / m;
  const rest = { value, level: 0.95, samples: m + n };
  const standardError = Math.sqrt(variance(below) / m + variance(above) / n);
  if (!(standardError > 0)) return { ...rest, standardError, low: undefined, high: undefined };
  const half = 1.959964 * standardError;
  return { ...rest, standardError, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

/** NaN for one value. */
function variance(values: Float64Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
}

/** Ranks from 1; equal values share the mean of theirs. */
function midranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

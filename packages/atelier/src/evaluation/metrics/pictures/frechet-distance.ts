/**
 * The Fréchet distance of two sets of features, each taken for a normal distribution (Heusel et al., "GANs trained by a two time-scale
 * update rule converge to a local Nash equilibrium", 2017, equation 6; Dowson and Landau, 1982):
 *
 *   |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½)
 *
 * It is the FID only where the features are those of the Inception network that paper names. It is biased upwards, the more so the fewer
 * the pictures: figures of different numbers of pictures cannot be compared.
 */
import { ArgumentError } from "@atelier/engine";
import type { Interval } from "../bootstrap.js";
import type { DrawnMoments, Moments } from "./moments.js";
import { choleskyFactor, congruence, symmetricEigenvalues } from "./symmetric-matrix.js";

/**
 * (Σ₁ Σ₂)^½ has the eigenvalues √λ for the λ of Lᵀ Σ₂ L, where Σ₁ = L Lᵀ: a symmetric matrix without negative eigenvalues, which needs
 * neither the square root of a matrix that is not symmetric nor full rank. Of the two the one of lower rank is factored, which leaves
 * no zero eigenvalues whose rounding errors would grow under the root.
 * @throws {ArgumentError} for moments of different widths, or numbers so large that their squares are not finite.
 */
export function frechetDistance(a: Moments, b: Moments): number {
  const size = a.mean.length;
  if (size !== b.mean.length) {
    throw new ArgumentError(`Moments of ${size} features cannot be compared with those of ${b.mean.length}`, {
      hint: "Take both from the same extractor.",
    });
  }
  const [factorA, factorB] = [choleskyFactor(a.covariance, size), choleskyFactor(b.covariance, size)];
  const [factor, other] =
    factorA.columns.length <= factorB.columns.length ? [factorA, b.covariance] : [factorB, a.covariance];
  const eigenvalues = symmetricEigenvalues(congruence(factor, other), factor.columns.length);
  let distance = 0;
  for (let i = 0; i < size; i++) {
    distance += (a.mean[i]! - b.mean[i]!) ** 2 + a.covariance[i * size + i]! + b.covariance[i * size + i]!;
  }
  for (const eigenvalue of eigenvalues) distance -= 2 * Math.sqrt(Math.max(0, eigenvalue));
  return Math.max(0, distance);
}

/**
 * The Fréchet distance of all rows, give or take 1.96 standard deviations of the distances of drawings of both sets (Efron and
 * Tibshirani, "An introduction to the bootstrap", 1993, section 12). Percentiles would be wrong here: a drawing has fewer different rows
 * than its set, so its distance is biased further upwards. The interval says how far the figure would move with other pictures of the
 * same numbers; the bias of these numbers it still has. Where both sets come of one distribution it is rather too wide.
 */
export function frechetInterval(a: DrawnMoments, b: DrawnMoments): Interval {
  const value = frechetDistance(a.moments, b.moments);
  const rest = { value, level: 0.95, samples: b.rows };
  const count = Math.min(a.drawn.length, b.drawn.length);
  if (count < 2) return { ...rest, low: undefined, high: undefined };
  const distances = Float64Array.from({ length: count }, (_, i) => frechetDistance(a.drawn[i]!, b.drawn[i]!));
  const mean = distances.reduce((sum, x) => sum + x, 0) / count;
  const variance = distances.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (count - 1);
  const half = 1.959964 * Math.sqrt(variance);
  return { ...rest, low: Math.max(0, value - half), high: value + half };
}

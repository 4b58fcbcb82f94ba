/** The one denoiser that is known exactly: that of a mixture of isotropic Gaussians. Samplers are judged by it, without a network. */
import { ArgumentError } from "@atelier/engine";
import type { Denoiser } from "./denoiser.js";

export interface GaussianMixture {
  /** One row of D values for each component. */
  readonly means: readonly (readonly number[])[];
  /** In every direction; one for all components, or one for each. 0 for points. */
  readonly standardDeviation: number | readonly number[];
  /** Of the components, positive; they need not add up to 1. All alike by default. */
  readonly weights?: readonly number[] | undefined;
}

/**
 * E[x₀ | x] for rows of D values: the mean over the components of μ + s² / (s² + σ²) (x − μ), weighted by how likely each is at x, whose
 * distribution under a component is N(μ, s² + σ²).
 *
 * @throws {ArgumentError} for a mixture that is none, and when called with values that are no rows of D
 */
export function mixtureDenoiser({ means, standardDeviation, weights = means.map(() => 1) }: GaussianMixture): Denoiser {
  const count = means.length;
  const width = means[0]?.length ?? 0;
  const deviations =
    typeof standardDeviation === "number" ? means.map(() => standardDeviation) : [...standardDeviation];
  if (count === 0 || width === 0) throw new ArgumentError("A mixture has one component or more, of one value or more");
  if (means.some((mean) => mean.length !== width || !mean.every(Number.isFinite))) {
    throw new ArgumentError(`The means of a mixture are all rows of as many numbers; the first has ${width}`);
  }
  if (deviations.length !== count || !deviations.every((s) => s >= 0 && Number.isFinite(s))) {
    throw new ArgumentError(
      `A mixture of ${count} components takes one standard deviation or ${count}, from 0 up, got ${deviations.join(", ")}`,
    );
  }
  if (weights.length !== count || !weights.every((w) => w > 0 && Number.isFinite(w))) {
    throw new ArgumentError(
      `A mixture of ${count} components has ${count} positive weights, got ${weights.join(", ")}`,
    );
  }

  return async (x, sigma) => {
    if (x.length % width !== 0) {
      throw new ArgumentError(`The mixture is of rows of ${width} values, which ${x.length} values are not`);
    }
    const result = new Float64Array(x.length);
    const variances = deviations.map((s) => s * s + sigma * sigma);
    for (let row = 0; row < x.length; row += width) {
      const logs = means.map((mean, k) => {
        const distance = mean.reduce((sum, m, j) => sum + (x[row + j]! - m) ** 2, 0);
        return Math.log(weights[k]!) - (width * Math.log(variances[k]!) + distance / variances[k]!) / 2;
      });
      const largest = Math.max(...logs);
      const shares = logs.map((log) => Math.exp(log - largest));
      const total = shares.reduce((a, b) => a + b);
      for (const [k, mean] of means.entries()) {
        const [share, kept] = [shares[k]! / total, deviations[k]! ** 2 / variances[k]!];
        for (let j = 0; j < width; j++) result[row + j]! += share * (mean[j]! + kept * (x[row + j]! - mean[j]!));
      }
    }
    return result;
  };
}

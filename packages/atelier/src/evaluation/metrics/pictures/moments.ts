/** Means and covariances of features, of all rows and of bootstrap drawings of them. */
import { ArgumentError, type RandomKey } from "@atelier/engine";
import type { FeatureMatrix } from "./feature-matrix.js";

/** Mean and unbiased covariance. */
export interface Moments {
  readonly mean: Float64Array; // (width)
  readonly covariance: Float64Array; // (width, width)
}

/** @throws {ArgumentError} for fewer than two rows. */
export const momentsOf = (features: FeatureMatrix): Moments =>
  weightedMoments(features, meanOf(features), new Uint32Array(features.rows).fill(1));

export interface DrawnMoments {
  readonly moments: Moments;
  /** Of as many rows, drawn again from these with replacement; none of fewer than 3 rows, or rows wider than 256. */
  readonly drawn: readonly Moments[];
  readonly rows: number;
}

/** Enough drawings for a standard error (Efron and Tibshirani, 1993, section 6.4). */
const DRAWINGS = 100;

/** Of wider features nothing is drawn: a hundred covariances and their eigenvalues would take gigabytes and hours. */
const WIDEST = 256;

/**
 * Moments with those of bootstrap drawings. They depend on this one set alone, so they serve every comparison that it is in.
 * @throws {ArgumentError} for fewer than two rows.
 */
export function drawnMoments(features: FeatureMatrix, key: RandomKey, drawings = DRAWINGS): DrawnMoments {
  const { rows } = features;
  const near = meanOf(features);
  const words = new Uint32Array(rows);
  const drawn = Array.from({ length: rows < 3 || features.width > WIDEST ? 0 : drawings }, (_, i) => {
    const counts = new Uint32Array(rows);
    for (const word of key.at(i).bits(words)) counts[Math.floor((word * rows) / 2 ** 32)]!++;
    return weightedMoments(features, near, counts);
  });
  return { moments: momentsOf(features), drawn, rows };
}

function meanOf({ values, rows, width }: FeatureMatrix): Float64Array {
  const mean = new Float64Array(width);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < width; j++, at++) mean[j]! += values[at]! / rows;
  return mean;
}

/** Rows whose products are added in one go over the matrix, which is what takes the time. */
const TOGETHER = 4;

/** Of rows that each occur `counts` times. Sums are taken about a point near the mean, so that nothing cancels. */
function weightedMoments({ values, width }: FeatureMatrix, near: Float64Array, counts: Uint32Array): Moments {
  const count = counts.reduce((sum, x) => sum + x, 0);
  if (count < 2) {
    throw new ArgumentError("One picture has no covariance", {
      hint: "Give two or more; such figures mean little of fewer than some thousand.",
    });
  }
  const sum = new Float64Array(width);
  const products = new Float64Array(width * width); // the lower triangle
  const pending = new Float64Array(TOGETHER * width); // rows times the root of their counts
  let waiting = 0;
  counts.forEach((times, row) => {
    if (times === 0) return;
    const root = Math.sqrt(times);
    for (let j = 0; j < width; j++) {
      const centred = values[row * width + j]! - near[j]!;
      sum[j]! += times * centred;
      pending[waiting * width + j] = root * centred;
    }
    if (++waiting < TOGETHER) return;
    addProducts(products, pending, width);
    waiting = 0;
  });
  addProducts(products, pending.fill(0, waiting * width), width);
  const covariance = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (products[i * width + j]! - (sum[i]! * sum[j]!) / count) / (count - 1);
      covariance[i * width + j] = value;
      covariance[j * width + i] = value;
    }
  }
  return { mean: near.map((x, i) => x + sum[i]! / count), covariance };
}

/** Adds x xᵀ of four rows to the lower triangle. */
function addProducts(products: Float64Array, x: Float64Array, width: number): void {
  const [second, third, fourth] = [width, 2 * width, 3 * width];
  for (let i = 0; i < width; i++) {
    const x0 = x[i]!;
    const x1 = x[second + i]!;
    const x2 = x[third + i]!;
    const x3 = x[fourth + i]!;
    for (let j = 0, at = i * width; j <= i; j++, at++) {
      products[at]! += x0 * x[j]! + x1 * x[second + j]! + x2 * x[third + j]! + x3 * x[fourth + j]!;
    }
  }
}

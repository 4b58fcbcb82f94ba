/**
 * The kernel distance of two sets of features (Bińkowski et al., "Demystifying MMD GANs", 2018, section 4, there of Inception features
 * and called KID): the unbiased estimate of the squared maximum mean discrepancy (Gretton et al. 2012, lemma 6) under the kernel
 * (x · y / width + 1)³. It is 0 on average where both come from one distribution, so a measured value may be below 0.
 */
import { ArgumentError, type RandomKey } from "@atelier/engine";
import type { Interval } from "../bootstrap.js";
import { type FeatureMatrix, takeRows } from "./feature-matrix.js";
import { eachProduct, eachProductWithin } from "./pairs.js";

/** Of all rows, as one block. @throws {ArgumentError} for fewer than two rows, or widths that differ. */
export function kernelDistance(a: FeatureMatrix, b: FeatureMatrix): number {
  if (Math.min(a.rows, b.rows) < 2) {
    throw new ArgumentError(`A kernel distance of ${a.rows} and ${b.rows} pictures was asked for`, {
      hint: "Give at least two of each.",
    });
  }
  let between = 0;
  eachProduct(a, b, (_i, _j, product) => {
    between += kernel(product / a.width);
  });
  return meanWithin(a) + meanWithin(b) - (2 * between) / (a.rows * b.rows);
}

/** The mean of the kernel over all pairs of different rows. */
function meanWithin(a: FeatureMatrix): number {
  let sum = 0;
  eachProductWithin(a, (_i, _j, product) => {
    sum += kernel(product / a.width);
  });
  return (2 * sum) / (a.rows * (a.rows - 1));
}

const kernel = (scaled: number): number => (scaled + 1) * (scaled + 1) * (scaled + 1);

/**
 * One estimate for each of so many blocks: both sets are shuffled and cut into `blocks` parts, which are compared in pairs.
 * @throws {ArgumentError} for fewer than two rows a block, or widths that differ.
 */
export function kernelDistanceBlocks(a: FeatureMatrix, b: FeatureMatrix, blocks: number, key: RandomKey): Float64Array {
  const orders = [a, b].map(({ rows }, side) => key.at(side).permutation(rows));
  const part = (side: number, features: FeatureMatrix, block: number): FeatureMatrix => {
    const size = Math.floor(features.rows / blocks);
    return takeRows(features, orders[side]!.subarray(block * size, (block + 1) * size));
  };
  return Float64Array.from({ length: blocks }, (_, block) => kernelDistance(part(0, a, block), part(1, b, block)));
}

const BLOCKS = 20;
/** The 97.5 % point of Student's t with 19 degrees of freedom. */
const STUDENT = 2.093024;

/**
 * The kernel distance of all rows, give or take 2.09 standard errors of the mean of 20 blocks. That mean is at least as uncertain as the
 * estimate of all rows together, so the interval is rather too wide than too narrow. Without ends for fewer than 40 rows.
 */
export function kernelDistanceInterval(a: FeatureMatrix, b: FeatureMatrix, key: RandomKey): Interval {
  const value = kernelDistance(a, b);
  const rest = { value, level: 0.95, samples: b.rows };
  if (Math.min(a.rows, b.rows) < 2 * BLOCKS) return { ...rest, low: undefined, high: undefined };
  const estimates = kernelDistanceBlocks(a, b, BLOCKS, key);
  const mean = estimates.reduce((sum, x) => sum + x, 0) / BLOCKS;
  const variance = estimates.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (BLOCKS - 1);
  const half = STUDENT * Math.sqrt(variance / BLOCKS);
  return { ...rest, low: value - half, high: value + half };
}

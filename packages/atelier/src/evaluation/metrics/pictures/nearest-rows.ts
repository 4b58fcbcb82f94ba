/**
 * For every row of one matrix the nearest row of another, exactly. Most pairs are ruled out by a bound that costs a sixteenth of a
 * distance: of 16 neighbouring values only the sum is compared (Yi and Faloutsos, "Fast time sequence indexing for arbitrary Lp norms",
 * 2000, theorem 1), since by Cauchy and Schwarz Σ (x − y)² ≥ (Σ x − Σ y)² / 16. Neighbouring pixels are alike, so that little is lost.
 */
import { type FeatureMatrix, requireSameWidth } from "./feature-matrix.js";
import { eachSquaredDistance, squaredNorms } from "./pairs.js";

export interface NearestRows {
  /** One a row: which row of the other matrix is nearest, the first of several. */
  readonly indices: Int32Array;
  /** Its Euclidean distance. */
  readonly distances: Float64Array;
}

const SEGMENT = 16;

/** @throws {ArgumentError} where the widths differ. */
export function nearestRows(queries: FeatureMatrix, among: FeatureMatrix): NearestRows {
  requireSameWidth(queries, among);
  const { width } = queries;
  const indices = new Int32Array(queries.rows).fill(-1);
  const squared = new Float64Array(queries.rows).fill(Number.POSITIVE_INFINITY);
  const [a, b] = [queries.values, among.values];
  // The bound is computed by way of norms: what rounding can add to it must not rule out a pair.
  const [slackA, slackB] = [squaredNorms(queries), squaredNorms(among)].map((norms) => norms.map((x) => 1e-12 * x));
  eachSquaredDistance(segments(queries), segments(among), (i, j, bound) => {
    const best = squared[i]!;
    if (bound - slackA![i]! - slackB![j]! > best) return;
    let sum = 0;
    for (let p = i * width, q = j * width, end = p + width; p < end && sum < best; ) {
      for (const stop = Math.min(p + SEGMENT, end); p < stop; p++, q++) sum += (a[p]! - b[q]!) ** 2;
    }
    // The rows j come in rising order, so that of equally near ones the first is kept.
    if (sum >= best) return;
    squared[i] = sum;
    indices[i] = j;
  });
  return { indices, distances: squared.map(Math.sqrt) };
}

/** The sums of every 16 values (of the last ones fewer), over the root of their number. */
function segments({ values, rows, width }: FeatureMatrix): FeatureMatrix {
  const count = Math.ceil(width / SEGMENT);
  const sums = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < width; k++) sums[row * count + Math.floor(k / SEGMENT)]! += values[row * width + k]!;
    for (let s = 0; s < count; s++) sums[row * count + s]! /= Math.sqrt(Math.min(SEGMENT, width - s * SEGMENT));
  }
  return { values: sums, rows, width: count };
}

/** Principal component analysis of latent vectors: in which directions they differ most, and what share of all that they differ in that is. */
import { momentsOf } from "../../evaluation/metrics/pictures/moments.js";

export interface PrincipalAxes {
  /** (width) */
  readonly mean: Float64Array;
  /** Of length 1 and at right angles, along the greatest variance first; of each the largest number is positive. */
  readonly axes: readonly Float64Array[];
  /** The variance along each axis. */
  readonly variances: readonly number[];
  /** The part of all variance that lies along each axis. */
  readonly shares: readonly number[];
}

/** @param vectors (N, width). @throws {ArgumentError} for fewer than two. */
export function principalAxes(vectors: Float32Array, width: number): PrincipalAxes {
  const { mean, covariance } = momentsOf({ values: vectors, rows: vectors.length / width, width });
  const { values, vectors: axes } = symmetricEigenvectors(covariance, width);
  const order = [...values.keys()].sort((i, j) => values[j]! - values[i]!);
  const total = values.reduce((sum, x) => sum + x, 0);
  return {
    mean,
    axes: order.map((i) => upright(axes[i]!)),
    variances: order.map((i) => values[i]!),
    shares: order.map((i) => (total > 0 ? values[i]! / total : 0)),
  };
}

/** An axis or its opposite: both are as good, and this one is always the same. */
function upright(axis: Float64Array): Float64Array {
  const largest = axis.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
  return largest < 0 ? axis.map((x) => -x) : axis;
}

/** Cyclic sweeps after which rotations have always died out: they do so quadratically. */
const MOST_SWEEPS = 40;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations: each makes one number beside the diagonal 0, until all are
 * (Golub and Van Loan, "Matrix computations", section 8.5).
 *
 * @param matrix (size, size), left as it is
 */
export function symmetricEigenvectors(
  matrix: Float64Array,
  size: number,
): { readonly values: Float64Array; readonly vectors: readonly Float64Array[] } {
  const a = matrix.slice();
  const vectors = Array.from({ length: size }, (_, i) =>
    Float64Array.from({ length: size }, (_, k) => (k === i ? 1 : 0)),
  );
  const scale = a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (let sweep = 0, turned = true; turned && sweep < MOST_SWEEPS; sweep++) {
    turned = false;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const beside = a[p * size + q]!;
        if (Math.abs(beside) <= 1e-15 * scale) continue;
        turned = true;
        // The smaller of the two angles that make a[p, q] 0.
        const ratio = (a[q * size + q]! - a[p * size + p]!) / (2 * beside);
        const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(ratio, 1));
        const cosine = 1 / Math.hypot(tangent, 1);
        const sine = tangent * cosine;
        for (let k = 0; k < size; k++) {
          const [x, y] = [a[k * size + p]!, a[k * size + q]!];
          a[k * size + p] = cosine * x - sine * y;
          a[k * size + q] = sine * x + cosine * y;
        }
        const [vp, vq] = [vectors[p]!, vectors[q]!];
        for (let k = 0; k < size; k++) {
          const [x, y] = [a[p * size + k]!, a[q * size + k]!];
          a[p * size + k] = cosine * x - sine * y;
          a[q * size + k] = sine * x + cosine * y;
          const [u, v] = [vp[k]!, vq[k]!];
          vp[k] = cosine * u - sine * v;
          vq[k] = sine * u + cosine * v;
        }
      }
    }
  }
  return { values: Float64Array.from({ length: size }, (_, i) => a[i * size + i]!), vectors };
}

/**
 * Linear maps along one axis, in which every output reads a few inputs: averages over windows, interpolation. They run as products
 * with a constant matrix: although most of it is zeros, that is several times faster on a CPU than the same by reductions or
 * broadcasts over small inner axes, and its gradient is the product with the transpose (figures in docs/performance.md). Zeros times
 * finite numbers change nothing; a value that is not finite spreads over its axis.
 */
import { hostTensor } from "../dtype.js";
import { constant, type Tensor } from "../graph/tensor.js";

/** The inputs that an output reads, and their weights. */
export type Taps = readonly (readonly [index: number, weight: number])[];

/** A map that repeats itself in blocks is run in blocks of up to this many elements, so that its cost does not grow with the axis. */
const BLOCK = 64;

/** Matrices with more elements than this are not stored in the model; the taps are gathered one by one instead. */
const LARGEST_MATRIX = 1 << 20;

/** Replaces an axis by `length` weighted sums of its elements: y[o] = Σ weight · x[index] over `taps(o)`. */
export function resample(x: Tensor, axis: number, length: number, taps: (output: number) => Taps): Tensor {
  const rows = Array.from({ length }, (_, o) => taps(o));
  const width = x.shape[axis]!;
  const lead = x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const trail = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const shape = [...x.shape.slice(0, axis), length, ...x.shape.slice(axis + 1)];
  const blocks = blocksOf(rows, width);
  const [n, m] = [width / blocks, length / blocks];
  if (n * m > LARGEST_MATRIX) return gathered(x, axis, rows);
  const weights = new Float32Array(n * m);
  // Where the axis is the last one, elements lie in rows and the matrix stands at their right, (n, m); else at their left, (m, n).
  for (let o = 0; o < m; o++)
    for (const [i, weight] of rows[o]!) weights[trail === 1 ? i * m + o : o * n + i]! += weight;
  if (trail === 1) {
    const matrix = constant(hostTensor(weights, [n, m]));
    return x
      .reshape([lead * blocks, n])
      .matmul(matrix)
      .reshape(shape);
  }
  const matrix = constant(hostTensor(weights, [m, n]));
  return matrix.matmul(x.reshape([lead * blocks, n, trail])).reshape(shape);
}

/** Into how many equal blocks, each like the first, the map falls: the fewest of at most BLOCK elements, or else 1. */
function blocksOf(rows: readonly Taps[], width: number): number {
  for (let blocks = 2; blocks <= Math.min(rows.length, width); blocks++) {
    const [n, m] = [width / blocks, rows.length / blocks];
    if (!Number.isInteger(n) || !Number.isInteger(m) || Math.max(n, m) > BLOCK) continue;
    const repeats = rows.every((taps, o) => {
      const first = rows[o % m]!;
      const shift = Math.floor(o / m) * n;
      return (
        taps.length === first.length &&
        taps.every(([i, weight], t) => first[t]![0] < n && i === first[t]![0] + shift && weight === first[t]![1])
      );
    });
    if (repeats) return blocks;
  }
  return 1;
}

/** The same for axes too long for a matrix. */
function gathered(x: Tensor, axis: number, rows: readonly Taps[]): Tensor {
  const most = Math.max(...rows.map((taps) => taps.length));
  return Array.from({ length: most }, (_, t) => {
    const indices = constant(Int32Array.from(rows, (taps) => taps[t]?.[0] ?? 0));
    const weights = Float32Array.from(rows, (taps) => taps[t]?.[1] ?? 0);
    const column = x.shape.map((_, i) => (i === axis ? rows.length : 1));
    return x.gather(indices, axis).mul(constant(hostTensor(weights, column)));
  }).reduce((a, b) => a.add(b));
}

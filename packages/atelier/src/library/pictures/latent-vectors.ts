/** Geometry of latent vectors: ways between two of them, and the axes along which many of them differ most. No model is asked here. */

/**
 * A way between two vectors along the great circle, turning evenly while the length goes evenly from the one to the other (White, "Sampling
 * generative networks", 2016, section 2.1). Vectors drawn from a normal distribution all lie near one sphere; a straight line between two of
 * them passes nearer to the middle than any vector that a decoder has seen. Vectors in one line, or of no length, go straight.
 *
 * @param t from 0 (the first) to 1 (the second), exact at both
 */
export function spherical(a: Float32Array, b: Float32Array, t: number): Float32Array {
  const [lengthA, lengthB] = [norm(a), norm(b)];
  const cosine = a.reduce((sum, x, i) => sum + x * b[i]!, 0) / (lengthA * lengthB);
  const angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
  const sine = Math.sin(angle);
  if (t === 0 || t === 1 || !(sine > 1e-6)) return straight(a, b, t);
  const length = (1 - t) * lengthA + t * lengthB;
  const [ofA, ofB] = [
    (length * Math.sin((1 - t) * angle)) / (sine * lengthA),
    (length * Math.sin(t * angle)) / (sine * lengthB),
  ];
  return a.map((x, i) => ofA * x + ofB * b[i]!);
}

/** (1 − t) a + t b */
export const straight = (a: Float32Array, b: Float32Array, t: number): Float32Array =>
  a.map((x, i) => (1 - t) * x + t * b[i]!);

const norm = (vector: Float32Array): number => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));

/** One row of a matrix of vectors. */
export const rowOf = (vectors: Float32Array, width: number, row: number): Float32Array =>
  vectors.subarray(row * width, (row + 1) * width);

/** `count` numbers from `low` to `high`, evenly spaced, both included. */
export const evenly = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (count === 1 ? low : low + ((high - low) * i) / (count - 1)));

/** Vectors one after another, as a decoder takes them. */
export function joined(vectors: readonly ArrayLike<number>[]): Float32Array {
  const width = vectors[0]?.length ?? 0;
  const all = new Float32Array(vectors.length * width);
  vectors.forEach((vector, i) => {
    all.set(vector, i * width);
  });
  return all;
}

/** The mean of the rows at `rows`, in float64. */
export function meanVector(vectors: Float32Array, width: number, rows: ArrayLike<number>): Float64Array {
  const mean = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * width;
    for (let k = 0; k < width; k++) mean[k]! += vectors[from + k]! / rows.length;
  }
  return mean;
}

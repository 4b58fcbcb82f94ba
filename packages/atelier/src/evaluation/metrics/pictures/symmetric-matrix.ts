/**
 * What the Fréchet distance needs of linear algebra, in float64: a Cholesky factor that may be of less than full rank, and the
 * eigenvalues of a symmetric matrix. Matrices are square and lie row after row.
 */
import { ArgumentError } from "@atelier/engine";

/** `columns` (rank, size): A = Σ c cᵀ over these, each of length `size`. */
export interface CholeskyFactor {
  readonly columns: readonly Float64Array[];
  readonly size: number;
}

/**
 * The Cholesky factor of a positive semi-definite matrix with diagonal pivoting (Higham, "Analysis of the Cholesky decomposition of a
 * semi-definite matrix", 1990): it ends where what is left is rounding, so that fewer samples than dimensions are no trouble.
 */
export function choleskyFactor(matrix: Float64Array, size: number): CholeskyFactor {
  const left = Float64Array.from({ length: size }, (_, i) => matrix[i * size + i]!); // the diagonal of what is left
  const tolerance = size * Number.EPSILON * left.reduce((most, x) => Math.max(most, x), 0);
  const columns: Float64Array[] = [];
  while (columns.length < size) {
    let pivot = 0;
    for (let i = 1; i < size; i++) if (left[i]! > left[pivot]!) pivot = i;
    if (!(left[pivot]! > tolerance)) break;
    const column = matrix.slice(pivot * size, (pivot + 1) * size);
    for (const before of columns) {
      const factor = before[pivot]!;
      for (let i = 0; i < size; i++) column[i]! -= factor * before[i]!;
    }
    const root = Math.sqrt(left[pivot]!);
    for (let i = 0; i < size; i++) {
      // Of rows that were pivots nothing is left, but for rounding.
      column[i] = left[i] === Number.NEGATIVE_INFINITY ? 0 : column[i]! / root;
      left[i]! -= column[i]! * column[i]!;
    }
    column[pivot] = root;
    left[pivot] = Number.NEGATIVE_INFINITY;
    columns.push(column);
  }
  return { columns, size };
}

/** Lᵀ A L for the factor L: (rank, rank). */
export function congruence({ columns, size }: CholeskyFactor, matrix: Float64Array): Float64Array {
  const rank = columns.length;
  const result = new Float64Array(rank * rank);
  const product = new Float64Array(size);
  for (let i = 0; i < rank; i++) {
    product.fill(0); // A times column i, as a sum of rows, since A is symmetric
    for (let k = 0; k < size; k++) {
      const factor = columns[i]![k]!;
      if (factor === 0) continue;
      for (let j = 0, at = k * size; j < size; j++, at++) product[j]! += factor * matrix[at]!;
    }
    for (let j = 0; j <= i; j++) {
      const other = columns[j]!;
      let sum = 0;
      for (let k = 0; k < size; k++) sum += other[k]! * product[k]!;
      result[i * rank + j] = sum;
      result[j * rank + i] = sum;
    }
  }
  return result;
}

/**
 * The eigenvalues of a symmetric matrix, in no order: Householder reflections to a tridiagonal one, then the implicit QL method (Golub
 * and Van Loan, "Matrix computations", sections 8.3.1 and 8.3.3).
 * @throws {ArgumentError} for numbers that are not finite.
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  if (!matrix.every(Number.isFinite)) {
    throw new ArgumentError("The eigenvalues of a matrix with numbers that are not finite were asked for", {
      hint: "Features of that size overflow when they are squared: scale them down.",
    });
  }
  const { diagonal, beside } = tridiagonal(matrix.slice(), size);
  return implicitQl(diagonal, beside);
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** `beside[i]` couples i and i + 1; the last is 0. */
  readonly beside: Float64Array;
}

/** Overwrites `a`. */
function tridiagonal(a: Float64Array, size: number): Tridiagonal {
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  const v = new Float64Array(size);
  const w = new Float64Array(size);
  for (let k = 0; k < size - 1; k++) {
    diagonal[k] = a[k * size + k]!;
    // The reflection I − β v vᵀ that leaves of row k beyond the diagonal only its first number.
    let square = 0;
    for (let i = k + 1; i < size; i++) {
      v[i] = a[k * size + i]!;
      square += v[i]! * v[i]!;
    }
    const norm = v[k + 1]! > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    beside[k] = norm;
    const beta = 1 / (square - v[k + 1]! * norm);
    if (!Number.isFinite(beta)) continue; // nothing to reflect
    v[k + 1]! -= norm;
    // A ← A − v wᵀ − w vᵀ, where p = β A v and w = p − (β pᵀv / 2) v.
    let along = 0;
    for (let i = k + 1; i < size; i++) {
      let sum = 0;
      for (let j = k + 1, at = i * size + k + 1; j < size; j++, at++) sum += a[at]! * v[j]!;
      w[i] = beta * sum;
      along += w[i]! * v[i]!;
    }
    for (let i = k + 1; i < size; i++) w[i]! -= (beta * along * v[i]!) / 2;
    for (let i = k + 1; i < size; i++) {
      const [vi, wi] = [v[i]!, w[i]!];
      for (let j = k + 1, at = i * size + k + 1; j < size; j++, at++) a[at]! -= vi * w[j]! + wi * v[j]!;
    }
  }
  if (size > 0) diagonal[size - 1] = a[size * size - 1]!;
  return { diagonal, beside };
}

/** More sweeps than any matrix was seen to need for one eigenvalue. */
const MOST_SWEEPS = 60;

function implicitQl(d: Float64Array, e: Float64Array): Float64Array {
  const size = d.length;
  for (let l = 0; l < size; l++) {
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      let m = l;
      while (m < size - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++;
      if (m === l) break;
      // Wilkinson's shift, then rotations that chase the bulge from m up to l.
      const ratio = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      const length = Math.sqrt(ratio * ratio + 1);
      let g = d[m]! - d[l]! + e[l]! / (ratio + (ratio < 0 ? -length : length));
      let [sine, cosine, moved] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = sine * e[i]!;
        const b = cosine * e[i]!;
        const r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) break;
        sine = f / r;
        cosine = g / r;
        const shifted = d[i + 1]! - moved;
        const turned = (d[i]! - shifted) * sine + 2 * cosine * b;
        moved = sine * turned;
        d[i + 1] = shifted + moved;
        g = cosine * turned - b;
      }
      if (i >= l)
        d[i + 1]! -= moved; // an underflow split the matrix: go on with its parts
      else {
        d[l]! -= moved;
        e[l] = g;
      }
      e[m] = 0;
    }
  }
  return d;
}

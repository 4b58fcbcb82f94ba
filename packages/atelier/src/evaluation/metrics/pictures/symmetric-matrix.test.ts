/** Factors and eigenvalues against matrices whose own are known in closed form. */
import { ArgumentError, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { choleskyFactor, congruence, symmetricEigenvalues } from "./symmetric-matrix.js";

const key = RandomKey.fromSeed(3);
const square = (size: number, of: (i: number, j: number) => number): Float64Array =>
  Float64Array.from({ length: size * size }, (_, at) => of(Math.floor(at / size), at % size));
const sorted = (matrix: Float64Array, size: number): number[] => [...symmetricEigenvalues(matrix, size).sort()];

describe("symmetricEigenvalues", () => {
  it.each([1, 2, 3, 40])("finds those of min(i, j), size %i", (size) => {
    // The inverse of the second difference with one free end (Gregory and Karney, 1969, example 4.10).
    const matrix = square(size, (i, j) => Math.min(i, j) + 1);
    const expected = Array.from(
      { length: size },
      (_, k) => 1 / (2 - 2 * Math.cos(((2 * k + 1) * Math.PI) / (2 * size + 1))),
    ).sort((a, b) => a - b);
    sorted(matrix, size).forEach((value, i) => {
      expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(1e-11);
    });
  });

  it("finds those of a reflected diagonal, some of them equal, negative or 0", () => {
    const values = [-3, 0, 0, 0, 1e-6, 2, 2, 2, 1000];
    const size = values.length;
    const v = key.normal(new Float32Array(size));
    const norm = v.reduce((sum, x) => sum + x * x, 0);
    const reflect = (i: number, j: number): number => Number(i === j) - (2 * v[i]! * v[j]!) / norm;
    const matrix = square(size, (i, j) => values.reduce((sum, x, k) => sum + reflect(i, k) * x * reflect(k, j), 0));
    sorted(matrix, size).forEach((value, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThan(1e-12 * 1000);
    });
  });

  it("takes matrices that are diagonal, zero or empty, and refuses what is not finite", () => {
    expect(
      sorted(
        square(3, (i, j) => (i === j ? 3 - i : 0)),
        3,
      ),
    ).toEqual([1, 2, 3]);
    expect(sorted(new Float64Array(16), 4)).toEqual([0, 0, 0, 0]);
    expect(sorted(new Float64Array(0), 0)).toEqual([]);
    expect(() => symmetricEigenvalues(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2)).toThrow(ArgumentError);
  });
});

describe("choleskyFactor", () => {
  it("gives back a matrix of any rank, in as many columns", () => {
    const [size, rank] = [12, 5];
    const x = key.split("x").normal(new Float32Array(size * rank));
    const matrix = square(size, (i, j) => {
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += x[i * rank + k]! * x[j * rank + k]!;
      return sum;
    });
    const { columns } = choleskyFactor(matrix, size);
    expect(columns.length).toBe(rank);
    matrix.forEach((value, at) => {
      const [i, j] = [Math.floor(at / size), at % size];
      expect(columns.reduce((sum, column) => sum + column[i]! * column[j]!, 0)).toBeCloseTo(value, 12);
    });
    expect(choleskyFactor(new Float64Array(9), 3).columns).toEqual([]);
  });

  it("finds the factor of a published matrix", () => {
    // 4, 12, −16; 12, 37, −43; −16, −43, 98 is L Lᵀ for L = 2; 6, 1; −8, 5, 3: its determinant is (2 · 1 · 3)² = 36.
    const matrix = Float64Array.of(4, 12, -16, 12, 37, -43, -16, -43, 98);
    const factor = choleskyFactor(matrix, 3);
    const identity = square(3, (i, j) => Number(i === j));
    const determinant = sorted(congruence(factor, identity), 3).reduce((product, x) => product * x, 1);
    expect(determinant).toBeCloseTo(36, 9);
    expect(factor.columns[0]![2]).toBeCloseTo(Math.sqrt(98), 12); // the largest diagonal first
  });
});

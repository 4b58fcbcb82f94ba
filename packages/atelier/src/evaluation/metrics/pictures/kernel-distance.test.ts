/** Kernel distances against sums done by hand, brute force and the closed form of normal distributions. */
import { ArgumentError, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { featureMatrix, featureMatrixOf } from "./feature-matrix.js";
import { kernelDistance, kernelDistanceBlocks, kernelDistanceInterval } from "./kernel-distance.js";

const key = RandomKey.fromSeed(7);
const normal = (rows: number, width: number, name: string, mean = 0) =>
  featureMatrix(key.split(name).normal(new Float32Array(rows * width), mean), width);

describe("kernelDistance", () => {
  it("is what the sums by hand give", () => {
    // One column: k(x, y) = (xy + 1)³. Within 1, 2: 27; within 0, −1: 1; between: 1, 0, 1, −1, mean 1/4.
    expect(kernelDistance(featureMatrixOf([[1], [2]]), featureMatrixOf([[0], [-1]]))).toBe(27 + 1 - 2 / 4);
    expect(() => kernelDistance(featureMatrixOf([[1]]), featureMatrixOf([[0], [-1]]))).toThrow(ArgumentError);
    expect(() => kernelDistance(featureMatrixOf([[1], [2]]), featureMatrixOf([[0, 1]]))).toThrow(ArgumentError);
  });

  it("is the closed form's on average", () => {
    // x standard normal, y with mean 1, one column: E k(x, x') = 1 + 3 E(xx')² = 4; E k(y, y') = 1 + 3 + 3·4 + 16 = 32,
    // E k(x, y) = 1 + 3·1·2 = 7. MMD² = 4 + 32 − 14 = 22.
    const [a, b] = [normal(1500, 1, "a"), normal(1500, 1, "b", 1)];
    const { value, low, high } = kernelDistanceInterval(a, b, key);
    expect(value).toBe(kernelDistance(a, b));
    expect(low!).toBeLessThan(22);
    expect(high!).toBeGreaterThan(22);
    expect(high! - low!).toBeLessThan(15);
  });
});

describe("kernelDistanceInterval", () => {
  it("holds 0 for one distribution about as often as it says, and has no ends for few rows", () => {
    const trials = 60;
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = kernelDistanceInterval(
        normal(80, 3, `x${trial}`),
        normal(60, 3, `y${trial}`),
        key.at(trial),
      );
      if (low! <= 0 && 0 <= high!) held++;
    }
    expect(held).toBeGreaterThanOrEqual(54); // of 57 to be expected at least
    expect(kernelDistanceInterval(normal(39, 2, "few"), normal(50, 2, "many"), key).low).toBe(undefined);
  });

  it("takes every row once in blocks", () => {
    // Within one block all rows of a set are the same number, so that an estimate says which rows it has.
    const rows = Array.from({ length: 8 }, (_, i) => [i]);
    const zeros = featureMatrixOf(Array.from({ length: 8 }, () => [0]));
    const blocks = kernelDistanceBlocks(featureMatrixOf(rows), zeros, 4, key);
    // Of rows i and j against zeros: (ij + 1)³ + 1 − 2, so that ij follows.
    const products = [...blocks].map((estimate) => Math.round(Math.cbrt(estimate + 1) - 1));
    expect(products.length).toBe(4);
    expect(products.filter((product) => product === 0).length).toBe(1); // only one block has row 0
    const others = products.filter((product) => product !== 0).reduce((all, product) => all * product, 1);
    expect(5040 % others).toBe(0); // 7!, less the row beside row 0
    expect(5040 / others).toBeLessThanOrEqual(7);
  });
});

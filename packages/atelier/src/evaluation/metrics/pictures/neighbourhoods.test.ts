/** Precision, recall, density and coverage: by hand on a line, and by brute force over more rows than a block has. */
import { ArgumentError, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { coverage, density, densityInterval } from "./density-coverage.js";
import { featureMatrix, featureMatrixOf } from "./feature-matrix.js";
import { neighbourhoodsOf, overlapOf } from "./neighbourhoods.js";
import { precision, recall } from "./precision-recall.js";

const key = RandomKey.fromSeed(1);
const line = (...places: number[]) => featureMatrixOf(places.map((place) => [place]));

describe("neighbourhoodsOf", () => {
  it("has the k-th smallest distance to others, copies among them", () => {
    expect([...neighbourhoodsOf(line(0, 1, 3, 7), 1).squaredRadii]).toEqual([1, 1, 4, 16]);
    expect([...neighbourhoodsOf(line(0, 1, 3, 7), 3).squaredRadii]).toEqual([49, 36, 16, 49]);
    expect([...neighbourhoodsOf(line(0.1, 5, 0.1, 0.1), 2).squaredRadii]).toEqual(
      [0, 4.9 ** 2, 0, 0].map((x) => expect.closeTo(x, 12)),
    );
  });

  it("refuses more neighbours than there are", () => {
    for (const k of [0, 4, 1.5]) expect(() => neighbourhoodsOf(line(0, 1, 3, 7), k)).toThrow(ArgumentError);
    const [one, two] = [neighbourhoodsOf(line(0, 1, 3), 1), neighbourhoodsOf(line(0, 1, 3), 2)];
    expect(() => overlapOf(one, two)).toThrow(ArgumentError);
    expect(() =>
      overlapOf(
        one,
        neighbourhoodsOf(
          featureMatrixOf([
            [1, 2],
            [3, 4],
          ]),
          1,
        ),
      ),
    ).toThrow(ArgumentError);
  });
});

describe("overlapOf", () => {
  it("is what a drawing of the balls shows", () => {
    // Real balls: 0 ± 1, 1 ± 1, 3 ± 2, 9 ± 6. Generated balls: 0.5 ± 1, 1.5 ± 1, 20 ± 18.5.
    const overlap = overlapOf(neighbourhoodsOf(line(0, 1, 3, 9), 1), neighbourhoodsOf(line(0.5, 1.5, 20), 1));
    expect([...overlap.realBalls]).toEqual([2, 2, 0]); // 1.5 is in 1 ± 1 and 3 ± 2
    expect([...overlap.generatedBalls]).toEqual([1, 2, 1, 1]);
    expect([...overlap.inhabitants]).toEqual([1, 2, 1, 0]);
    expect(precision(overlap).value).toBeCloseTo(2 / 3, 12);
    expect(recall(overlap).value).toBe(1);
    expect(density(overlap)).toBeCloseTo(4 / 3, 12);
    expect(densityInterval(overlap, key).value).toBeCloseTo(4 / 3, 12);
    expect(coverage(overlap).value).toBe(3 / 4);
  });

  it("leaves the edge of a ball outside", () => {
    const overlap = overlapOf(neighbourhoodsOf(line(0, 2), 1), neighbourhoodsOf(line(-2, 4), 1));
    expect([...overlap.realBalls]).toEqual([0, 0]);
    expect([...overlap.inhabitants]).toEqual([0, 0]);
  });

  it("agrees with brute force", () => {
    const [n, m, width, k] = [150, 201, 5, 4];
    const real = key.split("real").normal(new Float32Array(n * width));
    const made = key.split("made").normal(new Float32Array(m * width), 0.3, 0.8);
    const distance = (a: Float32Array, i: number, b: Float32Array, j: number): number => {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += (a[i * width + c]! - b[j * width + c]!) ** 2;
      return Math.sqrt(sum);
    };
    const radii = (set: Float32Array, rows: number): number[] =>
      Array.from(
        { length: rows },
        (_, i) => Array.from({ length: rows }, (_, j) => distance(set, i, set, j)).sort((a, b) => a - b)[k]!,
      );
    const [ofReal, ofMade] = [radii(real, n), radii(made, m)];
    const indices = (rows: number): number[] => Array.from({ length: rows }, (_, i) => i);
    const count = (rows: number, holds: (i: number) => boolean): number => indices(rows).filter(holds).length;
    const overlap = overlapOf(
      neighbourhoodsOf(featureMatrix(real, width), k),
      neighbourhoodsOf(featureMatrix(made, width), k),
    );
    const inReal = (i: number, j: number): boolean => distance(real, i, made, j) < ofReal[i]!;
    expect([...overlap.realBalls]).toEqual(indices(m).map((j) => count(n, (i) => inReal(i, j))));
    expect([...overlap.inhabitants]).toEqual(indices(n).map((i) => count(m, (j) => inReal(i, j))));
    expect([...overlap.generatedBalls]).toEqual(
      indices(n).map((i) => count(m, (j) => distance(real, i, made, j) < ofMade[j]!)),
    );
  });
});

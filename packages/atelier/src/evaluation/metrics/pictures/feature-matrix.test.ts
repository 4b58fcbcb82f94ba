import { ArgumentError, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { drawRows, featureMatrix, featureMatrixOf, takeRows } from "./feature-matrix.js";

describe("featureMatrix", () => {
  it("refuses ragged rows, none, and numbers that are not finite, and says where", () => {
    expect(() => featureMatrixOf([[1, 2], [3]], "real features")).toThrow(
      "Row 1 of the real features has 1 numbers, and row 0 has 2",
    );
    for (const rows of [[], [[]]]) expect(() => featureMatrixOf(rows)).toThrow(ArgumentError);
    expect(() => featureMatrix(new Float32Array(7), 2)).toThrow("7 numbers, which are no rows of 2");
    expect(() => featureMatrix(Float32Array.of(1, 2, 3, Number.NaN), 2)).toThrow("have NaN in row 1, column 1");
    expect(() => featureMatrixOf([[Number.POSITIVE_INFINITY]])).toThrow("have Infinity in row 0, column 0");
  });
});

describe("drawRows", () => {
  it("draws different rows", () => {
    const matrix = featureMatrix(
      Uint8Array.from({ length: 40 }, (_, i) => i),
      2,
    );
    const { values, rows } = drawRows(matrix, 12, RandomKey.fromSeed(0));
    expect(rows).toBe(12);
    const firsts = Array.from({ length: rows }, (_, i) => values[2 * i]!);
    firsts.forEach((first, i) => {
      expect([first % 2, values[2 * i + 1]]).toEqual([0, first + 1]);
    });
    expect(new Set(firsts).size).toBe(12);
    expect(drawRows(matrix, 20, RandomKey.fromSeed(0))).toBe(matrix);
    expect([...takeRows(matrix, Uint32Array.of(3, 0)).values]).toEqual([6, 7, 0, 1]);
  });
});

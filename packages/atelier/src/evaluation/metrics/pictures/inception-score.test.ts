/** Inception Scores whose values are known: 1 where all rows are alike, the number of classes where they are certain and even. */
import { ArgumentError } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { featureMatrixOf } from "./feature-matrix.js";
import { inceptionScore } from "./inception-score.js";

const certain = (classes: readonly number[], of = 4) =>
  featureMatrixOf(classes.map((at) => Array.from({ length: of }, (_, i) => Number(i === at))));

describe("inceptionScore", () => {
  it("is the number of classes, of certain rows of all of them", () => {
    expect(inceptionScore(certain([0, 1, 2, 3, 3, 2, 1, 0])).score).toBeCloseTo(4, 12);
    expect(inceptionScore(certain([2, 2, 2])).score).toBeCloseTo(1, 12);
    expect(
      inceptionScore(
        featureMatrixOf([
          [0.1, 0.9],
          [0.1, 0.9],
        ]),
      ).score,
    ).toBeCloseTo(1, 12);
  });

  it("is exp of the mean divergence by hand", () => {
    // Rows (¾, ¼) and (¼, ¾), marginal (½, ½): KL = ¾ log 1.5 + ¼ log 0.5 each.
    const expected = 1.5 ** 0.75 * 0.5 ** 0.25;
    expect(
      inceptionScore(
        featureMatrixOf([
          [0.75, 0.25],
          [0.25, 0.75],
        ]),
      ).score,
    ).toBeCloseTo(expected, 12);
  });

  it("is the mean over splits, which lie one after another", () => {
    // Of five rows in two splits the first has two: classes {0, 1}, then {2, 2, 2}.
    const { score, standardDeviation } = inceptionScore(certain([0, 1, 2, 2, 2]), 2);
    expect(score).toBeCloseTo(1.5, 12);
    expect(standardDeviation).toBeCloseTo(0.5, 12);
  });

  it("refuses what are no probabilities, and too many splits", () => {
    expect(() => inceptionScore(featureMatrixOf([[0.5, 0.4]]))).toThrow("Row 0 of the probabilities adds up to 0.9");
    expect(() =>
      inceptionScore(
        featureMatrixOf([
          [0, 1],
          [1.5, -0.5],
        ]),
      ),
    ).toThrow("Row 1 of the probabilities has a");
    for (const splits of [0, 3, 1.5]) expect(() => inceptionScore(certain([0, 1]), splits)).toThrow(ArgumentError);
  });
});

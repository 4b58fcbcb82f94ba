/** Shares of classes, counted by hand. */
import { ArgumentError } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { classCounts, classShareMeasure, shareDeviation } from "./class-shares.js";
import { featureMatrixOf } from "./feature-matrix.js";

it("a picture counts for the class that it is most probably of, the first of equal ones", () => {
  const rows = [
    [0.2, 0.5, 0.3],
    [0.6, 0.3, 0.1],
    [0.1, 0.45, 0.45],
    [0, 0, 1],
    [0.3, 0.4, 0.3],
  ];
  expect(classCounts(featureMatrixOf(rows))).toEqual([1, 3, 1]);
});

describe("the largest deviation", () => {
  it("is a part of the class's share, whatever the numbers of pictures", () => {
    // Shares of 10, 35 and 55 % where 25, 25 and 50 % are right: 60 % too few, 40 % and 10 % too many.
    const found = shareDeviation([10, 35, 55], [50, 50, 100]);
    expect(found.value).toBeCloseTo(0.6, 12);
    expect(found).toMatchObject({ at: 0, within: 2, of: 3 });
    expect(shareDeviation([1, 1, 2], [50, 50, 100])).toMatchObject({ value: 0, within: 3 });
  });

  it("is 1 where a class is missing, and counts half of a share as there", () => {
    expect(shareDeviation([0, 100], [10, 10])).toMatchObject({ value: 1, within: 0 });
    expect(shareDeviation([25, 75], [10, 10])).toMatchObject({ value: 0.5, within: 2 });
  });

  it("leaves out classes of which there are no real pictures", () => {
    expect(shareDeviation([5, 5, 90], [50, 50, 0])).toMatchObject({ at: 0, of: 2 });
  });

  it("is refused of other classes, and of nothing", () => {
    expect(() => shareDeviation([1, 2], [1, 2, 3])).toThrow(ArgumentError);
    expect(() => shareDeviation([0, 0], [1, 2])).toThrow("got 0 in 2 and 3 in 2");
  });
});

it("as a measure names the class, and has held-out and trivial pictures beside it", () => {
  const measure = classShareMeasure({
    names: ["boots", "bags"],
    drawn: [80, 20],
    real: [500, 500],
    heldOut: [45, 55],
    trivial: { name: "trivial", counts: [100, 0] },
    extractor: "a classifier",
  });
  expect(measure).toMatchObject({ unit: "share", samples: 100, better: "lower" });
  expect(measure.value).toBeCloseTo(0.6, 12);
  expect(measure.floor!.value).toBeCloseTo(0.1, 12);
  expect(measure.baseline).toMatchObject({ name: "trivial", value: 1 });
  expect(measure.protocol).toContain("that of boots, 80.0 % of the samples and 50.0 % of training pictures");
  expect(measure.protocol).toContain("0 of 2 classes are within half of their share");
});

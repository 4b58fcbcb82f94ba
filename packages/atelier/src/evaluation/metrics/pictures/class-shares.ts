/**
 * How often each class comes up among pictures, by what a classifier sees in them: the plainest sign of a model that has lost a part of
 * what it learnt from. Compared are counts by one classifier on both sides, so that what it takes for something else it does in both.
 */
import { ArgumentError } from "@atelier/engine";
import type { Measure } from "../measure.js";
import type { FeatureMatrix } from "./feature-matrix.js";

/** How many pictures a classifier puts in each of its classes. */
export interface ClassCounts {
  readonly names: readonly string[];
  readonly drawn: readonly number[];
  /** Of real ones. */
  readonly real: readonly number[];
}

/** Of each row the class that it is most probably of, the first of equal ones. @param probabilities (pictures, classes) */
export const likeliestClasses = ({ values, rows, width }: FeatureMatrix): number[] =>
  Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let i = 1; i < width; i++) if (values[row * width + i]! > values[row * width + best]!) best = i;
    return best;
  });

/** In each class, the rows that are most probably of it. @param probabilities (pictures, classes) */
export function classCounts(probabilities: FeatureMatrix): number[] {
  const counts = new Array<number>(probabilities.width).fill(0);
  for (const best of likeliestClasses(probabilities)) counts[best]!++;
  return counts;
}

export interface ShareDeviation {
  /** The largest |share − real share| / real share. */
  readonly value: number;
  /** The place of its class. */
  readonly at: number;
  /** Classes whose share is off by no more than half of it, of those that there are. */
  readonly within: number;
  readonly of: number;
}

/** How far a class may be from its share, as a part of it, to count as there. */
const HALF = 0.5;

/**
 * Classes that none of the real pictures is in are let by.
 * @throws {ArgumentError} for counts of different classes, or of nothing
 */
export function shareDeviation(drawn: readonly number[], real: readonly number[]): ShareDeviation {
  const [made, given] = [drawn, real].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [
    number,
    number,
  ];
  if (drawn.length !== real.length || made === 0 || given === 0) {
    throw new ArgumentError(
      `Shares of classes are compared between pictures in the same ones, got ${made} in ${drawn.length} and ${given} in ${real.length}`,
    );
  }
  const present = real.flatMap((count, at) => (count === 0 ? [] : [at]));
  const deviations = present.map((at) => Math.abs((drawn[at]! / made) * (given / real[at]!) - 1));
  const value = Math.max(...deviations);
  return {
    value,
    at: present[deviations.indexOf(value)]!,
    within: deviations.filter((deviation) => deviation <= HALF).length,
    of: present.length,
  };
}

export interface ClassShareRequest {
  readonly names: readonly string[];
  readonly drawn: readonly number[];
  readonly real: readonly number[];
  readonly heldOut: readonly number[];
  /** A trivial model's pictures. */
  readonly trivial: { readonly name: string; readonly counts: readonly number[] };
  /** The classifier, in words. */
  readonly extractor: string;
}

/** A maximum, and so without an interval. */
export function classShareMeasure({ names, drawn, real, heldOut, trivial, extractor }: ClassShareRequest): Measure {
  const { value, at, within, of } = shareDeviation(drawn, real);
  const [made, given] = [drawn, real].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [
    number,
    number,
  ];
  const percent = (count: number, total: number): string => `${((100 * count) / total).toFixed(1)} %`;
  return {
    name: CLASS_SHARE_DEVIATION,
    value,
    unit: "share",
    samples: made,
    protocol:
      `the largest difference between a class's share of the samples and its share of ${given} training pictures, as a part of the latter, ` +
      `by ${extractor}: that of ${names[at]}, ${percent(drawn[at]!, made)} of the samples and ${percent(real[at]!, given)} of training ` +
      `pictures; ${within} of ${of} classes are within half of their share`,
    better: "lower",
    floor: { value: shareDeviation(heldOut, real).value },
    baseline: { name: trivial.name, value: shareDeviation(trivial.counts, real).value },
  };
}

export const CLASS_SHARE_DEVIATION = "largest deviation of a class share";

/**
 * One measured figure, in the one shape that evidence, model cards, tables, goals and comparisons share: what was measured, with its
 * interval, on how many samples, by which protocol, and what the same measurement gave for something else.
 */
import { z } from "zod";
import type { Interval } from "./bootstrap.js";

const finite = z.number();
const ends = {
  /** 95 % interval; left out where there is none, as for one sample, or a maximum. */
  low: finite.optional(),
  high: finite.optional(),
};

export const measureSchema = z.object({
  /** What people and goals call it: `bits per byte`. One name always means one definition. */
  name: z.string().min(1),
  value: finite,
  /** `share` is a part of 1, and is shown in per cent. */
  unit: z.string().optional(),
  ...ends,
  /** How many windows, samples or tasks the value is of. */
  samples: z.int().min(1),
  /** How it was measured, in words: all that another needs to measure it again. */
  protocol: z.string(),
  better: z.enum(["lower", "higher"]),
  /** The same measurement of as many held-out samples: what no model need surpass. */
  floor: z.object({ value: finite, ...ends }).optional(),
  /** The same measurement of another model, or of held-out text. */
  baseline: z
    .object({
      name: z.string(),
      value: finite,
      ...ends,
      /** This model less the baseline on the same samples, drawn in pairs. */
      difference: z.object({ value: finite, ...ends }).optional(),
    })
    .optional(),
});

export type Measure = z.infer<typeof measureSchema>;

/** An interval's part of a measure. */
export const figureOf = ({ value, low, high }: Interval): Pick<Measure, "value" | "low" | "high"> => ({
  value,
  ...(low === undefined || high === undefined ? {} : { low, high }),
});

export type Comparison = "better" | "worse" | "no measurable difference";

/**
 * How a figure stands to its baseline's. Where both were measured on the same samples the interval of the difference has to leave out
 * zero; else the two intervals have to be apart. Undefined without a baseline, or without intervals.
 */
export function compareWithBaseline({ low, high, better, baseline }: Measure): Comparison | undefined {
  if (baseline === undefined) return undefined;
  const { difference } = baseline;
  // The interval of what this model has more than the baseline.
  const [least, most] =
    difference === undefined
      ? [subtract(low, baseline.high), subtract(high, baseline.low)]
      : [difference.low, difference.high];
  if (least === undefined || most === undefined) return undefined;
  if (least <= 0 && most >= 0) return "no measurable difference";
  return most < 0 === (better === "lower") ? "better" : "worse";
}

const subtract = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b;

/** Whether a figure reaches a threshold: not above it where lower is better, not below it where higher is. */
export const meets = ({ value, better }: Measure, threshold: number): boolean =>
  better === "lower" ? value <= threshold : value >= threshold;

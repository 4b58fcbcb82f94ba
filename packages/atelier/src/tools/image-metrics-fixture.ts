/**
 * A file of features and class probabilities with the figures that other programs found for them. Any part may be left out: what is not
 * given is not measured, and what is not expected is only measured.
 */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { coverage, density } from "../evaluation/metrics/pictures/density-coverage.js";
import { featureMatrixOf } from "../evaluation/metrics/pictures/feature-matrix.js";
import { frechetDistance } from "../evaluation/metrics/pictures/frechet-distance.js";
import { inceptionScore } from "../evaluation/metrics/pictures/inception-score.js";
import { kernelDistance } from "../evaluation/metrics/pictures/kernel-distance.js";
import { momentsOf } from "../evaluation/metrics/pictures/moments.js";
import { neighbourhoodsOf, overlapOf } from "../evaluation/metrics/pictures/neighbourhoods.js";
import { precision, recall } from "../evaluation/metrics/pictures/precision-recall.js";
import { readWhole } from "../storage/index.js";
import { parseFixture, refusing } from "./parse-fixture.js";

const rows = z.array(z.array(z.number())).min(1);

const fixtureSchema = z
  .object({
    real: rows.optional(),
    fake: rows.optional(),
    nearest_k: z.int().min(1).optional(),
    values: z
      .strictObject({
        precision: z.number().optional(),
        recall: z.number().optional(),
        density: z.number().optional(),
        coverage: z.number().optional(),
        fid: z.number().optional(),
        kid: z.number().optional(),
      })
      .optional(),
    inception: z
      .object({ probabilities: rows, splits: z.int().min(1).optional(), score: z.number().optional() })
      .optional(),
  })
  .refine(({ real, fake }) => (real === undefined) === (fake === undefined), "`real` and `fake` come together");

type Fixture = z.infer<typeof fixtureSchema>;
type Value = keyof NonNullable<Fixture["values"]>;

export interface ImageMetric {
  /** As the file has it: `fid`, `inception.score`. */
  readonly name: Value | "inception.score";
  readonly value: number;
  readonly expected: number | undefined;
  /** How far the value may stray, relative to what is expected. */
  readonly bar: number;
}

/**
 * Reads a file and measures all that it has data for.
 * @throws {NotFoundError} @throws {StorageError} @throws {FormatError} for a file that is something else, or lacks what its figures are
 * of. @throws {ArgumentError} for data of which nothing can be measured: ragged rows, more neighbours than rows.
 */
export async function imageMetrics(file: string): Promise<ImageMetric[]> {
  const fixture = parse(new TextDecoder().decode(await readWhole(file)), file);
  const metrics = [...featureMetrics(fixture), ...inceptionMetrics(fixture)];
  // What is expected has to be measured: a figure that was passed over would look as if it had passed.
  const missing = Object.keys(fixture.values ?? {}).find((name) => metrics.every((metric) => metric.name !== name));
  if (missing !== undefined) {
    throw new FormatError(`${file} expects ${missing}, and lacks what it is measured of`, {
      hint: "Features are `real` and `fake`; precision, recall, density and coverage also need `nearest_k`.",
    });
  }
  if (metrics.length === 0) {
    throw new FormatError(`${file} has nothing to measure`, {
      hint: "Give `real` and `fake`, both lists of rows of numbers, or `inception` with `probabilities`.",
    });
  }
  return metrics;
}

/** The difference from what is expected, relative to it (to 1 where 0 is expected). Undefined where nothing is. */
export function strayOf({ value, expected }: ImageMetric): number | undefined {
  if (expected === undefined) return undefined;
  return Math.abs(value - expected) / (expected === 0 ? 1 : Math.abs(expected));
}

export const passes = (metric: ImageMetric): boolean => {
  const stray = strayOf(metric);
  return stray === undefined || stray <= metric.bar;
};

/** The values under the file's own names: those of `values` by themselves, the score within `inception`. */
export function valuesOf(metrics: readonly ImageMetric[]): Record<string, number | { readonly score: number }> {
  return Object.fromEntries(
    metrics.map(({ name, value }) => (name === "inception.score" ? ["inception", { score: value }] : [name, value])),
  );
}

const parse = (text: string, file: string): Fixture =>
  parseFixture(
    text,
    fixtureSchema,
    refusing(
      file,
      "file of image metrics",
      "It has `real` and `fake` (lists of rows of numbers), `nearest_k`, `values`, and `inception`, each of which may be left out.",
    ),
  );

const BAR = 1e-6;
/** Others take the square root of a matrix that is not symmetric, which costs digits. */
const FRECHET_BAR = 1e-4;

function featureMetrics({ real, fake, nearest_k: neighbours, values }: Fixture): ImageMetric[] {
  if (real === undefined || fake === undefined) return [];
  const [ours, theirs] = [featureMatrixOf(real, "real features"), featureMatrixOf(fake, "fake features")];
  const metric = (name: Value, value: number, bar = BAR): ImageMetric => ({
    name,
    value,
    expected: values?.[name],
    bar,
  });
  const moments = [
    metric("fid", frechetDistance(momentsOf(ours), momentsOf(theirs)), FRECHET_BAR),
    metric("kid", kernelDistance(ours, theirs)),
  ];
  if (neighbours === undefined) return moments;
  const overlap = overlapOf(neighbourhoodsOf(ours, neighbours), neighbourhoodsOf(theirs, neighbours));
  return [
    metric("precision", precision(overlap).value),
    metric("recall", recall(overlap).value),
    metric("density", density(overlap)),
    metric("coverage", coverage(overlap).value),
    ...moments,
  ];
}

function inceptionMetrics({ inception }: Fixture): ImageMetric[] {
  if (inception === undefined) return [];
  const { probabilities, splits = 1, score: expected } = inception;
  const { score } = inceptionScore(featureMatrixOf(probabilities, "probabilities"), splits);
  return [{ name: "inception.score", value: score, expected, bar: BAR }];
}

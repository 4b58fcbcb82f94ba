/**
 * How odd pictures are to a model, and where: by the bound of their likelihood, and by how badly they come back. Either may fail: what is
 * simple and smooth can be more probable than what was learnt (Nalisnick et al., "Do deep generative models know what they don't know?",
 * 2019). So where it is known which pictures are anomalies, both are measured, beside a baseline that has no model: the distance to the
 * nearest training picture.
 */
import type { Picture, PictureCard, PictureSet, PictureSource } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import { figureOf, type Measure } from "../../evaluation/metrics/measure.js";
import { formatMeasured } from "../../evaluation/metrics/measure-table.js";
import { auroc } from "../../evaluation/metrics/pictures/auroc.js";
import { featureMatrix } from "../../evaluation/metrics/pictures/feature-matrix.js";
import { nearestRows } from "../../evaluation/metrics/pictures/nearest-rows.js";
import type { Provenance } from "../../output/provenance.js";
import { heatMap } from "../../pictures/heat-map.js";
import { AbilityError } from "../ability.js";
import { checkRequest } from "../check-request.js";
import type { Model } from "../model.js";
import { anomaliesSchema, type FullAnomaliesRequest } from "./latent-requests.js";
import type { Pair } from "./layouts.js";
import { classIn, dataOf, someOf, unseenPictures } from "./model-pictures.js";
import { type PictureRunOptions, picturesProvenance, roundTrip, valuesOf } from "./picture-tools.js";

/** By what pictures are ranked. */
export type AnomalyScore = FullAnomaliesRequest["score"];

export interface AnomaliesRequest {
  /** Pictures to judge. Of the model's own data, only those that it did not learn from are. */
  readonly data: PictureSource;
  /** By default the likelihood, where the model has one. */
  readonly score?: AnomalyScore | undefined;
  /** Classes of the data that are anomalies; all others are ordinary. */
  readonly anomalous?: readonly string[] | undefined;
  /** How many are shown; 20 by default. */
  readonly count?: number | undefined;
}

export interface Anomaly {
  readonly name: string;
  readonly class: string | undefined;
  /** What it was ranked by; the higher, the odder. */
  readonly score: number;
  /** Nats of −log p, or of its upper bound; undefined of a model that has no likelihood. */
  readonly nats: number | undefined;
  /** Mean squared error of what comes back, of values in [0, 1]. */
  readonly error: number;
}

export interface ShownAnomaly extends Anomaly {
  readonly picture: Picture;
  /** How much each pixel differs from what comes back, squared, of values in [0, 1]: (H, W). */
  readonly map: Float32Array;
  /** The map as colours over the picture, on one scale for all that are shown. */
  readonly heat: Picture;
}

export interface Anomalies {
  readonly score: AnomalyScore;
  /** All of them, the oddest first. */
  readonly ranked: readonly Anomaly[];
  /** The first of them, to look at. */
  readonly shown: readonly ShownAnomaly[];
  readonly data: PictureCard;
  /** Which pictures were judged, in words. */
  readonly words: string;
  /** How well the scores tell anomalies from the ordinary; empty where it is not known which are. */
  readonly measures: readonly Measure[];
  readonly provenance: Provenance;
}

/** Training pictures that the baseline looks through. */
const LOOKED_THROUGH = 5000;
/** Pictures that are scored, and whose nearest are looked for, in one go. */
const AT_ONCE = 512;

/**
 * @throws {AbilityError} for a model that gives nothing back, or has no likelihood and is asked for it. @throws {ArgumentError} for a
 * class that the data have not, or where nothing is ordinary. @throws typed errors of the data
 * @example
 * ```ts
 * const model = await load("fashion");
 * const { ranked, measures } = await anomalies(model, { data: "fashion-mnist", anomalous: ["Bag"] });
 * console.log(ranked[0]?.name, measures.map(({ name, value }) => `${name} ${value}`));
 * ```
 */
export async function anomalies(
  model: Model,
  { data, score: asked, anomalous, count }: AnomaliesRequest,
  options: PictureRunOptions = {},
): Promise<Anomalies> {
  const { model: able } = model.pictures;
  const score = asked ?? (able.scorer === undefined ? "reconstruction" : "likelihood");
  if (score === "likelihood" && able.scorer === undefined) throw new AbilityError(model, "score");
  if (able.scorer === undefined && able.coder === undefined && able.codes === undefined)
    throw new AbilityError(model, "decode");
  const { card, pictures, train, words } = await unseenPictures(model, data, anomalous !== undefined, options);
  const odd = anomalous === undefined ? undefined : oddAmong(pictures, anomalous);
  const { nats, errors } = await scored(model, pictures, options);
  const scores = score === "likelihood" ? nats! : errors;
  const request = checkRequest(anomaliesSchema, {
    task: "anomalies",
    data: dataOf(data, card),
    score,
    anomalous,
    count,
  });
  const order = Array.from(scores.keys()).sort((i, j) => scores[j]! - scores[i]!);
  const ranked = order.map(
    (index): Anomaly => ({
      name: pictures.names[index]!,
      class: pictures.classes[pictures.labels[index]!],
      score: scores[index]!,
      nats: nats?.[index],
      error: errors[index]!,
    }),
  );
  return {
    score,
    ranked,
    shown: await lookAt(model, pictures, ranked, order.slice(0, request.count)),
    data: card,
    words,
    measures:
      odd === undefined
        ? []
        : await measuresOf({ odd, nats, errors, pictures, train: train!, words, anomalous: anomalous! }, options),
    provenance: await picturesProvenance(model, request, pictures.length),
  };
}

/** The first of the ranking with their maps, which for all pictures would fill the memory. */
async function lookAt(
  model: Model,
  pictures: PictureSet,
  ranked: readonly Anomaly[],
  first: readonly number[],
): Promise<ShownAnomaly[]> {
  const set = pictures.select(first);
  const { maps } = await examine(model, set, {});
  const area = set.width * set.height;
  // All but half a per cent of the pixels lie below: a few extreme ones must not make all others dark.
  const most = maps.toSorted()[Math.floor(0.995 * (maps.length - 1))] ?? 0;
  return first.map((_, i) => {
    const [picture, map] = [set.picture(i), maps.subarray(i * area, (i + 1) * area)];
    return { ...ranked[i]!, picture, map, heat: heatMap(picture, map, most) };
  });
}

/** Each beside its heat map, with its score and class under them. */
export const anomalyPairs = (shown: readonly ShownAnomaly[]): Pair[] =>
  shown.map(({ picture, heat, score, class: name }) => ({
    left: picture,
    right: heat,
    label: `${formatMeasured(score)}${name === undefined ? "" : ` ${name}`}`,
  }));

/** Which pictures are anomalies. @throws {ArgumentError} for an unknown class, or where all or none are */
function oddAmong(set: PictureSet, anomalous: readonly string[]): readonly boolean[] {
  const numbers = new Set(anomalous.map((name) => classIn(set, name)));
  const odd = Array.from(set.labels, (label) => numbers.has(label));
  const count = odd.filter(Boolean).length;
  if (count > 0 && count < odd.length) return odd;
  throw new ArgumentError(`${count} of ${odd.length} pictures are anomalies, so that nothing can be told apart`, {
    hint: "Give data with pictures of both kinds.",
  });
}

interface Scores {
  readonly nats: Float64Array | undefined;
  readonly errors: Float64Array;
}

/** Scores of all pictures, so many at a time that their maps stay small. */
async function scored(model: Model, set: PictureSet, options: PictureRunOptions): Promise<Scores> {
  const nats = model.pictures.model.scorer === undefined ? undefined : new Float64Array(set.length);
  const errors = new Float64Array(set.length);
  const area = set.width * set.height;
  for (let from = 0; from < set.length; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, set.length - from);
    const slice = set.select(Array.from({ length: count }, (_, i) => from + i));
    const found = await examine(model, slice, { signal: options.signal });
    if (found.nats !== undefined) nats?.set(found.nats, from);
    found.maps.forEach((x, i) => {
      errors[from + Math.floor(i / area)]! += x / area;
    });
    options.onProgress?.("scoring", from + count, set.length);
  }
  return { nats, errors };
}

/** @returns `maps`: how far each pixel is from what comes back, squared, of values in [0, 1] (N, H, W) */
async function examine(
  model: Model,
  set: PictureSet,
  options: PictureRunOptions,
): Promise<{ readonly nats: Float64Array | undefined; readonly maps: Float32Array }> {
  const values = valuesOf(model, set);
  // Nothing is said of classes: those of anomalies are no classes of the model's.
  if (model.pictures.model.scorer !== undefined) {
    const { nats, map } = await model.pictureTool("scorer").score(values, undefined, { signal: options.signal });
    return { nats, maps: map.map((x) => x / 4) };
  }
  return { nats: undefined, maps: squaredDifferences(values, await roundTrip(model, values, undefined, options), set) };
}

/** (N, C, H, W) in [−1, 1], twice → the mean over channels of squared differences in [0, 1], (N, H, W) */
function squaredDifferences(
  a: Float32Array,
  b: Float32Array,
  { channels, width, height, length }: PictureSet,
): Float32Array {
  const area = width * height;
  const map = new Float32Array(length * area);
  for (let i = 0; i < a.length; i++) {
    const picture = Math.floor(i / (channels * area));
    map[picture * area + (i % area)]! += (a[i]! - b[i]!) ** 2 / (4 * channels);
  }
  return map;
}

interface Known extends Scores {
  readonly odd: readonly boolean[];
  readonly pictures: PictureSet;
  readonly train: PictureSet;
  readonly words: string;
  readonly anomalous: readonly string[];
}

async function measuresOf(known: Known, options: PictureRunOptions): Promise<Measure[]> {
  const { odd, nats, errors, pictures, train, words, anomalous } = known;
  const among = someOf(train, LOOKED_THROUGH, "nearest");
  const separation = (scores: Float64Array) => {
    const [anomalies, ordinary] = [true, false].map((kind) => scores.filter((_, i) => odd[i] === kind));
    return auroc(anomalies!, ordinary!);
  };
  const baseline = {
    name: `distance to the nearest of ${among.length.toLocaleString("en-US")} training pictures`,
    ...figureOf(separation(await distances(pictures, among, options))),
  };
  const count = odd.filter(Boolean).length;
  const numbers = `${count.toLocaleString("en-US")} anomalies (${anomalous.join(", ")}) and ${(odd.length - count).toLocaleString("en-US")} ordinary pictures`;
  const measure = (by: string, how: string, scores: Float64Array): Measure => ({
    name: `anomaly AUROC by ${by}`,
    ...figureOf(separation(scores)),
    samples: odd.length,
    protocol: `${words}: ${numbers}; score: ${how}; the probability that an anomaly scores higher than an ordinary picture (ties count a half); interval: DeLong et al. 1988`,
    better: "higher",
    baseline,
  });
  return [
    ...(nats === undefined ? [] : [measure("likelihood", "−log p of the picture, or its upper bound", nats)]),
    measure("reconstruction", "mean squared error of what comes back", errors),
  ];
}

/** From each picture to the nearest training picture, over bytes. */
async function distances(
  pictures: PictureSet,
  train: PictureSet,
  { signal, onProgress }: PictureRunOptions,
): Promise<Float64Array> {
  const matrix = (set: PictureSet, from = 0, count = set.length) =>
    featureMatrix(set.rows(Array.from({ length: count }, (_, i) => from + i)), set.bytes);
  const among = matrix(train);
  const all = new Float64Array(pictures.length);
  for (let from = 0; from < pictures.length; from += AT_ONCE) {
    signal?.throwIfAborted();
    const count = Math.min(AT_ONCE, pictures.length - from);
    all.set(nearestRows(matrix(pictures, from, count), among).distances, from);
    onProgress?.("looking for the nearest training pictures", from + count, pictures.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return all;
}

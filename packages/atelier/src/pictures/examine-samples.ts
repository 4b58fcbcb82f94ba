/** What a model's pictures are like: beside real ones by an extractor's features, how near they come to training pictures, and to look at. */
import { contactSheet, encodePicture, type Picture, PictureSet } from "@atelier/data";
import type { RandomKey } from "@atelier/engine";
import type { Measure } from "../evaluation/metrics/measure.js";
import { type ClassCounts, classShareMeasure } from "../evaluation/metrics/pictures/class-shares.js";
import { type FeatureMatrix, featureMatrix } from "../evaluation/metrics/pictures/feature-matrix.js";
import { inceptionScore } from "../evaluation/metrics/pictures/inception-score.js";
import { pictureMemorisation, pictureMemorisationMeasures } from "../evaluation/metrics/pictures/memorisation.js";
import { nearestRows } from "../evaluation/metrics/pictures/nearest-rows.js";
import { pictureMeasures } from "../evaluation/metrics/pictures/picture-measures.js";
import { pixelMarginals } from "../evaluation/metrics/pictures/pixel-marginals.js";
import type { SampleFile } from "../training/subject.js";
import { countsOf, type Extractor, type Features, matrixOf } from "./extractor.js";
import type { PassOptions, PictureGenerator, PictureModel } from "./picture-family.js";

export interface SampleExamination {
  readonly model: PictureModel;
  readonly generator: PictureGenerator;
  readonly extractor: Extractor;
  readonly train: PictureSet;
  readonly validation: PictureSet;
  /** How many pictures are generated. */
  readonly count: number;
  readonly key: RandomKey;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
}

/** Pictures whose nearest training picture is looked for, and training pictures that are looked through. */
const LOOKED_FOR = 1000;
const LOOKED_THROUGH = 20_000;
const SHOWN = 64;
const PAIRS = 12;
/** A sheet's pictures are drawn at least so large, in pixels. */
const LEAST_SIDE = 64;

/** As large as a whole number of times its size makes it. */
const scaleOf = ({ width, height }: Pick<Picture, "width" | "height">): number =>
  Math.max(1, Math.ceil(LEAST_SIDE / Math.max(width, height)));

/** What a trivial model is called in comparisons. */
export const TRIVIAL = "pixels drawn by themselves";

/** Training pictures that others are compared with: more than few others. */
export const referenceOf = (train: PictureSet, count: number, key: RandomKey): PictureSet =>
  someOf(train, Math.max(count, LOOKED_FOR), key);

/** Pictures of the trivial model that is fitted to these. */
export function trivialPictures(real: PictureSet, count: number, key: RandomKey): PictureSet {
  const places = Array.from({ length: real.length }, (_, i) => i);
  const { width, height, channels } = real;
  return new PictureSet({ width, height, channels, pixels: pixelMarginals(real.rows(places), real.bytes, count, key) });
}

export interface DrawnExamination {
  readonly measures: Measure[];
  readonly remarks: string[];
  readonly pictures: SampleFile[];
  /** Where the extractor tells classes apart. */
  readonly classes?: ClassCounts | undefined;
}

export async function examineSamples(request: SampleExamination): Promise<DrawnExamination> {
  const { model, generator, extractor, key, signal, onProgress } = request;
  const { train, validation, count } = request;
  const progress = (stage: string): PassOptions => ({
    signal,
    onProgress: (done, total) => onProgress?.(stage, done, total),
  });
  // A model that is asked in words is asked for what held-out pictures show.
  const prompts = model.captions === undefined ? undefined : validation.captions.map((caption) => caption ?? "");
  const values = await generator.generate({ count, prompts }, key.split("samples"), progress("drawing samples"));
  const drawn = setOf(model.codec.decode(values), "sample");
  const real = referenceOf(train, count, key.split("reference"));
  const heldOut = someOf(validation, count, key.split("held out"));
  const trivial = trivialPictures(real, count, key.split("trivial"));
  const stage = progress("extracting features");
  const featuresOf = (set: PictureSet): Promise<Features> => extractor.extract(set, stage);
  const [own, training, held, bar] = [
    await featuresOf(drawn),
    await featuresOf(real),
    await featuresOf(heldOut),
    await featuresOf(trivial),
  ];
  onProgress?.("comparing with real pictures", 0, 1);
  await new Promise((resolve) => setImmediate(resolve));
  const measures = pictureMeasures({
    extractor: extractor.description,
    resize: extractor.resize,
    protocol: `${count} samples${drawnBy(model)}`,
    training: matrixOf(training),
    heldOut: matrixOf(held),
    samples: matrixOf(own),
    trivial: { name: TRIVIAL, features: matrixOf(bar) },
    key: key.split("figures"),
  });
  measures.push(...scoreMeasures(own, held, extractor, count));
  const [counts, realCounts, heldCounts, trivialCounts] = [own, training, held, bar].map((features) =>
    countsOf(features, extractor),
  );
  const classes: ClassCounts | undefined =
    counts === undefined || realCounts === undefined
      ? undefined
      : { names: extractor.classes, drawn: counts, real: realCounts };
  if (classes !== undefined) {
    const { description } = extractor;
    const trivialShares = { name: TRIVIAL, counts: trivialCounts! };
    measures.push(
      classShareMeasure({ ...classes, heldOut: heldCounts!, trivial: trivialShares, extractor: description }),
    );
  }
  const near = nearest(request, drawn);
  measures.push(...near.measures);
  const remark =
    `Drawn pictures: ${count.toLocaleString("en-US")} samples beside ${heldOut.length.toLocaleString("en-US")} held-out and ` +
    `${trivial.length.toLocaleString("en-US")} trivial ones, all against ${real.length.toLocaleString("en-US")} training pictures. ` +
    `Features: ${extractor.description}. Resize: ${extractor.resize}. Figures compare under the same extractor and numbers alone.`;
  return { measures, remarks: [remark], pictures: [await samplesSheet(drawn), await near.sheet], classes };
}

/** How, where a model has a choice. */
function drawnBy({ sampling, captions }: PictureModel): string {
  if (sampling === undefined) return "";
  const { sampler, steps, guidance = 1 } = sampling;
  const asked = captions === undefined ? "" : ", asked for in the captions of held-out pictures in turn";
  return ` (sampler ${sampler}, ${steps} steps${guidance === 1 ? "" : `, guidance ${guidance}`}${asked})`;
}

/** Pictures in hand as a set. */
export const setOf = (pictures: readonly Picture[], name: string): PictureSet => {
  const [{ width, height, channels }] = pictures as readonly [Picture];
  return new PictureSet({
    width,
    height,
    channels,
    pixels: Buffer.concat(pictures.map(({ data }) => data)),
    names: pictures.map((_, i) => `${name} ${i + 1}`),
  });
};

/** So many of a set, drawn at random; all where there are no more. */
export const someOf = (set: PictureSet, count: number, key: RandomKey): PictureSet =>
  count >= set.length ? set : set.select(key.permutation(set.length).slice(0, count));

/** How sure the extractor's classifier is of each sample, and how evenly its classes come up. */
function scoreMeasures(own: Features, held: Features, extractor: Extractor, count: number): Measure[] {
  if (own.probabilities === undefined || held.probabilities === undefined) return [];
  const { length } = extractor.classes;
  const [score, real] = [own, held].map(({ probabilities }) => inceptionScore(featureMatrix(probabilities!, length)));
  return [
    {
      name: "classifier score",
      value: score!.score,
      samples: count,
      protocol: `exp of the mean divergence of p(class | picture) from p(class), as the Inception Score (Salimans et al. 2016), but by ${extractor.description}`,
      better: "higher",
      baseline: { name: "held-out pictures", value: real!.score },
    },
  ];
}

const pixelRows = (set: PictureSet): FeatureMatrix =>
  featureMatrix(set.rows(Array.from({ length: set.length }, (_, i) => i)), set.bytes);

/** Training pictures that others are looked for among. */
const lookedThrough = ({ train, key }: SampleExamination): PictureSet =>
  someOf(train, LOOKED_THROUGH, key.split("among"));

/** For every picture the nearest training picture, pixel by pixel. */
export function nearestTo(drawn: PictureSet, request: SampleExamination): Picture[] {
  const among = lookedThrough(request);
  return Array.from(nearestRows(pixelRows(drawn), pixelRows(among)).indices, (i) => among.picture(i));
}

function nearest(
  request: SampleExamination,
  drawn: PictureSet,
): { readonly measures: Measure[]; readonly sheet: Promise<SampleFile> } {
  const { validation, key, model } = request;
  const among = lookedThrough(request);
  const samples = drawn.select(Array.from({ length: Math.min(LOOKED_FOR, drawn.length) }, (_, i) => i));
  const found = pictureMemorisation({
    samples: pixelRows(samples),
    heldOut: pixelRows(someOf(validation, LOOKED_FOR, key.split("floor"))),
    training: pixelRows(among),
  });
  const [, height, width] = model.codec.spec.shape;
  const measures = pictureMemorisationMeasures({
    found,
    protocol: `${samples.length} samples; pixels as bytes, ${width}×${height}`,
    key: key.split("nearest"),
  });
  const shown = Array.from({ length: Math.min(PAIRS, samples.length) }, (_, i) => i);
  const pairs = [
    ...shown.map((i) => samples.picture(i)),
    ...shown.map((i) => among.picture(found.samples.indices[i]!)),
  ];
  return {
    measures,
    sheet: sheetOf("nearest.png", "samples, and under each the training picture nearest to it", pairs, shown.length),
  };
}

const samplesSheet = (drawn: PictureSet): Promise<SampleFile> => {
  const shown = Array.from({ length: Math.min(SHOWN, drawn.length) }, (_, i) => drawn.picture(i));
  return sheetOf("samples.png", "samples, not chosen", shown, Math.ceil(Math.sqrt(shown.length)));
};

/** A sheet as a PNG file. */
export async function sheetOf(
  file: string,
  title: string,
  pictures: readonly Picture[],
  columns: number,
): Promise<SampleFile> {
  const sheet = await contactSheet(pictures, { columns, scale: scaleOf(pictures[0]!) });
  return { file, title, bytes: await encodePicture(sheet, "png") };
}

/** Rows of pictures that belong together, one under another, in blocks of so many columns; what is missing in the last block is white. */
export function stacked(rows: readonly (readonly Picture[])[], columns: number): Picture[] {
  const { length } = rows[0]!;
  const blank = (like: Picture): Picture => ({ ...like, data: new Uint8Array(like.data.length).fill(255) });
  const blocks: Picture[] = [];
  for (let from = 0; from < length; from += columns) {
    for (const row of rows) {
      for (let i = from; i < from + columns; i++) blocks.push(row[i] ?? blank(row[0]!));
    }
  }
  return blocks;
}

/** What is measured of an upscaler beside its loss, against bicubic enlarging: PSNR, and how far enlarged pictures are from real ones. */
import { contactSheet, type ImageCodec, type PictureSet } from "@atelier/data";
import { type UpscalerConfiguration, upscalerPicture, upscalerSmall } from "@atelier/models";
import { bootstrapDifference, bootstrapMean } from "../../evaluation/metrics/bootstrap.js";
import { figureOf, type Measure } from "../../evaluation/metrics/measure.js";
import { frechetInterval } from "../../evaluation/metrics/pictures/frechet-distance.js";
import { type DrawnMoments, drawnMoments } from "../../evaluation/metrics/pictures/moments.js";
import { enlargedBicubic } from "../bicubic.js";
import { setOf, sheetOf } from "../examine-samples.js";
import { matrixOf } from "../extractor.js";
import type { FamilyExamination, FamilyFindings } from "../picture-family.js";
import { RowPass, setRows } from "../row-pass.js";
import { smallInWords, smallPictures, squaredErrors } from "./upscaler.js";

/** Held-out pictures whose features are compared. */
const COMPARED = 2000;
/** Pictures shown, from all over the held-out ones. */
const SHOWN = 8;

/** The variance of rounding to whole levels: what no picture's error is taken to be less than, 58.9 dB. */
const LEAST_ERROR = 1 / 12;

/** Peak signal-to-noise ratio in decibels, of a mean squared error in levels from 0 to 255. */
export const decibels = (error: number): number => 10 * Math.log10(255 ** 2 / Math.max(LEAST_ERROR, error));

export async function examineUpscaler(
  c: UpscalerConfiguration,
  codec: ImageCodec,
  { state, on, validation, openExtractor, key, signal, onProgress }: FamilyExamination,
): Promise<FamilyFindings> {
  const pass = new RowPass((scope, { x }) => ({ large: upscalerPicture(scope, c, upscalerSmall(c, x!)) }), on);
  try {
    const { large } = await pass.run(state, validation.length, setRows(validation, codec), {
      signal,
      onProgress: (done, total) => onProgress?.("enlarging", done, total),
    });
    const own = setOf(codec.decode(large as Float32Array), "enlarged");
    const small = await smallPictures(c, codec, validation, { signal });
    const bicubic = enlargedBicubic(small, c.factor);
    const ratios = (set: PictureSet): Float64Array => squaredErrors(validation, set).map(decibels);
    const [mine, theirs] = [ratios(own), ratios(bicubic)];
    const ones = new Float64Array(mine.length).fill(1);
    const interval = bootstrapMean(mine, key.split("PSNR"));
    const psnr: Measure = {
      name: "PSNR",
      unit: "dB",
      ...figureOf(interval),
      samples: interval.samples,
      protocol:
        `10 log₁₀(255² / mean squared error) of every held-out picture beside what is made of ${smallInWords(c)}, over all its ` +
        "pixels and channels; the mean of these over pictures (of which none counts above 58.9 dB); interval: percentile bootstrap over pictures",
      better: "higher",
      baseline: {
        name: "bicubic enlarging",
        ...figureOf(bootstrapMean(theirs, key.split("PSNR"))),
        difference: figureOf(bootstrapDifference(mine, theirs, ones, key.split("PSNR"))),
      },
    };
    const distance = await distanceFromReal({ own, bicubic, real: validation }, openExtractor, key.split("distance"));
    const count = Math.min(SHOWN, validation.length);
    const shown = Array.from({ length: count }, (_, i) => Math.floor((i * validation.length) / count));
    const squares = await Promise.all(shown.map((i) => contactSheet([small.picture(i)], { gap: 0, scale: c.factor })));
    const rows = [squares, ...[bicubic, own, validation].map((set) => shown.map((i) => set.picture(i)))];
    const title =
      "from above: small pictures, the same by bicubic enlarging, by the model, and the held-out pictures themselves";
    return {
      measures: [psnr, distance],
      warnings: [],
      pictures: [await sheetOf("enlarged.png", title, rows.flat(), shown.length)],
    };
  } finally {
    await pass.release();
  }
}

/** How far enlarged pictures are, as a whole, from the real ones, by what the recipe has pictures compared by. */
async function distanceFromReal(
  { own, bicubic, real }: Readonly<Record<"own" | "bicubic" | "real", PictureSet>>,
  openExtractor: FamilyExamination["openExtractor"],
  key: FamilyExamination["key"],
): Promise<Measure> {
  const extractor = await openExtractor();
  try {
    const moments = async (set: PictureSet): Promise<DrawnMoments> => {
      const some = set.select(Array.from({ length: Math.min(COMPARED, set.length) }, (_, i) => i));
      // The same drawings of all three: they are the same pictures.
      return drawnMoments(matrixOf(await extractor.extract(some)), key);
    };
    const [truth, mine, theirs] = [await moments(real), await moments(own), await moments(bicubic)];
    const distance = frechetInterval(truth, mine);
    return {
      name: "Fréchet distance of enlarged pictures",
      ...figureOf(distance),
      samples: distance.samples,
      protocol:
        `Fréchet distance of normal distributions (Heusel et al. 2017) between ${distance.samples} held-out pictures and the same enlarged from ` +
        `their small ones; features: ${extractor.description}; resize: ${extractor.resize}; interval: standard error of a bootstrap over pictures`,
      better: "lower",
      baseline: { name: "bicubic enlarging", ...figureOf(frechetInterval(truth, theirs)) },
    };
  } finally {
    await extractor.release();
  }
}

/**
 * What picture models have to beat at what they minimise: the same likelihood, fitted to every pixel by itself. It knows how bright each
 * place is on average and nothing of what goes with what.
 */
import type { PictureSet } from "@atelier/data";
import type { PictureBaseline, PictureJudgement } from "./picture-family.js";

/** Pictures read at once. */
const SLICE = 512;

/** Of uniform noise one level wide, where 255 levels span 2. */
const LEAST_VARIANCE = (2 / 255) ** 2 / 12;

/** Goes through all bytes of a set: the number of the picture, the place in it, the level 0 … 255. */
export function eachByte(set: PictureSet, use: (picture: number, place: number, level: number) => void): void {
  const { bytes } = set;
  for (let from = 0; from < set.length; from += SLICE) {
    const count = Math.min(SLICE, set.length - from);
    const rows = set.rows(Array.from({ length: count }, (_, i) => from + i));
    for (let i = 0; i < rows.length; i++) use(from + Math.floor(i / bytes), i % bytes, rows[i]!);
  }
}

/** Many rows of as many values, gone through one by one. */
export interface PlacedValues {
  readonly length: number;
  /** Values of a row. */
  readonly width: number;
  each(use: (row: number, place: number, value: number) => void): void;
}

/** Of the pictures of a set, in [−1, 1]. */
export const pixelValues = (set: PictureSet): PlacedValues => ({
  length: set.length,
  width: set.bytes,
  each: (use) => eachByte(set, (picture, place, level) => use(picture, place, valueAt(level))),
});

/** −log p of each picture, where every byte adds what `cost` says of its place and level. */
function judged(set: PictureSet, cost: (place: number, level: number) => number): Float64Array {
  const losses = new Float64Array(set.length);
  eachByte(set, (picture, place, level) => {
    losses[picture]! += cost(place, level);
  });
  return losses;
}

/** Bernoulli: each pixel is on with the mean brightness of its place, as soft targets are judged by a VAE with that likelihood. */
export function independentBernoulli(train: PictureSet): PictureBaseline {
  const means = meansOf(train);
  // A pixel that is always off must not cost an infinity where it is on for once.
  const floor = 1 / (2 * (train.length + 1));
  const on = means.map((mean) => Math.log(Math.max(floor, mean)));
  const off = means.map((mean) => Math.log(Math.max(floor, 1 - mean)));
  return {
    name: "pixels drawn by themselves",
    judge: (set) => ({
      losses: judged(set, (place, level) => -((level / 255) * on[place]! + (1 - level / 255) * off[place]!)),
    }),
  };
}

/** A distribution over the 256 levels for each place: counts of the training pictures, and one more of each level. */
export function independentLevels(train: PictureSet): PictureBaseline {
  const counts = new Float64Array(256 * train.bytes).fill(1);
  eachByte(train, (_, place, level) => {
    counts[256 * place + level]!++;
  });
  const total = Math.log(train.length + 256);
  const costs = counts.map((count) => total - Math.log(count));
  return {
    name: "pixels drawn by themselves",
    judge: (set) => ({ losses: judged(set, (place, level) => costs[256 * place + level]!) }),
  };
}

/**
 * A normal distribution for each place: mean and variance of the training pictures, and no narrower than uniform noise of one level, as
 * the likelihood it is set beside. Densities are per level.
 */
export function independentGaussian(train: PictureSet): PictureBaseline {
  const { means, variances: measured } = momentsOf(pixelValues(train));
  const variances = measured.map((variance) => Math.max(LEAST_VARIANCE, variance));
  return {
    name: "pixels drawn by themselves",
    judge: (set) => ({
      losses: judged(
        set,
        (place, level) =>
          0.5 *
            ((valueAt(level) - means[place]!) ** 2 / variances[place]! + Math.log(2 * Math.PI * variances[place]!)) +
          Math.log(127.5),
      ),
    }),
  };
}

/** Of a level, in [−1, 1]. */
const valueAt = (level: number): number => level / 127.5 - 1;

/** Mean and variance of the values of every place. */
function momentsOf(train: PlacedValues): { readonly means: Float64Array; readonly variances: Float64Array } {
  const [means, squares] = [new Float64Array(train.width), new Float64Array(train.width)];
  train.each((_, place, value) => {
    means[place]! += value / train.length;
    squares[place]! += value ** 2 / train.length;
  });
  return { means, variances: squares.map((square, place) => Math.max(0, square - means[place]! ** 2)) };
}

/** The standard deviation of all values around their mean; where all are one, that of uniform noise one level of pictures wide. */
export function deviationOf(train: PlacedValues): number {
  const { means, variances } = momentsOf(train);
  const average = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const mean = average(means);
  return Math.sqrt(Math.max(LEAST_VARIANCE, average(variances) + average(means.map((each) => (each - mean) ** 2))));
}

/** What noise is added to a picture, and how much its error weighs. */
export interface NoiseLevel {
  /** Of the noise. */
  readonly deviation: number;
  /** Of the mean squared error. */
  readonly weight: number;
}

/**
 * The best that can be said of a noised value without looking at the others: its expectation where values of its place are normal with
 * mean μ and variance v, μ + v / (v + σ²) (y − μ). What it costs is the expectation over the noise, which has a closed form.
 *
 * @param levelOf of a row, by its place
 * @returns what it costs on values that are held out
 */
export function independentDenoiser(
  train: PlacedValues,
  levelOf: (row: number) => NoiseLevel,
): (heldOut: PlacedValues) => PictureJudgement {
  const { means, variances } = momentsOf(train);
  return (heldOut) => {
    const losses = new Float64Array(heldOut.length);
    const levels = Array.from(losses, (_, row) => levelOf(row));
    heldOut.each((row, place, value) => {
      const { deviation, weight } = levels[row]!;
      const kept = variances[place]! / (variances[place]! + deviation ** 2);
      const bias = (1 - kept) * (value - means[place]!);
      losses[row]! += (weight * (bias ** 2 + (kept * deviation) ** 2)) / heldOut.width;
    });
    return { losses };
  };
}

/** The mean brightness of every place, in [0, 1]. */
function meansOf(train: PictureSet): Float64Array {
  const means = new Float64Array(train.bytes);
  eachByte(train, (_, place, level) => {
    means[place]! += level / 255 / train.length;
  });
  return means;
}

/** The mean of (value − mean of its place)², in [0, 1]: what is lost where every picture is shown as the mean picture. */
export function meanPicture(train: PictureSet): PictureBaseline {
  const means = meansOf(train);
  return {
    name: "mean picture",
    judge: (set) => ({
      losses: judged(set, (place, level) => (level / 255 - means[place]!) ** 2 / train.bytes),
    }),
  };
}

/** The mean picture under a normal distribution of a given width (a share of the range): −log p for each value, in nats of levels. */
export function fixedGaussian(train: PictureSet, deviation: number): PictureBaseline {
  const rival = meanPicture(train);
  const constant = Math.log(deviation) + 0.5 * Math.log(2 * Math.PI) + Math.log(255);
  return {
    name: rival.name,
    judge: (set) => ({ losses: rival.judge(set).losses.map((error) => 0.5 * (error / deviation ** 2) + constant) }),
  };
}

/** How frequent each class is, whatever the picture: cross-entropy in nats, and hits of the most frequent one. */
export function classFrequencies(train: PictureSet): PictureBaseline {
  const counts = new Float64Array(train.classes.length).fill(1);
  for (const label of train.labels) if (label >= 0) counts[label]!++;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const largest = counts.indexOf(Math.max(...counts));
  return {
    name: "frequencies of the classes",
    judge: ({ labels }) => {
      const known = labels.filter((label) => label >= 0);
      return {
        losses: Float64Array.from(known, (label) => Math.log(total / counts[label]!)),
        hits: Float64Array.from(known, (label) => (label === largest ? 1 : 0)),
      };
    },
  };
}

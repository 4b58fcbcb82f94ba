import { PictureSet } from "@atelier/data";
import { RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import {
  classFrequencies,
  deviationOf,
  fixedGaussian,
  independentBernoulli,
  independentDenoiser,
  independentGaussian,
  independentLevels,
  meanPicture,
  pixelValues,
} from "./loss-baselines.js";

const setOf = (pixels: number[], labels?: (string | undefined)[]): PictureSet =>
  new PictureSet({ width: 2, height: 1, channels: 1, pixels: Uint8Array.from(pixels), ...(labels && { labels }) });
/** Three pictures of two pixels. */
const train = setOf([0, 255, 0, 255, 255, 0]);

describe("baselines of pixels drawn by themselves", () => {
  it("bernoulli: the cross-entropy of each pixel with its place's mean", () => {
    const { losses } = independentBernoulli(train).judge(setOf([0, 255, 51, 255]));
    expect(losses[0]).toBeCloseTo(-2 * Math.log(2 / 3), 12);
    // A soft target of 51/255 = 0.2, where a third of the training pictures are on.
    expect(losses[1]).toBeCloseTo(-(0.2 * Math.log(1 / 3) + 0.8 * Math.log(2 / 3)) - Math.log(2 / 3), 12);
  });

  it("bernoulli: a pixel that never was on costs no infinity", () => {
    const { losses } = independentBernoulli(setOf([0, 0, 0, 0])).judge(setOf([255, 0]));
    expect(losses[0]).toBeCloseTo(Math.log(6), 12);
  });

  it("levels: the counts of each place, with one more of every level", () => {
    const { losses } = independentLevels(train).judge(setOf([0, 255, 7, 7]));
    expect(losses[0]).toBeCloseTo(2 * Math.log((3 + 256) / 3), 12);
    expect(losses[1]).toBeCloseTo(2 * Math.log(3 + 256), 12);
  });

  it("levels: is a distribution, whose probabilities add up to 1", () => {
    const model = independentLevels(train);
    let sum = 0;
    for (let level = 0; level < 256; level++) {
      const [both] = model.judge(setOf([level, 0])).losses;
      sum += Math.exp(-(both! - Math.log((3 + 256) / 2)));
    }
    expect(sum).toBeCloseTo(1, 10);
  });

  it("gaussian: the density of the place's mean and variance, for one level", () => {
    const { losses } = independentGaussian(setOf([0, 100, 255, 200])).judge(setOf([0, 100]));
    const density = (x: number, mean: number, variance: number): number =>
      Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
    expect(losses[0]).toBeCloseTo(-Math.log(density(0, 127.5, 127.5 ** 2) * density(100, 150, 50 ** 2)), 8);
  });

  it("mean picture: squared errors of brightness, alone and under a normal distribution of fixed width", () => {
    const even = setOf([0, 0, 255, 255]);
    expect(meanPicture(even).judge(even).losses).toEqual(Float64Array.of(0.25, 0.25));
    const [loss] = fixedGaussian(even, 0.5).judge(even).losses;
    const inLevels = 0.5 * 255;
    expect(loss).toBeCloseTo(0.5 * (0.5 / 0.5) ** 2 + Math.log(inLevels * Math.sqrt(2 * Math.PI)), 12);
  });
});

describe("the baseline of a classifier", () => {
  it("is how frequent classes are, and names the most frequent; pictures without a class do not count", () => {
    const labelled = setOf([0, 0, 0, 0, 0, 0, 0, 0], ["b", "b", "a", undefined]);
    const { losses, hits } = classFrequencies(labelled).judge(labelled);
    // One more of each: 2 of a, 3 of b.
    expect([...losses]).toEqual([Math.log(5 / 3), Math.log(5 / 3), Math.log(5 / 2)]);
    expect([...hits!]).toEqual([1, 1, 0]);
  });
});

describe("pixels denoised by themselves", () => {
  const four = setOf([0, 100, 255, 200, 51, 90, 204, 10]);
  const level = { deviation: 0.4, weight: 3 };
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const valuesAt = (place: number): number[] =>
    Array.from({ length: four.length }, (_, i) => four.rows([i])[place]! / 127.5 - 1);

  it("cost what the best linear estimate costs on average over the noise", () => {
    const held = setOf([30, 240]);
    const { losses } = independentDenoiser(pixelValues(four), () => level)(pixelValues(held));
    const noise = RandomKey.fromSeed(1).normal(new Float32Array(400_000));
    let sum = 0;
    for (const place of [0, 1]) {
      const [x, average] = [held.rows([0])[place]! / 127.5 - 1, mean(valuesAt(place))];
      const variance = mean(valuesAt(place).map((value) => (value - average) ** 2));
      for (let i = 0; i < noise.length; i += 2) {
        const seen = x + level.deviation * noise[i + place]!;
        // The posterior of two normal distributions: means weighted by precisions.
        const [prior, seenBy] = [1 / variance, 1 / level.deviation ** 2];
        sum += ((prior * average + seenBy * seen) / (prior + seenBy) - x) ** 2;
      }
    }
    expect(losses[0]! / (level.weight * (sum / noise.length))).toBeCloseTo(1, 2);
  });

  it("cost no other shrinkage less, on the pictures that they were fitted on", () => {
    const { losses } = independentDenoiser(pixelValues(four), () => level)(pixelValues(four));
    const costOf = (factor: number): number =>
      level.weight *
      mean(
        [0, 1].map((place) => {
          const variance = mean(valuesAt(place).map((value) => (value - mean(valuesAt(place))) ** 2));
          const kept = factor * (variance / (variance + level.deviation ** 2));
          return (1 - kept) ** 2 * variance + kept ** 2 * level.deviation ** 2;
        }),
      );
    expect(mean([...losses])).toBeCloseTo(costOf(1), 12);
    for (const factor of [0.9, 1.1]) expect(mean([...losses])).toBeLessThan(costOf(factor));
  });

  it("say the mean where a place is always the same, and know each picture's own noise", () => {
    const { losses } = independentDenoiser(pixelValues(setOf([51, 51, 51, 51])), (i) => ({
      deviation: 1 + i,
      weight: 10 ** i,
    }))(pixelValues(setOf([51, 51, 102, 51])));
    // 51 levels apart are 0.4 in [−1, 1], in one of two places.
    expect(losses[0]).toBeCloseTo(0, 12);
    expect(losses[1]).toBeCloseTo((10 * 0.4 ** 2) / 2, 12);
  });
});

describe("the deviation of pictures", () => {
  it("is that of all values around one mean", () => {
    expect(deviationOf(pixelValues(train))).toBeCloseTo(1, 12);
    // 0 and 0.4 in [−1, 1], as often.
    expect(deviationOf(pixelValues(setOf([102, 153, 153, 102])))).toBeCloseTo(0.2, 12);
    expect(deviationOf(pixelValues(setOf([7, 7])))).toBeGreaterThan(0);
  });
});

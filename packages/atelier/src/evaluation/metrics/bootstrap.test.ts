/** Intervals against closed forms: the normal distribution's, the delta method's, and an enumeration of all drawings. */
import { ArgumentError, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { bootstrapDifference, bootstrapMean, bootstrapRatio, mapInterval, shareOf } from "./bootstrap.js";

const key = RandomKey.fromSeed(5);
const normal = (count: number, name: string | number, mean = 0, sd = 1): Float32Array =>
  key.split(String(name)).normal(new Float32Array(count), mean, sd);

describe("bootstrapMean", () => {
  it("holds the true mean about as often as it says, in samples of a normal distribution", () => {
    const [trials, count] = [400, 50];
    let held = 0;
    let width = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = bootstrapMean(normal(count, trial, 3, 2), key.split("draws").at(trial), { resamples: 400 });
      if (low! <= 3 && 3 <= high!) held++;
      width += (high! - low!) / trials;
    }
    // A percentile interval of 50 values is that of the normal with the divisor n: it holds in 93.8 %; of 400 trials, give or take 1.2 %.
    expect(held / trials).toBeGreaterThan(0.9);
    expect(held / trials).toBeLessThan(0.975);
    expect(width / ((2 * 1.96 * 2) / Math.sqrt(count))).toBeCloseTo(0.98, 1);
  });

  it("is the closed form's interval for many values", () => {
    const values = normal(10_000, "many", -1, 0.5);
    const { value, low, high, level, samples } = bootstrapMean(values, key);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
    expect(value).toBeCloseTo(mean, 12);
    const half = (1.96 * sd) / Math.sqrt(values.length);
    expect(Math.abs((mean - low!) / half - 1)).toBeLessThan(0.08);
    expect(Math.abs((high! - mean) / half - 1)).toBeLessThan(0.08);
    expect([level, samples]).toEqual([0.95, 10_000]);
  });

  it("has the quantiles of all drawings of three values", () => {
    // The 27 drawings of 0, 1 and 5: (0, 0, 0) and (5, 5, 5) have 3.7 % each, more than the 2.5 % that are cut off.
    const { low, high } = bootstrapMean([0, 1, 5], key, { resamples: 5000 });
    expect([low, high]).toEqual([0, 5]);
  });

  it("follows from the key alone", () => {
    const values = normal(40, "values");
    expect(bootstrapMean(values, key)).toEqual(bootstrapMean(values, key));
    expect(bootstrapMean(values, key).low).not.toBe(bootstrapMean(values, key.at(1)).low);
  });
});

describe("bootstrapRatio", () => {
  it("weighs samples by their size, with the delta method's interval", () => {
    const count = 5000;
    const sizes = Float64Array.from({ length: count }, (_, i) => 1 + (i % 9));
    const noise = normal(count, "noise");
    const sums = sizes.map((size, i) => 2 * size + noise[i]!);
    const { value, low, high } = bootstrapRatio(sums, sizes, key);
    const total = sizes.reduce((sum, x) => sum + x, 0);
    expect(value).toBeCloseTo(sums.reduce((sum, x) => sum + x, 0) / total, 12);
    // The residuals of Σ sums / Σ sizes have standard deviation 1: the ratio's is √n over Σ sizes.
    expect((high! - low!) / ((2 * 1.96 * Math.sqrt(count)) / total)).toBeCloseTo(1, 1);
  });

  it("says nothing of the spread of one sample, and refuses none", () => {
    expect(bootstrapRatio([3], [2], key)).toEqual({
      value: 1.5,
      low: undefined,
      high: undefined,
      level: 0.95,
      samples: 1,
    });
    // Of two samples, one without size, a quarter of all drawings is 0 / 0 or worse: there is no upper end.
    expect(bootstrapRatio([1, 2], [1, 0], key)).toMatchObject({ value: 3, low: 1, high: undefined });
    for (const [numerators, denominators] of [
      [[], []],
      [[1, 2], [1]],
      [
        [1, Number.NaN],
        [1, 1],
      ],
      [
        [1, 2],
        [1, -1],
      ],
      [
        [1, 2],
        [0, 0],
      ],
    ] as const)
      expect(() => bootstrapRatio(numerators, denominators, key)).toThrow(ArgumentError);
  });
});

describe("bootstrapDifference", () => {
  it("sees a small difference that both intervals hide", () => {
    const windows = normal(400, "windows", 100, 30);
    const noise = normal(400, "difference", -1, 1);
    const model = windows.map((x, i) => x + noise[i]!);
    const sizes = new Float64Array(400).fill(50);
    const [own, other] = [bootstrapRatio(model, sizes, key), bootstrapRatio(windows, sizes, key)];
    expect(own.high!).toBeGreaterThan(other.low!);
    const paired = bootstrapDifference(model, windows, sizes, key);
    expect(paired.value).toBeCloseTo(own.value - other.value, 10);
    expect(Math.abs(paired.value + 1 / 50)).toBeLessThan(5 / (50 * 20));
    expect(paired.high!).toBeLessThan(0);
    expect((paired.high! - paired.low!) / ((2 * 1.96) / (50 * 20))).toBeCloseTo(1, 0);
    expect(() => bootstrapDifference([1, 2], [1], [1, 1], key)).toThrow(ArgumentError);
  });
});

describe("mapInterval", () => {
  it("maps value and ends", () => {
    const interval = { value: 0, low: -Math.LN2, high: Math.LN2, level: 0.95, samples: 9 };
    const { value, low, high } = mapInterval(interval, Math.exp);
    expect([value, low, high].map((x) => x!.toFixed(12))).toEqual([
      "1.000000000000",
      "0.500000000000",
      "2.000000000000",
    ]);
    expect(mapInterval({ ...interval, low: undefined, high: undefined }, Math.exp).low).toBe(undefined);
  });
});

describe("shareOf", () => {
  const of = (ones: number, samples: number) => shareOf(Array.from({ length: samples }, (_, i) => i < ones));

  it("is Wilson's interval", () => {
    // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
    const published: [number, number, number, number][] = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ];
    for (const [ones, samples, low, high] of published) {
      const interval = of(ones, samples);
      expect(interval.value).toBeCloseTo(ones / samples, 12);
      expect(interval.low).toBeCloseTo(low, 4);
      expect(interval.high).toBeCloseTo(high, 4);
    }
    expect(of(20, 20).high).toBe(1);
    expect(() => of(0, 0)).toThrow(ArgumentError);
  });
});

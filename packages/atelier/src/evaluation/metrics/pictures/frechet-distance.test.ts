/** Fréchet distances against the closed forms of normal distributions, and intervals against repeated drawing. */
import { ArgumentError, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { featureMatrix, featureMatrixOf } from "./feature-matrix.js";
import { frechetDistance, frechetInterval } from "./frechet-distance.js";
import { drawnMoments, type Moments, momentsOf } from "./moments.js";

const key = RandomKey.fromSeed(11);
const normal = (rows: number, width: number, name: string, mean = 0, sd = 1) =>
  featureMatrix(key.split(name).normal(new Float32Array(rows * width), mean, sd), width);
const moments = (mean: number[], covariance: number[]): Moments => ({
  mean: Float64Array.from(mean),
  covariance: Float64Array.from(covariance),
});

describe("momentsOf", () => {
  it("is mean and unbiased covariance, also far from 0 and of a number of rows that 4 does not divide", () => {
    for (const offset of [0, 1e6]) {
      const rows = [
        [1, 2],
        [3, 2],
        [2, 5],
        [6, 3],
        [3, 3],
      ].map(([x, y]) => [x! + offset, y! - offset]);
      const { mean, covariance } = momentsOf(featureMatrixOf(rows));
      expect([...mean]).toEqual([3 + offset, 3 - offset]);
      // Deviations (−2, −1), (0, −1), (−1, 2), (3, 0), (0, 0): squares 14 and 6, products 0, over 4.
      expect([...covariance]).toEqual([3.5, 0, 0, 1.5]);
    }
    expect(() => momentsOf(featureMatrixOf([[1, 2]]))).toThrow(ArgumentError);
  });
});

describe("frechetDistance", () => {
  it("is Σ (√a − √b)² of diagonal covariances, and the squared distance of the means", () => {
    const a = moments([0, 1, 2], [4, 0, 0, 0, 9, 0, 0, 0, 0]);
    const b = moments([3, 1, -2], [1, 0, 0, 0, 25, 0, 0, 0, 16]);
    const expected = 9 + 16 + (2 - 1) ** 2 + (3 - 5) ** 2 + (0 - 4) ** 2;
    expect(frechetDistance(a, b)).toBeCloseTo(expected, 12);
    expect(frechetDistance(b, a)).toBeCloseTo(expected, 12);
    expect(frechetDistance(a, a)).toBe(0);
  });

  it("is the closed form of two columns that do not commute", () => {
    // tr P^½ = √(tr P + 2 √det P) for 2 × 2 matrices: P = AB has trace 2·1 + 2·0.5·(−0.25) + 1·3 = 4.75.
    const a = moments([0, 0], [2, 0.5, 0.5, 1]);
    const b = moments([0, 0], [1, -0.25, -0.25, 3]);
    const determinant = (2 - 0.25) * (3 - 0.0625);
    const expected = 3 + 4 - 2 * Math.sqrt(4.75 + 2 * Math.sqrt(determinant));
    expect(frechetDistance(a, b)).toBeCloseTo(expected, 12);
  });

  it("needs no more rows than it has, of any scale", () => {
    // Two rows each, along one direction: standard deviations √2 s and √2 t, distance of means 0.
    for (const scale of [1e-6, 1, 1e6]) {
      const along = (s: number) => featureMatrixOf([-s, s].map((x) => Array.from({ length: 16 }, () => x * scale)));
      const distance = frechetDistance(momentsOf(along(1)), momentsOf(along(3)));
      expect(distance / scale ** 2 / (16 * 2 * (3 - 1) ** 2)).toBeCloseTo(1, 10);
    }
    const one = moments([0], [Number.MAX_VALUE]);
    expect(() => frechetDistance(one, one)).toThrow(ArgumentError);
    expect(() => frechetDistance(one, moments([0, 0], [1, 0, 0, 1]))).toThrow(ArgumentError);
  });
});

describe("frechetInterval", () => {
  it("is about as wide as the distance varies from drawing to drawing", () => {
    const [rows, width, trials] = [200, 4, 60];
    const distances: number[] = [];
    let half = 0;
    for (let trial = 0; trial < trials; trial++) {
      const a = drawnMoments(normal(rows, width, `a${trial}`), key.split("a").at(trial), 50);
      const b = drawnMoments(normal(rows, width, `b${trial}`, 1, 1.5), key.split("b").at(trial), 50);
      const { value, low, high, samples } = frechetInterval(a, b);
      distances.push(value);
      half += (high! - low!) / 2 / trials;
      expect(samples).toBe(rows);
    }
    const mean = distances.reduce((sum, x) => sum + x, 0) / trials;
    // 4 (1² + 0.5²) = 5, and a little bias.
    expect(mean).toBeGreaterThan(4.9);
    expect(mean).toBeLessThan(5.3);
    const sd = Math.sqrt(distances.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (trials - 1));
    expect(half / (1.96 * sd)).toBeGreaterThan(0.75); // of 60 trials the standard deviation is good for 9 %
    expect(half / (1.96 * sd)).toBeLessThan(1.3);
  });

  it("follows from the keys, and has no ends for two rows or very wide ones", () => {
    const features = [normal(30, 3, "x"), normal(20, 3, "y")] as const;
    const interval = (name: string) =>
      frechetInterval(drawnMoments(features[0], key.split(name)), drawnMoments(features[1], key.at(1)));
    expect(interval("k")).toEqual(interval("k"));
    expect(interval("k").high).not.toBe(interval("l").high);
    const two = drawnMoments(normal(2, 3, "two"), key);
    expect(frechetInterval(two, two)).toMatchObject({ value: 0, low: undefined, high: undefined });
    expect(drawnMoments(normal(4, 257, "wide"), key).drawn).toEqual([]);
  });
});

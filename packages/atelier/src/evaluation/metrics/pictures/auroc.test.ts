/** Areas under ROC curves against published data and brute force over all pairs. */
import { ArgumentError, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { auroc } from "./auroc.js";

const key = RandomKey.fromSeed(9);

describe("auroc", () => {
  it("is that of the published ratings, with their standard error and interval", () => {
    // Hanley and McNeil, "The meaning and use of the area under a ROC curve" (1982), table I: ratings 1 to 5 of 58 normal and 51
    // abnormal tomograms, area 0.893. Stata's manual (roctab) has DeLong's error and interval of the same ratings.
    const ratings = (counts: number[]): number[] => counts.flatMap((count, i) => Array<number>(count).fill(i + 1));
    const area = auroc(ratings([3, 2, 2, 11, 33]), ratings([33, 6, 6, 11, 2]));
    expect(area.value).toBeCloseTo(0.8932, 4);
    expect(area.standardError).toBeCloseTo(0.0307, 4);
    expect(area.low).toBeCloseTo(0.83295, 5);
    expect(area.high).toBeCloseTo(0.95339, 5);
    expect(area.samples).toBe(109);
  });

  it("counts pairs, and halves of ties", () => {
    const [anomalies, ordinary] = [key.split("a"), key.split("b")].map((k) =>
      Array.from(k.normal(new Float32Array(60)), (x) => Math.round(3 * x)),
    );
    let wins = 0;
    for (const a of anomalies!) for (const o of ordinary!) wins += a > o ? 1 : a === o ? 0.5 : 0;
    expect(auroc(anomalies!, ordinary!).value).toBeCloseTo(wins / 3600, 12);
    expect(auroc(ordinary!, anomalies!).value).toBeCloseTo(1 - wins / 3600, 12);
  });

  it("has the standard error that Hanley and McNeil give for exponential scores", () => {
    // Rates 1 and 3: area θ = 3/4. Var = (θ(1 − θ) + (m − 1)(Q₁ − θ²) + (n − 1)(Q₂ − θ²)) / mn, Q₁ = θ / (2 − θ), Q₂ = 2θ² / (1 + θ).
    const [m, n] = [2000, 3000];
    const draw = (count: number, rate: number): number[] =>
      Array.from({ length: count }, (_, i) => -Math.log(1 - key.split(`rate ${rate}`).at(i).float64()) / rate);
    const theta = 0.75;
    const [q1, q2] = [theta / (2 - theta), (2 * theta ** 2) / (1 + theta)];
    const expected = Math.sqrt(
      (theta * (1 - theta) + (m - 1) * (q1 - theta ** 2) + (n - 1) * (q2 - theta ** 2)) / (m * n),
    );
    const { value, standardError } = auroc(draw(m, 1), draw(n, 3));
    expect(Math.abs(value - theta)).toBeLessThan(3 * expected);
    expect(Math.abs(standardError / expected - 1)).toBeLessThan(0.05);
  });

  it("says nothing of the spread where scores separate the two, or there is one of a kind", () => {
    expect(auroc([3, 4], [1, 2])).toMatchObject({ value: 1, low: undefined, high: undefined });
    expect(auroc([2], [1, 3])).toMatchObject({ value: 0.5, low: undefined, high: undefined });
    expect(() => auroc([], [1])).toThrow(ArgumentError);
    expect(() => auroc([1], [Number.NaN])).toThrow(ArgumentError);
  });
});

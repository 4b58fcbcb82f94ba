/** Noise schedules, against the figures and limits of the papers. */
import { ArgumentError } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import {
  alphaBarOfSigma,
  cosineSchedule,
  discreteSigmas,
  flowSigmas,
  karrasSigmas,
  linearSchedule,
  sigmaOfAlphaBar,
  sigmaOfTime,
  timeOfSigma,
} from "./schedules.js";

describe("schedules of a training", () => {
  it("linear: the first step, and the noise that Ho et al. end with", () => {
    const { alphaBars, sigmas } = linearSchedule();
    expect(alphaBars[0]).toBeCloseTo(1 - 1e-4, 15);
    expect(alphaBars[1]).toBeCloseTo((1 - 1e-4) * (1 - 1e-4 - 0.0199 / 999), 15);
    // log ᾱ is about −Σ (β + β² / 2 + β³ / 3), sums of powers of an arithmetic progression.
    const [n, a, d] = [1000, 1e-4, 0.0199 / 999];
    const [s1, s2] = [(n * (n - 1)) / 2, ((n - 1) * n * (2 * n - 1)) / 6];
    const [first, second] = [n * a + d * s1, n * a * a + 2 * a * d * s1 + d * d * s2];
    const third = n * a ** 3 + 3 * a * a * d * s1 + 3 * a * d * d * s2 + d ** 3 * s1 * s1;
    expect(Math.log(alphaBars.at(-1)!)).toBeCloseTo(-(first + second / 2 + third / 3), 4);
    expect(sigmas.at(-1)).toBeCloseTo(157.4, 1);
  });

  it("cosine: a squared cosine of time but for the last step, where β is bounded", () => {
    const { alphaBars } = cosineSchedule({ steps: 100 });
    const f = (part: number): number => Math.cos(((part + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    for (const t of [0, 10, 49, 98]) expect(alphaBars[t]).toBeCloseTo(f((t + 1) / 100) / f(0), 14);
    expect(alphaBars[99]! / alphaBars[98]!).toBeCloseTo(0.001, 14);
  });

  it("σ and ᾱ, σ and time: there and back", () => {
    for (const sigma of [0.01, 1, 3, 150]) expect(sigmaOfAlphaBar(alphaBarOfSigma(sigma))).toBeCloseTo(sigma, 8);
    expect(sigmaOfAlphaBar(0.5)).toBe(1);
    const schedule = linearSchedule();
    for (const time of [0, 0.25, 500, 997.5, 999]) {
      expect(timeOfSigma(schedule, sigmaOfTime(schedule, time))).toBeCloseTo(time, 8);
    }
    expect(sigmaOfTime(schedule, 7)).toBeCloseTo(schedule.sigmas[7]!, 14);
    expect([timeOfSigma(schedule, 1e-9), timeOfSigma(schedule, 1e9)]).toEqual([0, 999]);
    expect(sigmaOfTime(schedule, 2000)).toBeCloseTo(schedule.sigmas[999]!, 10);
  });
});

describe("levels to sample at", () => {
  it("karras: table 1 of the paper at both ends, a straight line in σ^(1/ρ) between, and 0", () => {
    const sigmas = karrasSigmas(18, { min: 0.002, max: 80 });
    expect(sigmas.length).toBe(19);
    expect([sigmas[0], sigmas[17], sigmas[18]]).toEqual([expect.closeTo(80, 10), expect.closeTo(0.002, 14), 0]);
    const roots = [...sigmas.subarray(0, 18)].map((sigma) => sigma ** (1 / 7));
    for (let i = 1; i < 17; i++) expect(roots[i]! * 2).toBeCloseTo(roots[i - 1]! + roots[i + 1]!, 12);
    expect([...karrasSigmas(1, { min: 1, max: 4 })]).toEqual([expect.closeTo(4, 12), 0]);
    expect(karrasSigmas(3, { min: 1, max: 4, rho: 1 })[1]).toBeCloseTo(2.5, 12);
  });

  it("of the steps of a training, and of the time of flow matching", () => {
    const schedule = cosineSchedule({ steps: 11 });
    const sigmas = discreteSigmas(schedule, 11);
    expect(sigmas.at(-1)).toBe(0);
    [...schedule.sigmas].reverse().forEach((sigma, i) => {
      expect(sigmas[i]! / sigma).toBeCloseTo(1, 12);
    });
    // t = 3/4, 1/2, 1/4, 0
    expect([...flowSigmas(3, 3)]).toEqual([3, 1, 1 / 3, 0].map((sigma) => expect.closeTo(sigma, 14)));
  });

  it.each([
    [() => linearSchedule({ steps: 1 }), "from 2 up, got 1"],
    [() => linearSchedule({ first: 0.5, last: 0.1 }), "got 0.5 to 0.1"],
    [() => linearSchedule({ last: 1 }), "within (0, 1)"],
    [() => cosineSchedule({ steps: 2.5 }), "got 2.5"],
    [() => karrasSigmas(0, { min: 1, max: 2 }), "from 1 up, got 0"],
    [() => karrasSigmas(3, { min: 0, max: 2 }), "got 2 to 0"],
    [() => karrasSigmas(3, { min: 2, max: 2 }), "got 2 to 2"],
    [() => karrasSigmas(3, { min: 1, max: 2, rho: 0 }), "rho"],
    [() => flowSigmas(3, Number.POSITIVE_INFINITY), "got Infinity"],
  ])("refuse what cannot be: %s", (make, message) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });
});

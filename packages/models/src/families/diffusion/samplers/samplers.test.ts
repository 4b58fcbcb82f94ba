/**
 * Samplers against closed forms. Where the data are Gaussian, N(μ, s²), the denoiser is linear and all is known: the differential equation
 * carries x to μ + (x − μ) √((s² + σ'²) / (s² + σ²)), and whatever is random ends as N(μ, s²).
 */
import { ArgumentError, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import type { Denoiser } from "../denoiser.js";
import { mixtureDenoiser } from "../gaussian-mixture.js";
import { karrasSigmas } from "../schedules.js";
import { type DiffusionSampler, type DiffusionSamplerName, diffusionSamplers } from "./index.js";

const [mean, deviation] = [0.7, 0.4];
const denoise = mixtureDenoiser({ means: [[mean]], standardDeviation: deviation });
const sigmasOf = (steps: number): Float64Array => karrasSigmas(steps, { min: 0.02, max: 20 });
const names = Object.keys(diffusionSamplers) as DiffusionSamplerName[];
const deterministic: [DiffusionSamplerName, number][] = [
  ["ddim", 1],
  ["euler", 1],
  ["heun", 2],
  ["dpm_2", 2],
  ["dpmpp_2m", 2],
  ["lms", 4],
];

/** The value at `sigma` on the curve that starts at x, where the noise has the deviation `from`. */
const solution = (x: number, from: number, sigma: number): number =>
  mean + (x - mean) * Math.sqrt((deviation ** 2 + sigma ** 2) / (deviation ** 2 + from ** 2));

async function endOf(sampler: DiffusionSampler, sigmas: Float64Array, x = 31, eta?: number): Promise<number> {
  return (await sampler(denoise, Float64Array.of(x), sigmas, { eta, noise: () => Float64Array.of(0) }))[0]!;
}

describe("the differential equation", () => {
  it.each(deterministic)("%s reaches its solution with error of order %d", async (name, order) => {
    // Without the last step, to 0, which is a first-order one in most.
    const errorOf = async (steps: number): Promise<number> => {
      const sigmas = sigmasOf(steps).subarray(0, steps);
      return Math.abs((await endOf(diffusionSamplers[name], sigmas)) - solution(31, 20, 0.02));
    };
    const [coarse, fine] = [await errorOf(101), await errorOf(201)];
    expect(Math.log2(coarse / fine)).toBeGreaterThan(order - 0.3);
    expect(Math.log2(coarse / fine)).toBeLessThan(order + 1);
    expect(fine).toBeLessThan(name === "ddim" || name === "euler" ? 0.1 : 2e-3);
  });

  it.each([
    ["dpmpp_2s_ancestral", 2],
    ["dpmpp_2m_sde", 2],
    ["euler_ancestral", 1],
  ] as const)("%s does without noise at η = 0, with error of order %d", async (name, order) => {
    const errorOf = async (steps: number): Promise<number> => {
      const sigmas = sigmasOf(steps).subarray(0, steps);
      return Math.abs((await endOf(diffusionSamplers[name], sigmas, 31, 0)) - solution(31, 20, 0.02));
    };
    expect(Math.log2((await errorOf(101)) / (await errorOf(201)))).toBeGreaterThan(order - 0.3);
  });

  it("DDIM: every step is what the linear denoiser makes of it", async () => {
    const sigmas = sigmasOf(6);
    const s2 = deviation ** 2;
    let factor = 1;
    for (let i = 0; i < 6; i++) factor *= (s2 + sigmas[i]! * sigmas[i + 1]!) / (s2 + sigmas[i]! ** 2);
    expect(await endOf(diffusionSamplers.ddim, sigmas)).toBeCloseTo(mean + (31 - mean) * factor, 12);
  });
});

describe("DDPM", () => {
  it("goes to the exact mean of what was there before a step, for Gaussian data", async () => {
    for (const [sigma, next] of [
      [20, 3],
      [1, 0.9],
      [0.1, 0.01],
    ] as const) {
      // x_s and x_σ are jointly normal: the covariance is s² + σ_s², that of x_σ is s² + σ².
      const slope = (deviation ** 2 + next ** 2) / (deviation ** 2 + sigma ** 2);
      const end = await endOf(diffusionSamplers.ddpm, Float64Array.of(sigma, next), -5);
      expect(end).toBeCloseTo(mean + slope * (-5 - mean), 12);
    }
  });

  it("adds noise of the posterior's variance", async () => {
    const [sigma, next] = [2, 1.5];
    const options = { noise: () => Float64Array.of(1) };
    const [moved] = await diffusionSamplers.ddpm(denoise, Float64Array.of(3), Float64Array.of(sigma, next), options);
    const calm = await endOf(diffusionSamplers.ddpm, Float64Array.of(sigma, next), 3);
    // Given x₀ and x_σ, the precisions of both are added: 1 / next² + 1 / (σ² − next²).
    expect((moved! - calm) ** 2).toBeCloseTo(1 / (1 / next ** 2 + 1 / (sigma ** 2 - next ** 2)), 12);
  });

  it("is DDIM with η = 1 (Song et al. 2021, section 4.1), for data of any kind", async () => {
    const mixture = mixtureDenoiser({ means: [[-1], [2]], standardDeviation: 0.1, weights: [3, 1] });
    const key = RandomKey.fromSeed(5);
    const noise = (step: number): Float64Array => Float64Array.from(key.at(step).normal(new Float32Array(8)));
    const start = Float64Array.from(key.normal(new Float32Array(8), 0, 20));
    const ddpm = await diffusionSamplers.ddpm(mixture, start, sigmasOf(12), { noise });
    const ddim = await diffusionSamplers.ddim(mixture, start, sigmasOf(12), { noise, eta: 1 });
    ddpm.forEach((value, i) => {
      expect(value).toBeCloseTo(ddim[i]!, 12);
    });
  });
});

describe("what is random", () => {
  /** The variance of the result, exactly: all is linear, so each source of noise adds the square of what it alone would do. */
  async function varianceOf(sampler: DiffusionSampler, steps: number): Promise<number> {
    const sigmas = sigmasOf(steps);
    const zero = await endOf(sampler, sigmas, mean, 1);
    expect(zero).toBeCloseTo(mean, 10);
    // From the start, whose marginal is known: x has the deviation √(s² + σ²).
    let variance = ((await endOf(sampler, sigmas, mean + 1, 1)) - zero) ** 2 * (deviation ** 2 + sigmas[0]! ** 2);
    for (let source = 0; source < steps; source++) {
      const noise = (step: number): Float64Array => Float64Array.of(step === source ? 1 : 0);
      const [moved] = await sampler(denoise, Float64Array.of(mean), sigmas, { noise, eta: 1 });
      variance += (moved! - zero) ** 2;
    }
    return variance;
  }

  it.each(["ddpm", "ddim", "euler_ancestral", "dpmpp_2s_ancestral", "dpmpp_2m_sde"] as const)(
    "%s: the result is distributed as the data, the nearer the more steps there are",
    async (name) => {
      const errorOf = async (steps: number) =>
        Math.abs((await varianceOf(diffusionSamplers[name], steps)) / deviation ** 2 - 1);
      const [coarse, fine] = [await errorOf(40), await errorOf(160)];
      expect(fine).toBeLessThan(0.06);
      expect(fine).toBeLessThan(coarse / 2);
    },
  );

  it("sNoise scales it", async () => {
    const sample = async (sNoise: number): Promise<number> => {
      const options = { sNoise, noise: () => Float64Array.of(1) };
      return (await diffusionSamplers.euler_ancestral(denoise, Float64Array.of(1), Float64Array.of(2, 1), options))[0]!;
    };
    expect((await sample(3)) - (await sample(0))).toBeCloseTo(3 * ((await sample(1)) - (await sample(0))), 12);
  });
});

describe("every sampler", () => {
  it.each(names)("%s: calls, progress, and the start left alone", async (name) => {
    const start = Float64Array.of(3, -4);
    let calls = 0;
    const counted: Denoiser = (x, sigma) => {
      calls++;
      return denoise(x, sigma);
    };
    const seen: number[][] = [];
    const end = await diffusionSamplers[name](counted, start, Float64Array.of(4, 2, 1, 0), {
      noise: () => Float64Array.of(0.1, 0.2),
      onStep: ({ step, steps, sigma, x, denoised }) => seen.push([step, steps, sigma, x.length, denoised.length]),
    });
    expect(seen).toEqual([
      [0, 3, 4, 2, 2],
      [1, 3, 2, 2, 2],
      [2, 3, 1, 2, 2],
    ]);
    expect(calls).toBe(["heun", "dpm_2", "dpmpp_2s_ancestral"].includes(name) ? 5 : 3);
    expect([...start]).toEqual([3, -4]);
    expect(end.every(Number.isFinite)).toBe(true);
    // A single step to 0 is what the denoiser says.
    const expected = await denoise(start, 1);
    (await diffusionSamplers[name](counted, start, [1, 0])).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 12);
    });
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const stopping = diffusionSamplers.euler(denoise, Float64Array.of(1), sigmasOf(9), {
      signal: controller.signal,
      onStep: ({ step }) => step === 2 && controller.abort(new Error("enough")),
    });
    await expect(stopping).rejects.toThrow("enough");
  });

  it.each<[string, string, Parameters<DiffusionSampler>]>([
    ["levels that rise", "level 1 of 1 is 2", [denoise, Float64Array.of(1), [1, 2]]],
    ["levels that stay", "level 2 of 2 is 1", [denoise, Float64Array.of(1), [3, 1, 1]]],
    ["one level", "two noise levels", [denoise, Float64Array.of(1), [1]]],
    ["no number", "level 0 of 1 is NaN", [denoise, Float64Array.of(1), [Number.NaN, 0]]],
    ["no bound", "level 0 of 1 is Infinity", [denoise, Float64Array.of(1), [Number.POSITIVE_INFINITY, 0]]],
    ["no noise", "was given none", [denoise, Float64Array.of(1), [2, 1]]],
    [
      "noise of another size",
      "2 values for 1",
      [denoise, Float64Array.of(1), [2, 1], { noise: () => Float64Array.of(1, 2) }],
    ],
    ["a denoiser of another size", "0 values for 1", [async () => Float64Array.of(), Float64Array.of(1), [2, 1]]],
    ["negative η", "eta must be", [denoise, Float64Array.of(1), [2, 1], { eta: -1 }]],
    ["an sNoise that is none", "sNoise must be", [denoise, Float64Array.of(1), [2, 1], { sNoise: Number.NaN }]],
  ])("refuses %s", async (_, message, call) => {
    const sampling = diffusionSamplers.euler_ancestral(...call);
    await expect(sampling).rejects.toThrow(ArgumentError);
    await expect(diffusionSamplers.euler_ancestral(...call)).rejects.toThrow(message);
  });
});

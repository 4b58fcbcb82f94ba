/** Where the data are Gaussian, N(μ, s²), the noise of a value is known: x goes from level σ to σ' as μ + (x − μ) √((s² + σ'²) / (s² + σ²)). */
import { ArgumentError } from "@atelier/engine";
import { expect, it } from "vitest";
import { mixtureDenoiser } from "./gaussian-mixture.js";
import { invertDdim } from "./inversion.js";
import { sampleDdim } from "./samplers/index.js";
import { karrasSigmas } from "./schedules.js";

const [mean, deviation] = [0.7, 0.4];
const denoise = mixtureDenoiser({ means: [[mean]], standardDeviation: deviation });
const levels = (steps: number): Float64Array => karrasSigmas(steps, { min: 0.02, max: 20 });
const x = Float64Array.of(1.3);

it("reaches the noise of a value, with error of order 1", async () => {
  const exact = mean + (1.3 - mean) * Math.sqrt((deviation ** 2 + 20 ** 2) / (deviation ** 2 + 0.02 ** 2));
  const errorOf = async (steps: number): Promise<number> =>
    Math.abs((await invertDdim(denoise, x, levels(steps)))[0]! - exact);
  const [coarse, fine] = [await errorOf(200), await errorOf(400)];
  expect(Math.log2(coarse / fine)).toBeGreaterThan(0.8);
  expect(Math.log2(coarse / fine)).toBeLessThan(1.2);
  expect(fine / exact).toBeLessThan(0.03);
});

it("is undone by DDIM, ever more closely", async () => {
  const returned = async (steps: number): Promise<number> =>
    (await sampleDdim(denoise, await invertDdim(denoise, x, levels(steps)), levels(steps)))[0]!;
  const [coarse, fine] = [await returned(50), await returned(400)];
  expect(Math.abs(fine - 1.3)).toBeLessThan(Math.abs(coarse - 1.3) / 4);
  expect(fine).toBeCloseTo(1.3, 1);
});

it("tells of its steps, stops when told to, and refuses levels that do not rise", async () => {
  const seen: number[] = [];
  await invertDdim(denoise, x, [4, 2, 1, 0], { onStep: ({ step, steps, sigma }) => seen.push(step, steps, sigma) });
  expect(seen).toEqual([0, 2, 1, 1, 2, 2]);
  await expect(invertDdim(denoise, x, [4, 2], { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  for (const wrong of [
    [4, 0],
    [1, 4, 0],
    [Number.NaN, 1],
  ]) {
    await expect(invertDdim(denoise, x, wrong)).rejects.toThrow(ArgumentError);
  }
});

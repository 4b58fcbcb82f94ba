/** Heun's method: Euler's, with the direction at the end of the step taken into account. */
import { combine, type DiffusionSampler, directionOf, samplerOf } from "./sampler.js";

/** Heun's second-order method: Karras et al. 2022, algorithm 1. Asks the denoiser twice in each step but one to 0. */
export const sampleHeun: DiffusionSampler = samplerOf("heun", () => async ({ x, sigma, next, denoised, denoise }) => {
  const direction = directionOf(x, denoised, sigma);
  const tried = combine([1, x], [next - sigma, direction]);
  if (next === 0) return tried;
  const corrected = directionOf(tried, await denoise(tried, next), next);
  return combine([1, x], [(next - sigma) / 2, direction], [(next - sigma) / 2, corrected]);
});

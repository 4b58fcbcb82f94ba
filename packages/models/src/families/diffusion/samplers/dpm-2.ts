/** DPM-Solver-2: the direction in the middle of the step counts. */
import { combine, type DiffusionSampler, directionOf, samplerOf } from "./sampler.js";

/**
 * DPM-Solver-2 of Lu et al. 2022, "DPM-Solver: a fast ODE solver for diffusion probabilistic model sampling in around 10 steps", algorithm
 * 1: in σ it is the midpoint method, with the midpoint halfway in log σ. Asks the denoiser twice in each step but one to 0.
 */
export const sampleDpm2: DiffusionSampler = samplerOf("dpm_2", () => async ({ x, sigma, next, denoised, denoise }) => {
  const direction = directionOf(x, denoised, sigma);
  if (next === 0) return combine([1, x], [next - sigma, direction]);
  const middle = Math.sqrt(sigma * next);
  const halfway = combine([1, x], [middle - sigma, direction]);
  return combine([1, x], [next - sigma, directionOf(halfway, await denoise(halfway, middle), middle)]);
});

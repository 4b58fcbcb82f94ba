/** Euler's method: straight on to the next noise level. */
import { combine, type DiffusionSampler, directionOf, samplerOf } from "./sampler.js";

/** Euler's method for the ordinary differential equation: Karras et al. 2022, algorithm 1 without its correction (lines 6 to 8). */
export const sampleEuler: DiffusionSampler = samplerOf("euler", () => ({ x, sigma, next, denoised }) => {
  return combine([1, x], [next - sigma, directionOf(x, denoised, sigma)]);
});

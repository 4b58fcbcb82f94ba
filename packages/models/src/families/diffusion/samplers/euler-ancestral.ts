/** Euler's method with fresh noise in every step. */
import { ancestralStep } from "./ancestral-step.js";
import { combine, type DiffusionSampler, directionOf, samplerOf } from "./sampler.js";

/**
 * Ancestral sampling with Euler's method, k-diffusion's `sample_euler_ancestral`: a step to σ_down, then fresh noise. Of the process that
 * does not shrink the picture it is DDIM with the same η, which here is 1 by default.
 */
export const sampleEulerAncestral: DiffusionSampler = samplerOf(
  "euler_ancestral",
  ({ eta = 1 }) =>
    ({ x, sigma, next, denoised, disturb }) => {
      const { down, up } = ancestralStep(sigma, next, eta);
      return disturb(combine([1, x], [down - sigma, directionOf(x, denoised, sigma)]), up);
    },
);

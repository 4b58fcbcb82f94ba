/** DDIM: DDPM with any share of its noise, down to none. */
import { ancestralStep } from "./ancestral-step.js";
import { combine, type DiffusionSampler, directionOf, samplerOf } from "./sampler.js";

/**
 * Song, Meng and Ermon 2021, "Denoising diffusion implicit models", equation 12 with σ of equation 16: x₀ as predicted, the noise as
 * predicted, and fresh noise, by the share η. At η = 0, the default, nothing is random; at η = 1 it is DDPM (section 4.1).
 */
export const sampleDdim: DiffusionSampler = samplerOf(
  "ddim",
  ({ eta = 0 }) =>
    ({ x, sigma, next, denoised, disturb }) => {
      const { down, up } = ancestralStep(sigma, next, eta);
      return disturb(combine([1, denoised], [down, directionOf(x, denoised, sigma)]), up);
    },
);

/** DPM++ 2S with fresh noise in every step. */
import { ancestralStep } from "./ancestral-step.js";
import { combine, type DiffusionSampler, samplerOf } from "./sampler.js";

/**
 * DPM-Solver++(2S) (Lu et al. 2022, "DPM-Solver++", algorithm 1, with r₁ = 1/2) with ancestral noise, k-diffusion's
 * `sample_dpmpp_2s_ancestral`: a second-order step to σ_down, then fresh noise. Asks the denoiser twice in each step but one to 0.
 */
export const sampleDpmpp2sAncestral: DiffusionSampler = samplerOf(
  "dpmpp_2s_ancestral",
  ({ eta = 1 }) =>
    async ({ x, sigma, next, denoised, denoise, disturb }) => {
      const { down, up } = ancestralStep(sigma, next, eta);
      if (down === 0) return disturb(denoised.slice(), up);
      const middle = Math.sqrt(sigma * down);
      const halfway = combine([middle / sigma, x], [1 - middle / sigma, denoised]);
      const again = await denoise(halfway, middle);
      return disturb(combine([down / sigma, x], [1 - down / sigma, again]), up);
    },
);

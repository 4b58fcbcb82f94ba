/** DDPM: every step draws from what the picture may have been a little earlier. */
import { ancestralStep } from "./ancestral-step.js";
import { combine, type DiffusionSampler, samplerOf } from "./sampler.js";

/**
 * Ancestral sampling of Ho, Jain and Abbeel 2020, "Denoising diffusion probabilistic models", algorithm 2: draws from the posterior
 * q(x_s | x_σ, x₀) with the denoiser's word for x₀ (equation 7). Its variance is their second choice, β̃ (section 3.2).
 */
export const sampleDdpm: DiffusionSampler = samplerOf("ddpm", () => ({ x, sigma, next, denoised, disturb }) => {
  const kept = (next / sigma) ** 2;
  return disturb(combine([kept, x], [1 - kept, denoised]), ancestralStep(sigma, next, 1).up);
});

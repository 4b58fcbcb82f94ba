/** DPM++ 2M for the stochastic differential equation. */
import { combine, type DiffusionSampler, samplerOf } from "./sampler.js";

/**
 * SDE-DPM-Solver++(2M) of Lu et al. 2022, "DPM-Solver++": the two-step method for the stochastic differential equation, as
 * k-diffusion's `sample_dpmpp_2m_sde` has it (midpoint rule). η scales the noise of that equation, 1 by default; at 0 it is DPM++ 2M.
 */
export const sampleDpmpp2mSde: DiffusionSampler = samplerOf("dpmpp_2m_sde", ({ eta = 1 }) => {
  let last: { readonly h: number; readonly denoised: Float64Array } | undefined;
  return ({ x, sigma, next, denoised, disturb }) => {
    if (next === 0) return denoised;
    const h = Math.log(sigma / next);
    const gained = -Math.expm1(-h - eta * h);
    const terms: [number, Float64Array][] = [
      [(next / sigma) * Math.exp(-eta * h), x],
      [gained, denoised],
    ];
    if (last !== undefined) {
      const ahead = (0.5 * gained * h) / last.h;
      terms.push([ahead, denoised], [-ahead, last.denoised]);
    }
    last = { h, denoised };
    return disturb(combine(...terms), next * Math.sqrt(-Math.expm1(-2 * eta * h)));
  };
});

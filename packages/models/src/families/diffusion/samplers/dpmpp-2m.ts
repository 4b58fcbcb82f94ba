/** DPM++ 2M: what the denoiser said is continued, at one call a step. */
import { combine, type DiffusionSampler, samplerOf } from "./sampler.js";

/**
 * DPM-Solver++(2M) of Lu et al. 2022, "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models", algorithm 2: in
 * −log σ the linear part is solved exactly, and D is continued from this step and the last on a straight line. One call a step.
 */
export const sampleDpmpp2m: DiffusionSampler = samplerOf("dpmpp_2m", () => {
  let last: { readonly sigma: number; readonly denoised: Float64Array } | undefined;
  return ({ x, sigma, next, denoised }) => {
    const h = Math.log(sigma / next);
    let predicted = denoised;
    if (last !== undefined && next > 0) {
      const ahead = h / (2 * Math.log(last.sigma / sigma)); // 1 / (2 r)
      predicted = combine([1 + ahead, denoised], [-ahead, last.denoised]);
    }
    last = { sigma, denoised };
    return combine([next / sigma, x], [-Math.expm1(-h), predicted]);
  };
});

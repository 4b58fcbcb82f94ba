/** DDIM run backwards: from a picture to the noise that a deterministic sampler makes that picture of. */
import { ArgumentError } from "@atelier/engine";
import type { Denoiser } from "./denoiser.js";
import { combine, type DiffusionSamplerOptions, directionOf } from "./samplers/sampler.js";

/**
 * Song, Meng and Ermon 2021, "Denoising diffusion implicit models", section 4.3: the steps of DDIM with η = 0 taken the other way, each
 * in the direction at its lower level. The ends meet ever more closely the more steps there are, with an error of the first order.
 *
 * @param x at the last level, or where that is 0 without noise, which counts as the last level above it
 * @param sigmas falling, as samplers take them
 * @returns x at `sigmas[0]`
 * @throws {ArgumentError} for fewer than two levels above 0, or levels that do not fall
 */
export async function invertDdim(
  denoise: Denoiser,
  x: Float64Array,
  sigmas: ArrayLike<number>,
  { signal, onStep }: Pick<DiffusionSamplerOptions, "signal" | "onStep"> = {},
): Promise<Float64Array> {
  const rising = Array.from(sigmas)
    .filter((sigma) => sigma !== 0)
    .reverse();
  if (rising.length < 2 || rising.some((sigma, i) => !(sigma > (rising[i - 1] ?? 0)))) {
    throw new ArgumentError(
      `Going back into noise takes two levels above 0 or more, each above the next, got ${rising}`,
      {
        hint: "Take more steps.",
      },
    );
  }
  const steps = rising.length - 1;
  let noised: Float64Array = x.slice();
  for (let step = 0; step < steps; step++) {
    signal?.throwIfAborted();
    const [sigma, next] = [rising[step]!, rising[step + 1]!];
    const denoised = await denoise(noised, sigma);
    noised = combine([1, noised], [next - sigma, directionOf(noised, denoised, sigma)]);
    onStep?.({ step, steps, sigma, x: noised, denoised });
  }
  return noised;
}

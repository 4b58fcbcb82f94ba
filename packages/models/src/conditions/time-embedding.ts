/** The time of a diffusion process as a vector: sinusoids of it (Ho et al. 2020, "Denoising diffusion probabilistic models", section B). */
import { ArgumentError, concat, constant, hostTensor, type Tensor } from "@atelier/engine";

/** The longest wave is so many times 2π. */
const LONGEST = 10_000;

/**
 * cos and sin of t · 10,000^(−i / (width / 2)) for i = 0 … width / 2 − 1, the cosines first.
 *
 * @param t (B) float32, in steps: about 0 … 1,000. Times that run from 0 to 1 are multiplied by 1,000 first.
 * @returns (B, width)
 * @throws {ArgumentError} for an odd width
 */
export function timeEmbedding(t: Tensor, width: number): Tensor {
  if (width % 2 !== 0) throw new ArgumentError(`timeEmbedding: the width must be even, got ${width}`);
  const half = width / 2;
  const rates = Float32Array.from({ length: half }, (_, i) => LONGEST ** (-i / half));
  const angles = t.reshape([-1, 1]).mul(constant(hostTensor(rates, [1, half]))); // (B, width / 2)
  return concat([angles.cos(), angles.sin()], 1);
}

/**
 * A denoiser says what a noised picture is likely to have been: D(x; σ) = E[x₀ | x₀ + σ ε = x]. It is all that samplers know of a model
 * (Karras et al. 2022, "Elucidating the design space of diffusion-based generative models", section 2), whatever its network predicts.
 */
import { ArgumentError, type HostTensor, hostTensor } from "@atelier/engine";

/** x: values of any shape, of a whole batch, in a row; noise of the deviation `sigma` was added to them. Gives a new array of as many. */
export type Denoiser = (x: Float64Array, sigma: number) => Promise<Float64Array>;

/**
 * A denoiser over a compiled network.
 *
 * @param shape of a batch, (B, C, H, W)
 * @param run takes the batch and the deviation of each row, (B), both float32, and gives the batch without noise
 */
export function denoiserOf(
  shape: readonly number[],
  run: (x: HostTensor, sigma: HostTensor) => Promise<HostTensor>,
): Denoiser {
  return async (x, sigma) => {
    const rows = new Float32Array(shape[0]!).fill(sigma);
    const { data } = await run(hostTensor(new Float32Array(x), shape), hostTensor(rows, [rows.length]));
    return Float64Array.from(data);
  };
}

/**
 * Classifier-free guidance (Ho and Salimans 2022, equation 6): from what is likely in general towards, and past, what is likely under the
 * conditions. Scale 1 is the conditional denoiser alone, 0 the unconditional one; the paper's w is scale − 1. As a denoiser is linear in
 * every other prediction at one σ, it does not matter which of them is guided.
 *
 * @throws {ArgumentError} for a scale that is no number
 */
export function guided(conditional: Denoiser, unconditional: Denoiser, scale: number): Denoiser {
  if (!Number.isFinite(scale)) throw new ArgumentError(`The guidance scale must be a number, got ${scale}`);
  if (scale === 1) return conditional;
  if (scale === 0) return unconditional;
  return async (x, sigma) => {
    const asked = await conditional(x, sigma);
    const free = await unconditional(x, sigma);
    return asked.map((value, i) => free[i]! + scale * (value - free[i]!));
  };
}

/** A denoiser and how much it has to say of each row of the batch. */
export interface DenoiserPart {
  /** (B) */
  readonly weights: readonly number[];
  readonly denoiser: Denoiser;
}

/**
 * Several denoisers at once, each row their weighted sum: what several conditions agree upon (Liu et al. 2022, "Compositional visual
 * generation with composable diffusion models", equation 11). Weights of a row usually sum to 1.
 */
export function mixed(parts: readonly DenoiserPart[]): Denoiser {
  const [first] = parts;
  if (first === undefined) throw new ArgumentError("There is no denoiser to mix");
  if (parts.length === 1 && first.weights.every((weight) => weight === 1)) return first.denoiser;
  return async (x, sigma) => {
    const sum = new Float64Array(x.length);
    for (const { weights, denoiser } of parts) {
      const each = x.length / weights.length;
      const values = await denoiser(x, sigma);
      for (let i = 0; i < sum.length; i++) sum[i]! += weights[Math.floor(i / each)]! * values[i]!;
    }
    return sum;
  };
}

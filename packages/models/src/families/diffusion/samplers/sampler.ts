/**
 * What all samplers share: the way down the noise levels. Each sampler is the algebra of one step, in float64 on the host, where it costs
 * nothing beside the network and no digits.
 *
 * σ: the noise level of a step, s: the next one, D: what the denoiser says, d = (x − D) / σ: the direction of the noise, dx / dσ of the
 * ordinary differential equation (Karras et al. 2022, equation 1 with their s(t) = 1 and σ(t) = t).
 */
import { ArgumentError } from "@atelier/engine";
import type { Denoiser } from "../denoiser.js";

export interface DiffusionSamplerOptions {
  /** Standard normal values, as many as x has, for each step by its number from 0; asked for at most once a step. */
  readonly noise?: ((step: number) => Float64Array) | undefined;
  /** How much of the noise is fresh, from 0 (none: the deterministic method); samplers without fresh noise leave it unread. */
  readonly eta?: number | undefined;
  /** Factor of the fresh noise, 1 by default. */
  readonly sNoise?: number | undefined;
  /** Ends the sampling before its next step, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((progress: DiffusionSamplerProgress) => void) | undefined;
}

/** What is known when a step is done. */
export interface DiffusionSamplerProgress {
  /** Number of the step, from 0. */
  readonly step: number;
  readonly steps: number;
  readonly sigma: number;
  /** At the next noise level. Not to be changed. */
  readonly x: Float64Array;
  /** What the denoiser made of the values before the step: a preview of the result. Not to be changed. */
  readonly denoised: Float64Array;
}

/**
 * From x, noise of the deviation `sigmas[0]` over whatever is there, to a sample at the last of `sigmas`.
 *
 * @param sigmas falling, to 0 or to a level above it
 * @throws {ArgumentError} for levels that do not fall, for settings that cannot be, for noise that is needed and not given, and for a
 * denoiser or a noise that gives another number of values than x has
 */
export type DiffusionSampler = (
  denoise: Denoiser,
  x: Float64Array,
  sigmas: ArrayLike<number>,
  options?: DiffusionSamplerOptions,
) => Promise<Float64Array>;

export interface Step {
  readonly x: Float64Array;
  /** σ */
  readonly sigma: number;
  /** s; 0 in the last step of most schedules */
  readonly next: number;
  /** D(x; σ) */
  readonly denoised: Float64Array;
  /** For methods that ask twice in a step. */
  readonly denoise: Denoiser;
  /** x with fresh noise of this deviation, in place; the step's only one. */
  readonly disturb: (x: Float64Array, deviation: number) => Float64Array;
}

/** x at the next noise level. */
export type Advance = (step: Step) => Float64Array | Promise<Float64Array>;

/** @param begin called once for each sampling, so that a method may remember earlier steps; `eta` as it was given */
export function samplerOf(
  name: string,
  begin: (settings: { readonly eta: number | undefined }) => Advance,
): DiffusionSampler {
  return async (denoise, start, sigmas, { noise, eta, sNoise = 1, signal, onStep } = {}) => {
    checkSigmas(name, sigmas);
    checkFactor(name, "eta", eta ?? 0);
    checkFactor(name, "sNoise", sNoise);
    const sized = (what: string, values: Float64Array): Float64Array => {
      if (values.length === start.length) return values;
      throw new ArgumentError(`${name}: ${what} gave ${values.length} values for ${start.length}`);
    };
    const checked: Denoiser = async (x, sigma) => sized("the denoiser", await denoise(x, sigma));
    const advance = begin({ eta });
    const steps = sigmas.length - 1;
    let x: Float64Array = start.slice();
    for (let step = 0; step < steps; step++) {
      signal?.throwIfAborted();
      const [sigma, next] = [sigmas[step]!, sigmas[step + 1]!];
      const denoised = await checked(x, sigma);
      const disturb = (calm: Float64Array, deviation: number): Float64Array => {
        if (deviation === 0) return calm;
        if (noise === undefined) throw new ArgumentError(`${name} adds fresh noise, and was given none`);
        const fresh = sized("the noise", noise(step));
        for (let i = 0; i < calm.length; i++) calm[i]! += sNoise * deviation * fresh[i]!;
        return calm;
      };
      const moved = await advance({ x, sigma, next, denoised, denoise: checked, disturb });
      // A method may hand back what the denoiser said.
      x = moved === denoised ? moved.slice() : moved;
      onStep?.({ step, steps, sigma, x, denoised });
    }
    return x;
  };
}

/** The sum of arrays, each times a factor. */
export function combine(...terms: readonly (readonly [factor: number, values: Float64Array])[]): Float64Array {
  const sum = new Float64Array(terms[0]![1].length);
  for (const [factor, values] of terms) for (let i = 0; i < sum.length; i++) sum[i]! += factor * values[i]!;
  return sum;
}

/** d = (x − D) / σ */
export const directionOf = (x: Float64Array, denoised: Float64Array, sigma: number): Float64Array =>
  combine([1 / sigma, x], [-1 / sigma, denoised]);

function checkSigmas(name: string, sigmas: ArrayLike<number>): void {
  const steps = sigmas.length - 1;
  if (steps < 1) throw new ArgumentError(`${name}: two noise levels or more are needed, got ${sigmas.length}`);
  for (let i = 0; i <= steps; i++) {
    const sigma = sigmas[i]!;
    if (Number.isFinite(sigma) && sigma >= 0 && (i === 0 || sigma < sigmas[i - 1]!)) continue;
    throw new ArgumentError(`${name}: noise levels fall, to 0 or above it; level ${i} of ${steps} is ${sigma}`, {
      hint: "Where levels repeat, take fewer steps.",
    });
  }
}

function checkFactor(name: string, setting: string, value: number): void {
  if (value >= 0 && Number.isFinite(value)) return;
  throw new ArgumentError(`${name}: ${setting} must be a number from 0 up, got ${value}`);
}

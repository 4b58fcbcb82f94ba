/**
 * Noise schedules: how much noise there is at each of the steps of a training, and at which levels of it a sampler stops.
 *
 * A process that also shrinks the picture, x_t = √ᾱ x₀ + √(1 − ᾱ) ε, is the same as one that does not, x₀ + σ ε, seen from nearer by:
 * σ = √((1 − ᾱ) / ᾱ). So samplers and schedules know σ alone (Karras et al. 2022, table 1).
 */
import { ArgumentError } from "@atelier/engine";

/** A process of so many steps, of which step 0 has the least noise. */
export interface DiscreteSchedule {
  /** ᾱ_t: which share of the variance at step t is the picture's. Falling. */
  readonly alphaBars: Float64Array;
  /** σ_t of the process that does not shrink the picture. Rising. */
  readonly sigmas: Float64Array;
}

export const sigmaOfAlphaBar = (alphaBar: number): number => Math.sqrt((1 - alphaBar) / alphaBar);
export const alphaBarOfSigma = (sigma: number): number => 1 / (1 + sigma * sigma);

/**
 * β rises in a straight line (Ho et al. 2020, "Denoising diffusion probabilistic models", section 4; the settings are theirs).
 *
 * @throws {ArgumentError} unless 0 < first ≤ last < 1 and there are two steps or more
 */
export function linearSchedule({ steps = 1000, first = 1e-4, last = 0.02 } = {}): DiscreteSchedule {
  requireSteps(steps, 2);
  if (!(first > 0 && first <= last && last < 1)) {
    throw new ArgumentError(`A linear schedule rises within (0, 1), got ${first} to ${last}`);
  }
  return scheduleOf(Float64Array.from({ length: steps }, (_, t) => first + (t / (steps - 1)) * (last - first)));
}

/**
 * ᾱ falls as a squared cosine, so that less time is spent where hardly anything of the picture is left (Nichol and Dhariwal 2021,
 * "Improved denoising diffusion probabilistic models", equation 17; their s = 0.008, and no β above 0.999).
 */
export function cosineSchedule({ steps = 1000 } = {}): DiscreteSchedule {
  requireSteps(steps, 2);
  const remaining = (time: number): number => Math.cos((((time / steps + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  return scheduleOf(
    Float64Array.from({ length: steps }, (_, t) => Math.min(0.999, 1 - remaining(t + 1) / remaining(t))),
  );
}

function scheduleOf(betas: Float64Array): DiscreteSchedule {
  let product = 1;
  const alphaBars = betas.map((beta) => {
    product *= 1 - beta;
    return product;
  });
  return { alphaBars, sigmas: alphaBars.map(sigmaOfAlphaBar) };
}

/** σ at a time between two steps, on a straight line in log σ; times outside are those of the first and the last step. */
export function sigmaOfTime({ sigmas }: DiscreteSchedule, time: number): number {
  const within = Math.min(Math.max(time, 0), sigmas.length - 1);
  const low = Math.min(Math.floor(within), sigmas.length - 2);
  const part = within - low;
  return Math.exp((1 - part) * Math.log(sigmas[low]!) + part * Math.log(sigmas[low + 1]!));
}

/** The time at which a schedule is at σ: the inverse of `sigmaOfTime`, 0 or the last step for what lies outside. */
export function timeOfSigma({ sigmas }: DiscreteSchedule, sigma: number): number {
  if (sigma <= sigmas[0]!) return 0;
  const high = sigmas.findIndex((each) => each >= sigma);
  if (high < 0) return sigmas.length - 1;
  const [below, above] = [Math.log(sigmas[high - 1]!), Math.log(sigmas[high]!)];
  return high - 1 + (Math.log(sigma) - below) / (above - below);
}

/** The range of σ that a sampler walks down. */
export interface SigmaRange {
  readonly min: number;
  readonly max: number;
}

/**
 * From `max` to `min` on a straight line in σ^(1/ρ), then 0: `steps` + 1 levels (Karras et al. 2022, equation 5). ρ = 7 is theirs; a
 * larger one puts more of the levels near the end.
 *
 * @throws {ArgumentError} unless 0 < min < max, ρ > 0, and there is a step (two, where ends differ)
 */
export function karrasSigmas(
  steps: number,
  { min, max, rho = 7 }: SigmaRange & { readonly rho?: number },
): Float64Array {
  requireSteps(steps, 1);
  if (!(min > 0 && max > min && Number.isFinite(max))) {
    throw new ArgumentError(`Noise falls from a larger deviation to a smaller one above 0, got ${max} to ${min}`);
  }
  if (!(rho > 0 && Number.isFinite(rho))) throw new ArgumentError(`rho must be a number above 0, got ${rho}`);
  const [low, high] = [min ** (1 / rho), max ** (1 / rho)];
  return downTo0(steps, (part) => (high + part * (low - high)) ** rho);
}

/** Evenly over the steps of a training, from the last to the first, then 0: `steps` + 1 levels. */
export const discreteSigmas = (schedule: DiscreteSchedule, steps: number): Float64Array => {
  requireSteps(steps, 1);
  const last = schedule.sigmas.length - 1;
  return downTo0(steps, (part) => sigmaOfTime(schedule, last * (1 - part)));
};

/**
 * Evenly over the time t of flow matching, (1 − t) x₀ + t ε, where σ = t / (1 − t): `steps` + 1 levels from `max` to 0 (Liu et al. 2023,
 * "Flow straight and fast"). Time 1 itself is left out: nothing of the picture is there, and σ has no bound.
 *
 * @throws {ArgumentError} for a `max` that is no number above 0
 */
export function flowSigmas(steps: number, max: number): Float64Array {
  requireSteps(steps, 1);
  if (!(max > 0 && Number.isFinite(max))) throw new ArgumentError(`Noise falls from a deviation above 0, got ${max}`);
  const first = max / (1 + max);
  return Float64Array.from({ length: steps + 1 }, (_, i) => {
    const time = first * (1 - i / steps);
    return time / (1 - time);
  });
}

/** `steps` levels at even parts of the way, both ends included, and 0. */
function downTo0(steps: number, sigmaAt: (part: number) => number): Float64Array {
  return Float64Array.from({ length: steps + 1 }, (_, i) => (i === steps ? 0 : sigmaAt(i / Math.max(1, steps - 1))));
}

function requireSteps(steps: number, least: number): void {
  if (!Number.isSafeInteger(steps) || steps < least) {
    throw new ArgumentError(`A schedule has a whole number of steps from ${least} up, got ${steps}`);
  }
}

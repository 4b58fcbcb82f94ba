/**
 * How far a figure would move if other samples had been drawn: percentile bootstrap intervals (Efron and Tibshirani, "An introduction to
 * the bootstrap", 1993, section 13.3). The samples are drawn again from themselves, with replacement, and the figure is computed of each
 * such drawing; the interval is what lies between its outer quantiles.
 *
 * Everything here is a ratio of sums, Σ numerator / Σ denominator over the samples: a mean (denominators of 1), bits per byte (bits
 * over bytes of each window), or a paired difference of two models on the same windows (the difference of their bits over bytes).
 */
import { ArgumentError, type RandomKey } from "@atelier/engine";

export interface Interval {
  readonly value: number;
  /** Undefined where nothing can be said: of one sample alone. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** The probability with which such intervals hold the true value: 0.95. */
  readonly level: number;
  /** How many samples were drawn from. */
  readonly samples: number;
}

export interface BootstrapOptions {
  /** How many drawings; Efron and Tibshirani ask for 1,000 at least. */
  readonly resamples?: number;
}

const LEVEL = 0.95;

/**
 * The mean of one value a sample.
 * @throws {ArgumentError} for no values, or one that is not finite.
 */
export const bootstrapMean = (values: ArrayLike<number>, key: RandomKey, options?: BootstrapOptions): Interval =>
  bootstrapRatio(values, new Float64Array(values.length).fill(1), key, options);

/**
 * Σ numerator / Σ denominator, one of each a sample, drawn in pairs.
 * @throws {ArgumentError} for no samples, lengths that differ, values that are not finite, or denominators below 0 or all 0.
 */
export function bootstrapRatio(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  key: RandomKey,
  { resamples = 2000 }: BootstrapOptions = {},
): Interval {
  requireSamples(numerators, denominators);
  const samples = numerators.length;
  const top = Float64Array.from(numerators);
  const bottom = Float64Array.from(denominators);
  let [sumTop, sumBottom] = [0, 0];
  for (let i = 0; i < samples; i++) {
    sumTop += top[i]!;
    sumBottom += bottom[i]!;
  }
  const value = sumTop / sumBottom;
  if (samples === 1) return { value, low: undefined, high: undefined, level: LEVEL, samples };
  const drawn = new Float64Array(resamples);
  const words = new Uint32Array(samples);
  const scale = samples / 2 ** 32;
  for (let b = 0; b < resamples; b++) {
    key.at(b).bits(words);
    let [resampledTop, resampledBottom] = [0, 0];
    for (let i = 0; i < samples; i++) {
      const at = Math.floor(words[i]! * scale);
      resampledTop += top[at]!;
      resampledBottom += bottom[at]!;
    }
    drawn[b] = resampledTop / resampledBottom;
  }
  drawn.sort(); // what is not a number comes last
  // The k-th smallest and k-th largest, k = ⌊(B + 1) α⌋ (section 13.3, for B α that is no whole number).
  const k = Math.max(1, Math.floor(((resamples + 1) * (1 - LEVEL)) / 2));
  return { value, low: finite(drawn[k - 1]!), high: finite(drawn[resamples - k]!), level: LEVEL, samples };
}

/** Drawings of samples that all have no size give no ratio; where they are many, the interval has no end there. */
const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

/**
 * How much higher a ratio of sums is in one model than in another on the same samples. Much of what differs from sample to sample
 * differs alike for both, so that this interval is far narrower than those of the two ratios.
 */
export function bootstrapDifference(
  numerators: ArrayLike<number>,
  others: ArrayLike<number>,
  denominators: ArrayLike<number>,
  key: RandomKey,
  options?: BootstrapOptions,
): Interval {
  requireSamples(others, denominators);
  return bootstrapRatio(
    Float64Array.from(numerators, (x, i) => x - others[i]!),
    denominators,
    key,
    options,
  );
}

/** The interval of a function of the figure that rises throughout: percentiles keep their places (section 13.4). */
export const mapInterval = (interval: Interval, rising: (value: number) => number): Interval => ({
  ...interval,
  value: rising(interval.value),
  low: interval.low === undefined ? undefined : rising(interval.low),
  high: interval.high === undefined ? undefined : rising(interval.high),
});

/**
 * The share of samples for which something holds, with Wilson's score interval ("Probable inference", 1927): a bootstrap says of 0 of
 * 20 that it is 0 for certain, since all drawings are alike, where up to 16 % would still not be surprising.
 * @throws {ArgumentError} for no samples.
 */
export function shareOf(holds: readonly boolean[]): Interval {
  const samples = holds.length;
  requireSamples(
    holds.map(Number),
    holds.map(() => 1),
  );
  const value = holds.filter(Boolean).length / samples;
  const z = 1.959964; // the 97.5 % point of the standard normal distribution
  const z2 = z * z;
  const middle = (value + z2 / (2 * samples)) / (1 + z2 / samples);
  const half = (z / (1 + z2 / samples)) * Math.sqrt((value * (1 - value)) / samples + z2 / (4 * samples * samples));
  // At the ends the two terms are equal but for rounding.
  const low = value === 0 ? 0 : middle - half;
  const high = value === 1 ? 1 : middle + half;
  return { value, low, high, level: LEVEL, samples };
}

function requireSamples(numerators: ArrayLike<number>, denominators: ArrayLike<number>): void {
  const count = numerators.length;
  if (count === 0) {
    throw new ArgumentError("No interval can be drawn of no samples", { hint: "Give at least one value." });
  }
  if (count !== denominators.length) {
    throw new ArgumentError(`Samples come in pairs, got ${count} values and ${denominators.length}`, {
      hint: "Judge both on the same samples.",
    });
  }
  let size = 0;
  for (let i = 0; i < count; i++) {
    size += denominators[i]!;
    if (Number.isFinite(numerators[i]) && Number.isFinite(denominators[i]) && denominators[i]! >= 0) continue;
    throw new ArgumentError(`Sample ${i} is ${numerators[i]} over ${denominators[i]}, which has no place in a mean`, {
      hint: "Values are finite numbers, over sizes from 0 up.",
    });
  }
  if (size === 0) throw new ArgumentError("All samples are of size 0", { hint: "Give at least one with a size." });
}

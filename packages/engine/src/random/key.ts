/**
 * Splittable random keys. A key is 64 bits; `split` and `at` derive independent keys from it by name or number, and drawing from
 * a key never changes it. So the same seed gives the same numbers whatever else was drawn and in whatever order.
 */
import { threefry2x32 } from "./threefry.js";

const scratch = new Uint32Array(2);

/** How the elements of a random tensor are distributed. Bernoulli yields 0 or 1 with `probability` of 1 (16-bit resolution). */
export type Distribution =
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "normal"; readonly mean: number; readonly standardDeviation: number }
  | { readonly kind: "bernoulli"; readonly probability: number };

export class RandomKey {
  readonly high: number;
  readonly low: number;

  private constructor(high: number, low: number) {
    this.high = high;
    this.low = low;
  }

  /** The root key of a seed (a whole number, up to 2^53). */
  static fromSeed(seed: number): RandomKey {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`A seed is a whole number from 0 up, got ${seed}`);
    return new RandomKey(Math.floor(seed / 2 ** 32) >>> 0, seed >>> 0);
  }

  /** The child key of a name: `key.split("dropout")`. */
  split(name: string): RandomKey {
    let child: RandomKey = this;
    for (let i = 0; i < name.length; i += 2) {
      child = child.fold(name.charCodeAt(i) * 65536 + (i + 1 < name.length ? name.charCodeAt(i + 1) : 0), 0x6e616d65);
    }
    return child.fold(name.length, 0x656e64);
  }

  /** The child key of a number (a step, a row, an item). */
  at(index: number): RandomKey {
    return this.fold(index >>> 0, 0x61740000 ^ Math.floor(index / 2 ** 32));
  }

  private fold(c0: number, c1: number): RandomKey {
    threefry2x32(this.high, this.low, c0, c1, scratch);
    return new RandomKey(scratch[0]!, scratch[1]!);
  }

  /** Fills `out` with random 32-bit words. */
  bits(out: Uint32Array): Uint32Array {
    const even = out.length & ~1;
    for (let i = 0; i < even; i += 2) threefry2x32(this.high, this.low, i >>> 1, 0, out, i);
    if (even < out.length) {
      threefry2x32(this.high, this.low, even >>> 1, 0, scratch);
      out[even] = scratch[0]!;
    }
    return out;
  }

  /** Uniform in [low, high), with 24 random bits. */
  uniform(out: Float32Array, low = 0, high = 1): Float32Array {
    const words = this.bits(new Uint32Array(out.length));
    const scale = (high - low) / 2 ** 24;
    for (let i = 0; i < out.length; i++) out[i] = low + (words[i]! >>> 8) * scale;
    return out;
  }

  /** Normal by Box–Muller: two words make two numbers. */
  normal(out: Float32Array, mean = 0, standardDeviation = 1): Float32Array {
    const words = this.bits(new Uint32Array(out.length + (out.length & 1)));
    for (let i = 0; i < out.length; i += 2) {
      const radius = standardDeviation * Math.sqrt(-2 * Math.log((words[i]! + 1) / 2 ** 32));
      const angle = (2 * Math.PI * words[i + 1]!) / 2 ** 32;
      out[i] = mean + radius * Math.cos(angle);
      if (i + 1 < out.length) out[i + 1] = mean + radius * Math.sin(angle);
    }
    return out;
  }

  /** 1 with the given probability, else 0; each 32-bit word serves two elements. */
  bernoulli(out: Uint8Array, probability: number): Uint8Array {
    const words = this.bits(new Uint32Array((out.length + 1) >>> 1));
    const halves = new Uint16Array(words.buffer);
    const threshold = Math.round(probability * 65536);
    for (let i = 0; i < out.length; i++) out[i] = halves[i]! < threshold ? 1 : 0;
    return out;
  }

  /** One number in [0, 1) with 53 random bits. */
  float64(): number {
    threefry2x32(this.high, this.low, 0, 0x64726177, scratch);
    return ((scratch[0]! >>> 5) * 67108864 + (scratch[1]! >>> 6)) / 2 ** 53;
  }

  /** One whole number in [0, bound). */
  integer(bound: number): number {
    return Math.floor(this.float64() * bound);
  }

  /** A random permutation of 0 … length - 1 (Fisher–Yates). */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, i) => i);
    const words = this.bits(new Uint32Array(length));
    for (let i = length - 1; i > 0; i--) {
      const j = Math.floor((words[i]! / 2 ** 32) * (i + 1));
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order;
  }
}

/** The keys of consecutive steps: iteration `i` of a repeated function draws from `base.at(from + i)`. */
export interface StepKeys {
  readonly base: RandomKey;
  readonly from: number;
}

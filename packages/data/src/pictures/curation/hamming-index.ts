/**
 * Finds all earlier hashes within a Hamming distance (multi-index hashing: Norouzi, Punjani & Fleet 2012): 64 bits are four words of 16,
 * each with a table. Where two hashes differ in at most r = 4a + b bits (b < 4), one of the first b + 1 words differs in at most a bits,
 * or one of the others in at most a - 1. So only the keys that near to the words are looked up: 188 of 262,144 for r = 8.
 */
import { countBits, type PerceptualHash } from "./perceptual-hash.js";

const words = 4;
const keys = 1 << 16;

/** Every word with at most so many bits set, by that number of bits. */
const masks: Uint16Array[] = [];

function masksWithin(bits: number): Uint16Array {
  masks[bits] ??= Uint16Array.from(
    Array.from({ length: keys }, (_, mask) => mask).filter((mask) => countBits(mask) <= bits),
  );
  return masks[bits]!;
}

const wordOf = ({ high, low }: PerceptualHash, word: number): number =>
  ((word < 2 ? low : high) >>> (16 * (word & 1))) & 0xffff;

export class HammingIndex {
  readonly #distance: number;
  readonly #high: number[] = [];
  readonly #low: number[] = [];
  /** For every word and key, the number of the last hash that has it + 1, or 0. */
  readonly #last = Array.from({ length: words }, () => new Uint32Array(keys));
  /** For every word and hash, the number of the one before it under the same key + 1, or 0. */
  readonly #before: number[][] = Array.from({ length: words }, () => []);
  #comparisons = 0;

  /** @param distance in bits, up to which hashes are found. */
  constructor(distance: number) {
    this.#distance = distance;
  }

  /** How many hashes have been compared so far: what finding costs. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /** Adds a hash; its number is how many were added before. */
  add(hash: PerceptualHash): number {
    const id = this.#high.push(hash.high | 0) - 1;
    this.#low.push(hash.low | 0);
    for (let word = 0; word < words; word++) {
      const key = wordOf(hash, word);
      this.#before[word]!.push(this.#last[word]![key]!);
      this.#last[word]![key] = id + 1;
    }
    return id;
  }

  /** The numbers of all hashes within the distance, in ascending order. */
  find(hash: PerceptualHash): number[] {
    const found = new Set<number>();
    const { high, low } = hash;
    const most = Math.floor(this.#distance / words);
    for (let word = 0; word < words; word++) {
      const radius = word <= this.#distance % words ? most : most - 1;
      if (radius < 0) break;
      const key = wordOf(hash, word);
      const last = this.#last[word]!;
      const before = this.#before[word]!;
      for (const mask of masksWithin(radius)) {
        for (let next = last[key ^ mask]!; next !== 0; next = before[next - 1]!) {
          this.#comparisons++;
          const id = next - 1;
          if (countBits(high ^ this.#high[id]!) + countBits(low ^ this.#low[id]!) <= this.#distance) found.add(id);
        }
      }
    }
    return [...found].sort((a, b) => a - b);
  }
}

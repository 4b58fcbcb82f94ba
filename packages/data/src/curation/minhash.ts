/**
 * Signatures whose agreement estimates the Jaccard similarity of two texts' shingles (Broder 1997), by one permutation hashing
 * (Li, Owen & Zhang 2012): a shingle's hash picks one of 128 bins, every bin keeps its least. Empty bins take the value of another,
 * chosen by the bin alone (optimal densification, Shrivastava 2017). Every shingle is put in under four hashes: the similarity of the
 * fourfold sets is the same, and short texts fill more bins. Of every bin, 8 bits are kept (b-bit minwise hashing, Li & König 2010).
 */
import { mix } from "./mix.js";

/** Bins, and bytes, of a signature. */
export const signatureLength = 128;

/** The top bits of a hash are the bin. */
const binShift = 32 - Math.log2(signatureLength);
const [seed1, seed2, seed3] = [0x2545f491, 0x68e31da4, 0x1b56c4e9].map((seed) => mix(seed)) as [number, number, number];
const emptyBin = 0xffffffff;
/** By chance, two different values agree in 8 bits this often. */
const chance = 1 / 256;

const least = new Uint32Array(signatureLength);

/**
 * Writes the signature of a text into `signature`, 128 bytes.
 *
 * @param words hashes of its words, the first `count` of which count.
 * @param shingle words in a shingle; a shorter text is one shingle.
 * @returns whether there is one: a text without words has none, and zeros are written.
 */
export function writeSignature(words: Int32Array, count: number, shingle: number, signature: Uint8Array): boolean {
  if (count === 0) {
    signature.fill(0);
    return false;
  }
  const size = Math.min(shingle, count);
  least.fill(emptyBin);
  for (let i = 0; i + size <= count; i++) {
    let hash = 0;
    for (let j = i; j < i + size; j++) hash = (Math.imul(hash, 0x01000193) + words[j]!) | 0;
    keepLeast(mix(hash));
    keepLeast(mix(hash ^ seed1));
    keepLeast(mix(hash ^ seed2));
    keepLeast(mix(hash ^ seed3));
  }
  for (let bin = 0; bin < signatureLength; bin++) {
    let from = bin;
    for (let attempt = 1; least[from] === emptyBin; attempt++) from = mix(bin + attempt * signatureLength) >>> binShift;
    // The least of many is small: mixed, so that its last 8 bits are even again.
    signature[bin] = mix(least[from]! ^ seed1);
  }
  return true;
}

function keepLeast(hash: number): void {
  const bin = hash >>> binShift;
  if (hash < least[bin]!) least[bin] = hash;
}

/** The estimate, from 0 to 1, from how many of 128 bytes agree. Its standard error is √(J (1 − J) / 128): 0.035 at 0.8. */
export const similarityOf = (agreeing: number): number =>
  Math.max(0, (agreeing / signatureLength - chance) / (1 - chance));

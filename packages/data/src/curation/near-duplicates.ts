/**
 * Finds earlier texts similar to a new one by locality-sensitive hashing (Indyk & Motwani 1998; banding as in Leskovec, Rajaraman &
 * Ullman, Mining of Massive Datasets, 3.4): signatures are cut into bands of `rows` bytes, and texts that agree in a whole band are
 * compared. Two of similarity s agree in one of b bands with probability 1 − (1 − s^rows)^b.
 *
 * Memory: 128 bytes of signature a text, and 4 bytes in each band's table (5 to 11 with the room to grow); nothing on the heap.
 */
import { signatureLength, similarityOf } from "./minhash.js";
import { mix } from "./mix.js";

/** Texts in one block of signatures (8 MB): blocks are added, never copied. */
const blockTexts = 1 << 16;
/** Texts under one key of a band. More share boilerplate there, and say nothing about being copies; other bands tell them apart. */
const mostUnderKey = 16;

export interface Banding {
  readonly bands: number;
  readonly rows: number;
}

/** The probability that banding brings together two texts of this similarity. */
export const recallOf = ({ bands, rows }: Banding, similarity: number): number => 1 - (1 - similarity ** rows) ** bands;

/** The widest bands, and so the fewest comparisons, that still bring together 9 of 10 pairs just at the threshold. */
export function bandingFor(threshold: number): Banding {
  let best: Banding = { bands: signatureLength, rows: 1 };
  for (let rows = 2; rows <= signatureLength; rows++) {
    const banding = { bands: Math.floor(signatureLength / rows), rows };
    if (recallOf(banding, threshold) >= 0.9) best = banding;
  }
  return best;
}

export interface Neighbour {
  /** The number that `add` gave it. */
  readonly id: number;
  /** Estimated from the signatures. */
  readonly similarity: number;
}

export class NearDuplicateIndex {
  readonly #threshold: number;
  readonly #banding: Banding;
  readonly #blocks: Uint8Array[] = [];
  /** One open-addressing table a band: number of the text + 1, or 0. Its key is in the signature. */
  readonly #tables: Uint32Array[];
  #size = 0;
  #comparisons = 0;

  constructor(threshold: number, banding: Banding = bandingFor(threshold)) {
    this.#threshold = threshold;
    this.#banding = banding;
    this.#tables = Array.from({ length: banding.bands }, () => new Uint32Array(1024));
  }

  /** How many signatures have been compared in full so far: what finding costs. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /** The most similar text added before, where it is as similar as the threshold; of equals the first. */
  find(signature: Uint8Array): Neighbour | undefined {
    const compared: number[] = [];
    let bestAgreeing = -1;
    let best = 0;
    for (let band = 0; band < this.#banding.bands; band++) {
      const table = this.#tables[band]!;
      const mask = table.length - 1;
      for (let slot = this.#hash(signature, 0, band) & mask; table[slot] !== 0; slot = (slot + 1) & mask) {
        const id = table[slot]! - 1;
        if (!this.#sameBand(signature, id, band) || compared.includes(id)) continue;
        compared.push(id);
        this.#comparisons++;
        const agreeing = this.#agreeing(signature, id);
        if (agreeing > bestAgreeing || (agreeing === bestAgreeing && id < best)) {
          bestAgreeing = agreeing;
          best = id;
        }
      }
    }
    const similarity = similarityOf(bestAgreeing);
    return bestAgreeing >= 0 && similarity >= this.#threshold ? { id: best, similarity } : undefined;
  }

  /** Adds a text; its number is how many were added before. */
  add(signature: Uint8Array): number {
    const id = this.#size++;
    if (id % blockTexts === 0) this.#blocks.push(new Uint8Array(blockTexts * signatureLength));
    this.#blocks[this.#blocks.length - 1]!.set(signature, (id % blockTexts) * signatureLength);
    for (let band = 0; band < this.#banding.bands; band++) {
      if (this.#size > 0.75 * this.#tables[band]!.length) this.#growTable(band);
      this.#insert(this.#tables[band]!, band, id);
    }
    return id;
  }

  #insert(table: Uint32Array, band: number, id: number): void {
    const block = this.#blocks[Math.floor(id / blockTexts)]!;
    const at = (id % blockTexts) * signatureLength;
    const mask = table.length - 1;
    let slot = this.#hash(block, at, band) & mask;
    let same = 0;
    for (; table[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#sameBand(block, table[slot]! - 1, band, at) && ++same === mostUnderKey) return;
    }
    table[slot] = id + 1;
  }

  #growTable(band: number): void {
    const old = this.#tables[band]!;
    const larger = new Uint32Array(old.length * 2);
    const mask = larger.length - 1;
    for (const entry of old) {
      if (entry === 0) continue;
      const block = this.#blocks[Math.floor((entry - 1) / blockTexts)]!;
      let slot = this.#hash(block, ((entry - 1) % blockTexts) * signatureLength, band) & mask;
      while (larger[slot] !== 0) slot = (slot + 1) & mask;
      larger[slot] = entry;
    }
    this.#tables[band] = larger;
  }

  #hash(bytes: Uint8Array, at: number, band: number): number {
    const { rows } = this.#banding;
    const start = at + band * rows;
    let hash = 0;
    for (let i = start; i < start + rows; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193) ^ (hash >>> 15);
    return mix(hash);
  }

  #sameBand(bytes: Uint8Array, id: number, band: number, at = 0): boolean {
    const { rows } = this.#banding;
    const block = this.#blocks[Math.floor(id / blockTexts)]!;
    const start = (id % blockTexts) * signatureLength + band * rows;
    for (let i = 0; i < rows; i++) if (block[start + i] !== bytes[at + band * rows + i]) return false;
    return true;
  }

  #agreeing(signature: Uint8Array, id: number): number {
    const block = this.#blocks[Math.floor(id / blockTexts)]!;
    const start = (id % blockTexts) * signatureLength;
    let agreeing = 0;
    for (let i = 0; i < signatureLength; i++) if (block[start + i] === signature[i]) agreeing++;
    return agreeing;
  }
}

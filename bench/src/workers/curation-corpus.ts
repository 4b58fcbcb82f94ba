/**
 * Text to curate, of any size, from a seed: documents of mixed sizes that read like a given text (a chain of its words, each drawn from
 * those that follow the one before), with what curation looks for planted among them. A document's name begins with what it is.
 */

import type { RandomKey } from "@atelier/engine/random";

/**
 * `exact` copies differ in white space at most. Of a `near` copy's words, up to 1.5 % are others: a Jaccard similarity of 0.86 or more in
 * shingles of five words. Of a `related` document's, a tenth: about 0.42, no copy. `short` ones have at most ten words.
 */
export type PlantedKind = "original" | "exact" | "near" | "related" | "short";

export interface PlantedDocument {
  readonly kind: PlantedKind;
  /** `near/17` */
  readonly name: string;
  readonly text: string;
  /** Whether there is an e-mail address, phone or card number in it. */
  readonly personal: boolean;
}

/** An eighth of the originals have one of these in their middle. */
const personalData = [
  "write to ahab.captain@pequod.example.com today",
  "call +1 (415) 555-2671 now",
  "call 020 7946 0958 now",
  "paid with 4111 1111 1111 1111 again",
];
/** Copies are made of one of this many documents before. */
const remembered = 256;

/** Whole numbers below a bound, one after another. */
class Draws {
  readonly #key: RandomKey;
  readonly #block = new Uint32Array(1 << 16);
  #next = 0;
  #blocks = 0;

  constructor(key: RandomKey) {
    this.#key = key;
  }

  below(bound: number): number {
    if (this.#next % this.#block.length === 0) {
      this.#key.at(this.#blocks++).bits(this.#block);
      this.#next = 0;
    }
    return Math.floor((this.#block[this.#next++]! / 2 ** 32) * bound);
  }
}

/** Documents of together at least `characters` characters. */
export function* plantedCorpus(sample: string, characters: number, key: RandomKey): Generator<PlantedDocument> {
  const words = sample.split(/\s+/).filter((word) => word !== "");
  const places = new Map<string, number[]>();
  words.forEach((word, i) => {
    const seen = places.get(word);
    if (seen === undefined) places.set(word, [i]);
    else seen.push(i);
  });
  const draws = new Draws(key);
  const chain = (count: number): string[] => {
    let at = draws.below(words.length);
    return Array.from({ length: count }, () => {
      const word = words[at]!;
      const after = places.get(word)!;
      at = (after[draws.below(after.length)]! + 1) % words.length;
      return word;
    });
  };
  const edited = (original: readonly string[], share: number): string[] => {
    const copy = [...original];
    for (let i = Math.max(1, Math.floor(copy.length * share)); i > 0; i--) {
      copy[draws.below(copy.length)] = words[draws.below(words.length)]!;
    }
    return copy;
  };
  const written = (list: readonly string[], lineBreak: number): string =>
    list.map((word, i) => word + (i % lineBreak === lineBreak - 1 ? "\n" : " ")).join("");

  const recent: string[][] = [];
  let total = 0;
  for (let number = 0; total < characters; number++) {
    const roll = draws.below(100);
    const source = recent[draws.below(remembered)];
    let kind: PlantedKind = "original";
    let list: string[];
    if (roll < 5 && source !== undefined) [kind, list] = ["exact", source];
    else if (roll < 10 && source !== undefined) {
      [kind, list] = ["near", edited(source, (0.2 + draws.below(131) / 100) / 100)];
    } else if (roll < 13 && source !== undefined) [kind, list] = ["related", edited(source, 0.1)];
    else if (roll < 15) [kind, list] = ["short", chain(3 + draws.below(8))];
    else {
      // From 80 words to 13,000, small ones far more often: every size class of a factor of two has about as many words.
      list = chain(Math.floor(80 / (1 - (draws.below(249) + 0.5) / 250)));
      if (draws.below(8) === 0) {
        list.splice(list.length >> 1, 0, personalData[draws.below(personalData.length)]!);
      }
      recent[recent.length < remembered ? recent.length : draws.below(remembered)] = list;
    }
    const text = written(list, kind === "exact" ? 9 : 12);
    total += text.length;
    yield { kind, name: `${kind}/${number}`, text, personal: personalData.some((data) => text.includes(data)) };
  }
}

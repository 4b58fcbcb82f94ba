/**
 * Captions of pictures as a model reads them: numbers of words. A caption is a name and more that can be said of the picture, phrase by
 * phrase: "red heart: love, emotion". Captions are few and short, so that whole words serve better than parts of words.
 */
import { ArgumentError, FormatError } from "@atelier/engine/errors";
import { nearest } from "@atelier/engine/nearest";
import type { RandomKey } from "@atelier/engine/random";
import { z } from "zod";

export interface CaptionWordsOptions {
  /** The most words that are read; what comes after them is left out. */
  readonly length: number;
  /** A word is learnt if it stands in at least so many captions. */
  readonly least: number;
}

export interface EncodedCaption {
  /** (length) numbers of words, then −1. */
  readonly tokens: Int32Array;
  /** What it does not know, as it was written, each once. */
  readonly unknown: readonly string[];
}

export const captionWordsSchema = z.strictObject({
  words: z.array(z.string().min(1)).min(1),
  length: z.int().min(1),
});

/** In half of the draws of `vary` a caption is its name alone, as people ask for pictures. */
const ALONE = 0.5;
/** In the others, the name and every other phrase stay with these probabilities. */
const [NAME_STAYS, PHRASE_STAYS] = [0.75, 0.5];

/** Lower-case runs of letters, their marks and digits; an apostrophe may stand within one. */
const wordsOf = (text: string): string[] =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{M}]+(?:['’][\p{L}\p{M}]+)*/gu) ?? [];

/** What stands between colons, commas, semicolons, and at the ends of sentences and lines. */
const phrasesOf = (text: string): string[] =>
  text
    .split(/[:;,\n]|[.!?](?=\s|$)/u)
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== "");

export class CaptionWords {
  readonly words: readonly string[];
  /** The most words that are read. */
  readonly length: number;
  readonly #numbers: ReadonlyMap<string, number>;

  /** @param words in the order of their numbers */
  constructor({ words, length }: z.infer<typeof captionWordsSchema>) {
    this.words = words;
    this.length = length;
    this.#numbers = new Map(words.map((word, i) => [word, i]));
    if (this.#numbers.size !== words.length) throw new FormatError("Words of captions: one stands there twice");
  }

  /** All words that stand in enough captions, the most frequent first. @throws {ArgumentError} where there is none */
  static of(captions: Iterable<string | undefined>, { length, least }: CaptionWordsOptions): CaptionWords {
    const counts = new Map<string, number>();
    for (const caption of captions) {
      for (const word of new Set(wordsOf(caption ?? ""))) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const words = [...counts].filter(([, count]) => count >= least);
    if (words.length === 0) {
      throw new ArgumentError(`The pictures have no captions with a word that stands in ${least} of them`, {
        hint: "A caption is a text file beside a picture (cat.png, cat.txt), or a column of a list of pictures.",
      });
    }
    words.sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1));
    return new CaptionWords({ words: words.map(([word]) => word), length });
  }

  encode(caption: string): EncodedCaption {
    const tokens = new Int32Array(this.length).fill(-1);
    const unknown = new Set<string>();
    let at = 0;
    for (const word of wordsOf(caption)) {
      const number = this.#numbers.get(word);
      if (number === undefined) unknown.add(word);
      else if (at < this.length) tokens[at++] = number;
    }
    return { tokens, unknown: [...unknown] };
  }

  /**
   * A caption as one step of a training reads it: now its name alone, now some of what else is said of the picture. So a model learns what
   * each phrase shows, and can be asked in few words.
   */
  vary(caption: string, key: RandomKey): string {
    const [name = "", ...more] = phrasesOf(caption);
    if (key.split("alone").float64() < ALONE) return name;
    const phrases = key.split("phrases");
    const kept = more.filter((_, i) => phrases.at(i).float64() < PHRASE_STAYS);
    const named = kept.length === 0 || key.split("name").float64() < NAME_STAYS;
    return [...(named ? [name] : []), ...kept].join(", ");
  }

  /** The word that is most like another one; undefined where none is like it. */
  nearest(word: string): string | undefined {
    return nearest(word, this.words);
  }

  toJSON(): z.infer<typeof captionWordsSchema> {
    return { words: [...this.words], length: this.length };
  }
}

/**
 * Learns the merges of a byte-level BPE vocabulary from text: again and again the most frequent adjacent pair becomes a token.
 *
 * Sennrich, Haddow, Birch (ACL 2016), algorithm 1. Counts are kept over distinct pre-tokens, weighted by how often each occurs,
 * and mended only where a merge changes them; a heap finds the most frequent pair. **Ties** go to the pair with the smaller left
 * id, then the smaller right id, so the same text gives the same merges on every machine and in whatever order the texts come.
 */
import { ArgumentError } from "@atelier/engine/errors";
import { EmptyTextError } from "../errors.js";
import { bytesToAlphabet } from "./byte-alphabet.js";
import { Heap } from "./heap.js";
import { type PreTokenise, preTokens } from "./pre-tokens.js";
import type { Merge } from "./ranked-merges.js";

/** Longer pre-tokens (data in base64, unspaced scripts) are counted in pieces of this many bytes, to bound the rescans. */
const longestCountedPiece = 512;

interface Candidate {
  readonly count: number;
  readonly pair: number;
}

/** A distinct pre-token: its symbols, merged in place, of which the first `length` are alive. */
interface Word {
  readonly symbols: Int32Array;
  length: number;
  readonly occurrences: number;
}

export interface TrainingProgress {
  readonly merges: number;
  readonly wanted: number;
}

export interface BpeTrainingOptions {
  /** Size of the vocabulary to reach, special tokens and the 256 bytes included. */
  readonly vocabulary: number;
  /** Written forms of the special tokens. Default: `<|endoftext|>` alone. */
  readonly specials?: readonly string[];
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** What a byte-level codec is made of: see the constructor of `BpeCodec`. */
export type BpeVocabulary = [
  tokens: readonly string[],
  merges: readonly (readonly [number, number])[],
  specials: Readonly<Record<string, number>>,
];

function countWords(texts: Iterable<string>, preTokenise: PreTokenise): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const preToken of preTokenise(text)) counts.set(preToken, (counts.get(preToken) ?? 0) + 1);
  }
  const utf8 = new TextEncoder();
  const words: Word[] = [];
  for (const [preToken, occurrences] of counts) {
    const symbols = Int32Array.from(utf8.encode(preToken));
    for (let at = 0; at < symbols.length; at += longestCountedPiece) {
      const piece = symbols.slice(at, at + longestCountedPiece);
      words.push({ symbols: piece, length: piece.length, occurrences });
    }
  }
  return words;
}

/**
 * Up to `wanted` merges over byte ids 0–255; merge number i makes token 256 + i. There are fewer where no pair occurs twice any more.
 */
export function trainMerges(
  texts: Iterable<string>,
  wanted: number,
  onProgress?: (progress: TrainingProgress) => void,
  preTokenise: PreTokenise = preTokens,
): Merge[] {
  const words = countWords(texts, preTokenise);
  const vocabulary = 256 + wanted;
  const counts = new Map<number, number>();
  const wordsOf = new Map<number, number[]>();
  const change = (left: number, right: number, by: number, word: number): number => {
    const pair = left * vocabulary + right;
    counts.set(pair, (counts.get(pair) ?? 0) + by);
    if (by > 0) {
      const where = wordsOf.get(pair);
      if (where === undefined) wordsOf.set(pair, [word]);
      else if (where[where.length - 1] !== word) where.push(word);
    }
    return pair;
  };
  words.forEach(({ symbols, occurrences }, word) => {
    for (let i = 0; i + 1 < symbols.length; i++) change(symbols[i]!, symbols[i + 1]!, occurrences, word);
  });
  // A smaller pair number is a smaller left id, then a smaller right id.
  const heap = new Heap<Candidate>((a, b) => a.count > b.count || (a.count === b.count && a.pair < b.pair));
  for (const [pair, count] of counts) heap.push({ count, pair });

  const merges: Merge[] = [];
  while (merges.length < wanted) {
    const top = heap.pop();
    if (top === undefined || top.count < 2) break;
    const count = counts.get(top.pair) ?? 0;
    if (count !== top.count) {
      // Counts of old pairs only fall, so an outdated entry stands too high: put it back where it belongs.
      if (count > 0) heap.push({ count, pair: top.pair });
      continue;
    }
    const left = Math.floor(top.pair / vocabulary);
    const right = top.pair % vocabulary;
    const merged = 256 + merges.length;
    merges.push({ left, right, merged });
    const touched = new Set<number>();
    for (const index of wordsOf.get(top.pair) ?? []) {
      const word = words[index]!;
      const { symbols, occurrences } = word;
      let length = 0;
      for (let i = 0; i < word.length; i++) {
        if (symbols[i] !== left || i + 1 >= word.length || symbols[i + 1] !== right) {
          symbols[length++] = symbols[i]!;
          continue;
        }
        if (length > 0) {
          change(symbols[length - 1]!, left, -occurrences, index);
          touched.add(change(symbols[length - 1]!, merged, occurrences, index));
        }
        if (i + 2 < word.length) {
          change(right, symbols[i + 2]!, -occurrences, index);
          touched.add(change(merged, symbols[i + 2]!, occurrences, index));
        }
        symbols[length++] = merged;
        i++;
      }
      word.length = length;
    }
    counts.delete(top.pair);
    wordsOf.delete(top.pair);
    for (const pair of touched) {
      const now = counts.get(pair) ?? 0;
      if (now > 0) heap.push({ count: now, pair });
    }
    if (onProgress !== undefined && merges.length % 64 === 0) onProgress({ merges: merges.length, wanted });
  }
  onProgress?.({ merges: merges.length, wanted });
  return merges;
}

/**
 * Learns a vocabulary: ids 0–255 are the bytes, then one token a merge, then the special tokens. It comes out smaller than asked
 * where the text has no pair left that occurs twice.
 * @throws ArgumentError for a vocabulary too small for the bytes and special tokens. @throws EmptyTextError without text.
 */
export function trainVocabulary(
  texts: Iterable<string>,
  options: BpeTrainingOptions,
  preTokenise: PreTokenise,
): BpeVocabulary {
  const specials = [...new Set(options.specials ?? ["<|endoftext|>"])];
  const wanted = options.vocabulary - 256 - specials.length;
  if (!Number.isInteger(wanted) || wanted < 0 || specials.includes("")) {
    throw new ArgumentError(
      `A byte-level vocabulary of ${options.vocabulary} cannot hold the 256 bytes and ${specials.length} special tokens`,
      { hint: `Ask for a whole number of at least ${256 + specials.length}; 8192 suits a book.` },
    );
  }
  let characters = 0;
  const counted = (function* () {
    for (const text of texts) {
      characters += text.length;
      yield text;
    }
  })();
  const merges = trainMerges(counted, wanted, options.onProgress, preTokenise);
  if (characters === 0) {
    throw new EmptyTextError("There is no text to train a vocabulary on", {
      hint: "Give at least one document with text in it.",
    });
  }
  const tokens = Array.from({ length: 256 }, (_, byte) => bytesToAlphabet(Uint8Array.of(byte)));
  for (const { left, right } of merges) tokens.push(tokens[left]! + tokens[right]!);
  const ids = Object.fromEntries(specials.map((special, i) => [special, tokens.length + i]));
  return [[...tokens, ...specials], merges.map(({ left, right }) => [left, right] as const), ids];
}

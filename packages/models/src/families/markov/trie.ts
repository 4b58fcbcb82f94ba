/**
 * Every n-gram of a token stream up to a given order, with its counts, as one level of typed arrays per length. Level k holds
 * the k-grams in lexicographic order, so the continuations of a (k-1)-gram are neighbours there, sorted by their last token:
 * a context's whole distribution is one contiguous span, and finding one token in it is a binary search.
 */
import { orderSuffixes, sharedPrefixes } from "./suffix-order.js";

export const highestOrder = 32;
/** Far above any tokenizer's; a bound on what a damaged file can ask for. */
export const largestVocabulary = 2 ** 24;

/** The distinct k-grams of the stream. All arrays are indexed by k-gram, in lexicographic order. */
export interface NgramLevel {
  /** The last token of each k-gram. */
  readonly tokens: Int32Array;
  /** c(g): how often each k-gram occurs. */
  readonly counts: Int32Array;
  /** N1+(• g): how many distinct tokens precede it, the start of the stream counting as one. */
  readonly continuations: Int32Array;
  /** The (k+1)-grams that extend k-gram g are `children[g] … children[g + 1] - 1` of the next level. Empty in the last level. */
  readonly children: Int32Array;
}

export interface NgramTrie {
  readonly vocabulary: number;
  readonly order: number;
  /** `levels[k]` for k from 0 (the empty context, a single node with children only) to `order`. */
  readonly levels: readonly NgramLevel[];
}

export function rootLevel(unigrams: number): NgramLevel {
  const empty = new Int32Array(0);
  return { tokens: empty, counts: empty, continuations: empty, children: Int32Array.of(0, unigrams) };
}

/** Counts all n-grams of `tokens`, each from 0 to `vocabulary - 1`, for n from 1 to `order` (at most `highestOrder`). */
export function buildTrie(tokens: Int32Array, vocabulary: number, order: number): NgramTrie {
  const length = tokens.length;
  const suffixes = orderSuffixes(tokens, vocabulary, order);
  const shared = sharedPrefixes(tokens, suffixes, order);

  // A k-gram is new where a suffix of at least k tokens shares fewer than k with its predecessor.
  const sizes = new Int32Array(order + 1);
  for (let i = 0; i < length; i++) {
    const longest = Math.min(order, length - suffixes[i]!);
    for (let k = shared[i]! + 1; k <= longest; k++) sizes[k]!++;
  }

  const levels: NgramLevel[] = [rootLevel(sizes[1]!)];
  // Which k-gram starts at each position: of the level being built, and of the one before it.
  let here = new Int32Array(length);
  let shorter = new Int32Array(length);
  for (let k = 1; k <= order; k++) {
    const size = sizes[k]!;
    const parents = levels[k - 1]!;
    const level: NgramLevel = {
      tokens: new Int32Array(size),
      counts: new Int32Array(size),
      continuations: new Int32Array(k < order ? size : 0),
      children: new Int32Array(k < order ? size + 1 : 0),
    };
    let gram = -1;
    for (let i = 0; i < length; i++) {
      const position = suffixes[i]!;
      if (position + k > length) continue;
      if (shared[i]! < k) {
        gram++;
        level.tokens[gram] = tokens[position + k - 1]!;
        if (k > 1) {
          parents.children[shorter[position]! + 1]!++;
          parents.continuations[shorter[position + 1]!]!++;
        }
      }
      level.counts[gram]!++;
      here[position] = gram;
    }
    if (k > 1) for (let i = 1; i < parents.children.length; i++) parents.children[i]! += parents.children[i - 1]!;
    if (k < order && k <= length) level.continuations[here[0]!]!++; // the start of the stream precedes the first k-gram
    levels.push(level);
    [here, shorter] = [shorter, here];
  }
  return { vocabulary, order, levels };
}

/** The index in `level + 1` of the extension of k-gram `gram` (of `level`) by `token`, or -1. */
export function findChild(trie: NgramTrie, level: number, gram: number, token: number): number {
  const children = trie.levels[level]!.children;
  const tokens = trie.levels[level + 1]!.tokens;
  let low = children[gram]!;
  let high = children[gram + 1]! - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = tokens[middle]!;
    if (found === token) return middle;
    if (found < token) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

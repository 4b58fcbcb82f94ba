/**
 * Interpolated modified Kneser–Ney smoothing (Chen and Goodman 1999, section 3). For a context h and the counts c of its
 * continuations,
 *
 *   p(w | h) = [ c(h w) - D(c(h w)) + (D1 N1(h •) + D2 N2(h •) + D3+ N3+(h •)) p(w | h') ] / Σ_v c(h v)
 *
 * with h' the context less its first token, and the uniform distribution below the unigrams. D(c) is D1, D2 or D3+ for a count of 1,
 * 2 or more (0 for 0), N1, N2 and N3+ are how many continuations have such a count. c is how often h w occurs where h is the
 * longest context looked at, and N1+(• h w), how many distinct tokens precede it, where h is what a longer one backed off to.
 */
import { type Discounts, discount, discounted, estimateDiscounts } from "./discounts.js";
import type { NgramTrie } from "./trie.js";

/** What the formula needs besides the counts. The lists are indexed by n-gram length, from 1. */
export interface Smoothing {
  readonly trie: NgramTrie;
  /** For occurrence counts, up to the order. */
  readonly occurrenceDiscounts: readonly Discounts[];
  /** For continuation counts, up to the order less one. */
  readonly continuationDiscounts: readonly Discounts[];
  /** Unigram probabilities of the whole vocabulary, from occurrences: what an empty context gives. */
  readonly unigrams: Float64Array;
  /** The same from continuation counts: what longer contexts back off to. Empty for order 1. */
  readonly continuationUnigrams: Float64Array;
  /** The sums after each single token, kept because frequent tokens have thousands of continuations. */
  readonly afterOne: { readonly occurrences: ContextSums; readonly continuations: ContextSums };
}

/** For each context: the sum of its counts, and what the discounts take off them together. */
export interface ContextSums {
  readonly total: Float64Array;
  readonly freed: Float64Array;
}

export function prepareSmoothing(trie: NgramTrie): Smoothing {
  const { levels, order, vocabulary } = trie;
  const occurrenceDiscounts = levels.map((level) => estimateDiscounts(level.counts));
  const continuationDiscounts = levels.slice(0, order).map((level) => estimateDiscounts(level.continuations));
  const uniform = new Float64Array(vocabulary).fill(1 / vocabulary);
  const unigrams = uniform.slice();
  interpolate(trie, 0, 0, levels[1]!.counts, occurrenceDiscounts[1]!, unigrams);
  const continuationUnigrams = order > 1 ? uniform : new Float64Array(0);
  if (order > 1) interpolate(trie, 0, 0, levels[1]!.continuations, continuationDiscounts[1]!, continuationUnigrams);
  const afterOne = {
    occurrences: sumAfterOne(trie, levels[2]?.counts, occurrenceDiscounts[2]),
    continuations: sumAfterOne(trie, levels[2]?.continuations, continuationDiscounts[2]),
  };
  return { trie, occurrenceDiscounts, continuationDiscounts, unigrams, continuationUnigrams, afterOne };
}

/** Empty where the model has no such counts. */
function sumAfterOne(trie: NgramTrie, counts: Int32Array | undefined, discounts: Discounts | undefined): ContextSums {
  const contexts = counts && discounts ? trie.levels[1]!.tokens.length : 0;
  const sums: ContextSums = { total: new Float64Array(contexts), freed: new Float64Array(contexts) };
  if (!counts || !discounts) return sums;
  const children = trie.levels[1]!.children;
  for (let context = 0; context < contexts; context++) {
    for (let child = children[context]!; child < children[context + 1]!; child++) {
      sums.total[context]! += counts[child]!;
      sums.freed[context]! += discount(counts[child]!, discounts);
    }
  }
  return sums;
}

/**
 * One level of the formula over the whole vocabulary: `probabilities` holds p(• | h') and becomes p(• | h).
 *
 * @param length of h, which is k-gram `context` of that level
 * @param counts of the next level: its occurrences or its continuations
 */
export function interpolate(
  trie: NgramTrie,
  length: number,
  context: number,
  counts: Int32Array,
  discounts: Discounts,
  probabilities: Float64Array,
): void {
  const children = trie.levels[length]!.children;
  const tokens = trie.levels[length + 1]!.tokens;
  const from = children[context]!;
  const to = children[context + 1]!;
  if (from === to) return; // h was seen at the very end of the stream only
  let total = 0;
  let freed = 0;
  for (let child = from; child < to; child++) {
    total += counts[child]!;
    freed += discount(counts[child]!, discounts);
  }
  const weight = freed / total;
  for (let token = 0; token < probabilities.length; token++) probabilities[token]! *= weight;
  for (let child = from; child < to; child++) {
    probabilities[tokens[child]!]! += discounted(counts[child]!, discounts) / total;
  }
}

/**
 * Walks along a token stream and gives each token its probability, or the distribution of the next one (see `smoothing.ts` for
 * the formula). It remembers the n-grams that the last tokens make up, so a step costs one search per length.
 *
 * Near the start of a stream or window there are fewer tokens to look back on than the order allows. The longest context there
 * counts occurrences: the distribution is that of the model of this lower order, not the back-off distribution of the full one,
 * which is made for contexts that were never seen and would be needlessly bad.
 */
import { discounted } from "./discounts.js";
import { interpolate, type Smoothing } from "./smoothing.js";
import { findChild } from "./trie.js";

export class Cursor {
  private readonly model: Smoothing;
  private readonly longest: number;
  /** The j-gram of the last j tokens, for j from 0; -1 if it was never seen. */
  private readonly contexts: Int32Array;
  /** How many tokens can be looked back on: all since `reset`, at most the order less one. */
  private available = 0;

  constructor(model: Smoothing) {
    this.model = model;
    this.longest = model.trie.order - 1;
    this.contexts = new Int32Array(model.trie.order);
    this.reset();
  }

  /** Forgets all context. */
  reset(): void {
    this.contexts.fill(-1);
    this.contexts[0] = 0;
    this.available = 0;
  }

  /** Appends a token to the context. */
  advance(token: number): void {
    const { contexts, longest } = this;
    for (let j = Math.min(this.available, longest - 1); j >= 0; j--) {
      const context = contexts[j]!;
      contexts[j + 1] = context < 0 ? -1 : findChild(this.model.trie, j, context, token);
    }
    if (this.available < longest) this.available++;
  }

  /** The probability of `token` after the context. */
  probability(token: number): number {
    const { contexts, available } = this;
    const { unigrams, continuationUnigrams, afterOne, trie, occurrenceDiscounts, continuationDiscounts } = this.model;
    if (available === 0) return unigrams[token]!;
    let probability = continuationUnigrams[token]!;
    for (let j = 1; j <= available; j++) {
      const context = contexts[j]!;
      if (context < 0) break;
      const children = trie.levels[j]!.children;
      const from = children[context]!;
      const to = children[context + 1]!;
      if (from === to) break; // seen at the very end of the training stream only
      const { tokens, counts: occurrences, continuations } = trie.levels[j + 1]!;
      const exact = j === available;
      const counts = exact ? occurrences : continuations;
      const discounts = exact ? occurrenceDiscounts[j + 1]! : continuationDiscounts[j + 1]!;
      let count = 0;
      let total = 0;
      let freed = 0;
      if (j === 1) {
        const sums = exact ? afterOne.occurrences : afterOne.continuations;
        const child = findChild(trie, 1, context, token);
        if (child >= 0) count = counts[child]!;
        total = sums.total[context]!;
        freed = sums.freed[context]!;
      } else {
        let ones = 0;
        let twos = 0;
        for (let child = from; child < to; child++) {
          const c = counts[child]!;
          total += c;
          if (c === 1) ones++;
          else if (c === 2) twos++;
          if (tokens[child] === token) count = c;
        }
        freed = discounts.one * ones + discounts.two * twos + discounts.more * (to - from - ones - twos);
      }
      probability = (discounted(count, discounts) + freed * probability) / total;
    }
    return probability;
  }

  /** Writes the probabilities of the whole vocabulary after the context to `out`, of that length. */
  distribution(out: Float64Array): void {
    const { contexts, available } = this;
    const { unigrams, continuationUnigrams, trie, occurrenceDiscounts, continuationDiscounts } = this.model;
    out.set(available === 0 ? unigrams : continuationUnigrams);
    for (let j = 1; j <= available && contexts[j]! >= 0; j++) {
      const level = trie.levels[j + 1]!;
      if (j === available) interpolate(trie, j, contexts[j]!, level.counts, occurrenceDiscounts[j + 1]!, out);
      else interpolate(trie, j, contexts[j]!, level.continuations, continuationDiscounts[j + 1]!, out);
    }
  }
}

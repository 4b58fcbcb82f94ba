/**
 * Fitting an n-gram model is counting; the one thing to choose is the order. `chooseOrder` tries them all on a held-out tail of
 * the training tokens, so the data a baseline is later reported on is never looked at.
 */
import { ArgumentError } from "@atelier/engine/errors";
import { MarkovModel, requireTokens } from "./model.js";
import { buildTrie, highestOrder, largestVocabulary } from "./trie.js";

export interface FitMarkovOptions {
  /** Tokens are whole numbers from 0 to `vocabulary - 1`. */
  readonly vocabulary: number;
  /** n, from 1 to 32. `"auto"` (the default) is `chooseOrder`'s choice. */
  readonly order?: number | "auto" | undefined;
  /** The highest order that `"auto"` tries. Default: 8 for vocabularies up to 512 (characters, bytes), else 5 (words and pieces). */
  readonly maximumOrder?: number | undefined;
}

export interface OrderChoice {
  /** The order with the lowest held-out loss; the lower one of equals. */
  readonly order: number;
  /** The held-out loss of each order tried, nats per token, under the stream protocol. Empty if there is nothing to hold out. */
  readonly trials: readonly { readonly order: number; readonly nats: number }[];
  /** How many tokens of the tail were predicted. */
  readonly heldOut: number;
}

/** Enough to tell orders apart to a thousandth of a nat; more only costs time. */
const largestTail = 100_000;

/**
 * The interpolated modified Kneser–Ney model of a token stream.
 *
 * @throws ArgumentError for no tokens, a token outside the vocabulary, or an impossible vocabulary or order
 */
export function fitMarkov(tokens: Int32Array, options: FitMarkovOptions): MarkovModel {
  const { vocabulary, order = "auto" } = options;
  if (order !== "auto") requireOrder(order, "order");
  requireStream(tokens, vocabulary);
  return new MarkovModel(buildTrie(tokens, vocabulary, order === "auto" ? chooseOrder(tokens, options).order : order));
}

/**
 * Fits the first nine tenths of the tokens (all but the last 100,000, if that is more) and scores the rest at every order up to
 * the maximum. One fit serves them all: a model contains those of lower order.
 *
 * @throws ArgumentError as `fitMarkov` does
 */
export function chooseOrder(tokens: Int32Array, options: Omit<FitMarkovOptions, "order">): OrderChoice {
  const { vocabulary, maximumOrder = vocabulary <= 512 ? 8 : 5 } = options;
  requireOrder(maximumOrder, "maximumOrder");
  requireStream(tokens, vocabulary);
  const tail = Math.min(largestTail, Math.floor(tokens.length / 10));
  if (tail < 2) return { order: 1, trials: [], heldOut: 0 };
  const head = tokens.length - tail;
  const model = new MarkovModel(buildTrie(tokens.subarray(0, head), vocabulary, maximumOrder));
  const heldOut = tokens.subarray(head);
  const trials = Array.from({ length: maximumOrder }, (_, i) => {
    const { nats, count } = model.truncate(i + 1).score(heldOut);
    return { order: i + 1, nats: nats / count };
  });
  const best = trials.reduce((best, trial) => (trial.nats < best.nats ? trial : best));
  return { order: best.order, trials, heldOut: tail - 1 };
}

function requireOrder(order: number, name: string): void {
  if (Number.isSafeInteger(order) && order >= 1 && order <= highestOrder) return;
  throw new ArgumentError(`\`${name}\` is a whole number from 1 to ${highestOrder}, got ${order}`, {
    hint: "Characters want an order of 5 to 8, pieces of words 3 to 5.",
  });
}

function requireStream(tokens: Int32Array, vocabulary: number): void {
  if (!Number.isSafeInteger(vocabulary) || vocabulary < 1 || vocabulary > largestVocabulary) {
    throw new ArgumentError(
      `A vocabulary has a whole number of tokens from 1 to ${largestVocabulary}, got ${vocabulary}`,
      {
        hint: "Pass the size of the codec's vocabulary.",
      },
    );
  }
  if (tokens.length === 0) {
    throw new ArgumentError("There are no tokens to fit an n-gram model to", {
      hint: "Pass at least one token of training data.",
    });
  }
  requireTokens(tokens, vocabulary);
}

/**
 * The n-gram model: interpolated modified Kneser–Ney over a token stream. It is the ancestor of the neural language models and
 * the baseline each of them is measured against, over the same tokens and under the same protocol.
 */
import { ArgumentError } from "@atelier/engine/errors";
import { Cursor } from "./cursor.js";
import { decodeTrie, encodeTrie } from "./serialization.js";
import { prepareSmoothing, type Smoothing } from "./smoothing.js";
import type { NgramTrie } from "./trie.js";

export interface ScoreOptions {
  /**
   * Window protocol: the stream is cut into windows of `context` tokens from offset 0, and a token is predicted from those of the
   * window before it alone, exactly as a transformer of that context sees them (window i reads tokens iT … iT + T - 1 and
   * predicts iT + 1 … iT + T). Without it, stream protocol: every token is predicted from all that precede it.
   */
  readonly context?: number | undefined;
  /** Under the window protocol: whether a last window of fewer than `context` predictions counts. Default `"keep"`. */
  readonly partialWindow?: "keep" | "drop" | undefined;
  /** Also return the loss of each predicted token. */
  readonly perToken?: boolean | undefined;
}

export interface Score {
  /** Negative log-likelihood, summed, in nats. Divide by `count` for the loss, and that by ln 2 for bits per token. */
  readonly nats: number;
  /** Predicted tokens: all but the first one of the stream, under both protocols (less a dropped last window). */
  readonly count: number;
  readonly protocol: "windows" | "stream";
  /** (count): the loss of token i + 1 of the stream, in nats. */
  readonly perToken?: Float64Array;
}

export class MarkovModel {
  private readonly smoothing: Smoothing;
  private readonly cursor: Cursor;

  /** From counted n-grams; `fitMarkov` makes these. */
  constructor(trie: NgramTrie) {
    this.smoothing = prepareSmoothing(trie);
    this.cursor = new Cursor(this.smoothing);
  }

  /** n: a token is predicted from at most n - 1 before it. */
  get order(): number {
    return this.smoothing.trie.order;
  }

  get vocabulary(): number {
    return this.smoothing.trie.vocabulary;
  }

  /**
   * ln p(• | context) over the whole vocabulary; every entry is finite and the probabilities sum to 1.
   *
   * @param context the preceding tokens; only the last `order - 1` matter. With fewer, the distribution is that of the model of
   *   that lower order
   * @param out (vocabulary): written and returned; a new array by default
   * @throws ArgumentError for a token outside the vocabulary, or `out` of another length
   */
  logProbabilities(context: ArrayLike<number>, out: Float64Array = new Float64Array(this.vocabulary)): Float64Array {
    if (out.length !== this.vocabulary) {
      throw new ArgumentError(`The output has length ${out.length}, but the vocabulary has ${this.vocabulary} tokens`, {
        hint: "Pass a Float64Array of the model's vocabulary size, or none.",
      });
    }
    this.cursor.reset();
    for (let i = Math.max(0, context.length - this.order + 1); i < context.length; i++) {
      requireToken(context[i]!, this.vocabulary, i);
      this.cursor.advance(context[i]!);
    }
    this.cursor.distribution(out);
    for (let token = 0; token < out.length; token++) out[token] = Math.log(out[token]!);
    return out;
  }

  /**
   * The model's loss over a stream of tokens. Its first token is context only, under either protocol.
   *
   * @throws ArgumentError for a token outside the vocabulary, or an impossible `context`
   */
  score(tokens: Int32Array, options: ScoreOptions = {}): Score {
    const { context, partialWindow = "keep" } = options;
    if (context !== undefined && (!Number.isSafeInteger(context) || context < 1)) {
      throw new ArgumentError(`A context is a whole number of tokens from 1 up, got ${context}`, {
        hint: "Pass the context length of the model this is compared with, or leave it out to score the whole stream.",
      });
    }
    requireTokens(tokens, this.vocabulary);
    let count = Math.max(0, tokens.length - 1);
    if (context !== undefined && partialWindow === "drop") count -= count % context;
    const perToken = options.perToken ? new Float64Array(count) : undefined;
    const window = context ?? Number.POSITIVE_INFINITY;
    const cursor = this.cursor;
    cursor.reset();
    let nats = 0;
    let inWindow = 0;
    for (let i = 0; i < count; i++) {
      if (inWindow === window) {
        cursor.reset();
        inWindow = 0;
      }
      cursor.advance(tokens[i]!);
      inWindow++;
      const loss = -Math.log(cursor.probability(tokens[i + 1]!));
      nats += loss;
      if (perToken) perToken[i] = loss;
    }
    const protocol = context === undefined ? "stream" : "windows";
    return perToken ? { nats, count, protocol, perToken } : { nats, count, protocol };
  }

  /**
   * The model of a lower order fitted to the same stream, sharing this one's counts.
   *
   * @throws ArgumentError unless `order` is a whole number from 1 to this model's
   */
  truncate(order: number): MarkovModel {
    if (!Number.isSafeInteger(order) || order < 1 || order > this.order) {
      throw new ArgumentError(`Cannot truncate a model of order ${this.order} to order ${order}`, {
        hint: `Choose a whole number from 1 to ${this.order}.`,
      });
    }
    const { levels, vocabulary } = this.smoothing.trie;
    return new MarkovModel({ vocabulary, order, levels: levels.slice(0, order + 1) });
  }

  /** The model as one block of bytes: see `serialization.ts`. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return encodeTrie(this.smoothing.trie);
  }

  /** @throws FormatError if the bytes are not those of a model, are of an unknown version, truncated or altered */
  static fromBytes(bytes: Uint8Array): MarkovModel {
    return new MarkovModel(decodeTrie(bytes));
  }
}

/** @throws ArgumentError naming the first token that is not in the vocabulary */
export function requireTokens(tokens: Int32Array, vocabulary: number): void {
  for (let i = 0; i < tokens.length; i++) requireToken(tokens[i]!, vocabulary, i);
}

function requireToken(token: number, vocabulary: number, position: number): void {
  if (Number.isInteger(token) && token >= 0 && token < vocabulary) return;
  throw new ArgumentError(`Token ${token} at position ${position} is outside the vocabulary of ${vocabulary}`, {
    hint: "Encode the text with the codec that the model was fitted with.",
  });
}

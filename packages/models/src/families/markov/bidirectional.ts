/**
 * An n-gram model that reads from both sides: the baseline of masked prediction. One model is fitted to the stream and one to its
 * reversal, and their predictions of a hidden token x between the contexts l and r are multiplied:
 *
 *   p(x | l, r) ∝ p(x | l) p(x | r) / p(x)
 *
 * By Bayes, p(x | l, r) = p(x | l) p(r | x, l) / p(r | l). Where r depends on l through x alone, p(r | x, l) = p(r | x)
 * = p(x | r) p(r) / p(x); what does not depend on x cancels, and the formula is left. So it is exact for a first-order chain (contexts
 * of one token). Elsewhere it counts twice what both sides know, and the longer the contexts the surer it is of it: so the order is
 * chosen by this very loss, and not by that of one direction.
 */
import { ArgumentError } from "@atelier/engine/errors";
import { RandomKey } from "@atelier/engine/random";
import { type FitMarkovOptions, fitMarkov } from "./fit.js";
import type { MarkovModel } from "./model.js";

export class BidirectionalMarkov {
  private readonly unigrams: Float64Array;
  private readonly behind: Float64Array;
  readonly forward: MarkovModel;
  readonly backward: MarkovModel;

  /** `backward` is fitted to the reversed stream. @throws ArgumentError for models of different vocabularies */
  constructor(forward: MarkovModel, backward: MarkovModel) {
    if (forward.vocabulary !== backward.vocabulary) {
      throw new ArgumentError(
        `The two directions have vocabularies of ${forward.vocabulary} and of ${backward.vocabulary} tokens`,
        { hint: "Fit both to the same tokens." },
      );
    }
    this.forward = forward;
    this.backward = backward;
    this.unigrams = forward.logProbabilities([]);
    this.behind = new Float64Array(forward.vocabulary);
  }

  get order(): number {
    return this.forward.order;
  }

  get vocabulary(): number {
    return this.forward.vocabulary;
  }

  /**
   * ln p(• | left, right) over the whole vocabulary.
   *
   * @param left the tokens before the hidden one, `right` those after it, both in reading order; the nearest `order - 1` matter
   * @param out (vocabulary): written and returned; a new array by default
   * @throws ArgumentError for a token outside the vocabulary, or `out` of another length
   */
  logProbabilities(
    left: ArrayLike<number>,
    right: ArrayLike<number>,
    out: Float64Array = new Float64Array(this.vocabulary),
  ): Float64Array {
    const { unigrams, behind } = this;
    this.forward.logProbabilities(left, out);
    const near = Math.min(right.length, this.order - 1);
    this.backward.logProbabilities(
      Array.from({ length: near }, (_, i) => right[near - 1 - i]!),
      behind,
    );
    let highest = Number.NEGATIVE_INFINITY;
    for (let token = 0; token < out.length; token++) {
      out[token]! += behind[token]! - unigrams[token]!;
      if (out[token]! > highest) highest = out[token]!;
    }
    let total = 0;
    for (let token = 0; token < out.length; token++) total += Math.exp(out[token]! - highest);
    const logTotal = highest + Math.log(total);
    for (let token = 0; token < out.length; token++) out[token]! -= logTotal;
    return out;
  }

  /**
   * The loss in nats of the tokens of a row at `positions`, all of them hidden at once: a context reaches from its token to the nearest
   * other hidden one, or to the end of the row.
   *
   * @param row the tokens as they are
   * @param positions ascending
   * @returns as many losses as there are positions
   * @throws ArgumentError for a token outside the vocabulary, or positions that are not ascending places of the row
   */
  score(row: Int32Array, positions: ArrayLike<number>): Float64Array {
    const losses = new Float64Array(positions.length);
    const logs = new Float64Array(this.vocabulary);
    let before = -1;
    for (let i = 0; i < positions.length; i++) {
      const at = positions[i]!;
      if (!(Number.isInteger(at) && at > before && at < row.length)) {
        throw new ArgumentError(`Position ${at} at ${i} is no place in a row of ${row.length} after ${before}`, {
          hint: "Positions are ascending whole numbers from 0 up.",
        });
      }
      const token = row[at]!;
      if (token < 0 || token >= this.vocabulary) {
        throw new ArgumentError(`Token ${token} at position ${at} is outside the vocabulary of ${this.vocabulary}`, {
          hint: "Encode the text with the codec that the model was fitted with.",
        });
      }
      const after = i + 1 < positions.length ? positions[i + 1]! : row.length;
      this.logProbabilities(row.subarray(before + 1, at), row.subarray(at + 1, after), logs);
      losses[i] = -logs[token]!;
      before = at;
    }
    return losses;
  }

  /** @throws ArgumentError unless `order` is a whole number from 1 to this model's */
  truncate(order: number): BidirectionalMarkov {
    return new BidirectionalMarkov(this.forward.truncate(order), this.backward.truncate(order));
  }
}

export interface FitBidirectionalOptions extends FitMarkovOptions {
  /** The share of tokens that are hidden where the model will be used; `"auto"` hides as many. Default 0.15. */
  readonly share?: number | undefined;
}

/** Hidden tokens of the held-out tail that orders are compared on: each costs a pass over the vocabulary at every order. */
const LARGEST_TRIAL = 2000;

/**
 * Both directions of a stream. `"auto"`, the default, chooses the order with the lowest loss on hidden tokens of the last tenth, fitted
 * to the rest; the lower one of equals.
 *
 * @throws ArgumentError for no tokens, a token outside the vocabulary, or an impossible vocabulary, order or share
 */
export function fitBidirectional(tokens: Int32Array, options: FitBidirectionalOptions): BidirectionalMarkov {
  const { vocabulary, order = "auto", maximumOrder = vocabulary <= 512 ? 8 : 5, share = 0.15 } = options;
  if (!(share > 0 && share <= 1)) {
    throw new ArgumentError(`\`share\` lies above 0 and up to 1, got ${share}`, { hint: "BERT hides 0.15." });
  }
  const chosen = order === "auto" ? chooseOrder(tokens, vocabulary, maximumOrder, share) : order;
  return bothWays(tokens, vocabulary, chosen);
}

const bothWays = (tokens: Int32Array, vocabulary: number, order: number): BidirectionalMarkov =>
  new BidirectionalMarkov(
    fitMarkov(tokens, { vocabulary, order }),
    fitMarkov(tokens.toReversed(), { vocabulary, order }),
  );

function chooseOrder(tokens: Int32Array, vocabulary: number, maximumOrder: number, share: number): number {
  const tail = Math.min(Math.floor(tokens.length / 10), Math.ceil(LARGEST_TRIAL / share));
  const head = tokens.length - tail;
  const held = tokens.subarray(head);
  const draws = RandomKey.fromSeed(0).uniform(new Float32Array(tail));
  const positions = Int32Array.from(held.keys()).filter((i) => draws[i]! < share);
  if (positions.length === 0) return 1;
  const model = bothWays(tokens.subarray(0, head), vocabulary, maximumOrder);
  let best = { order: 1, nats: Number.POSITIVE_INFINITY };
  for (let order = 1; order <= maximumOrder; order++) {
    const nats = model
      .truncate(order)
      .score(held, positions)
      .reduce((sum, loss) => sum + loss, 0);
    if (nats < best.nats) best = { order, nats };
  }
  return best.order;
}

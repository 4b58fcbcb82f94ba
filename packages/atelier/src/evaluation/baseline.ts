/** The n-gram model that stands beside every evaluation of a language model, over the same tokens and windows. */
import type { TokenStream, TokensCodec } from "@atelier/data";
import type { RandomKey } from "@atelier/engine";
import { fitMarkov, type MarkovModel, Sampler } from "@atelier/models";
import { emptyJudgement, type Judgement, type TextBaseline } from "./judgement.js";
import { beginning } from "./windows.js";

/** The most tokens that it is fitted on: counting more would take gigabytes of memory. */
const MOST_FITTED = 8_000_000;
/** Where there are more, they are taken in this many pieces from all over the text. */
const PIECES = 64;

/** Fitted on the training text; its order is chosen on a held-out tail of that. */
export function kneserNeyBaseline(
  train: TokenStream,
  codec: Pick<TokensCodec, "spec" | "bytesOf">,
  context: number,
): TextBaseline {
  const tokens = spread(train);
  const model = fitMarkov(tokens, { vocabulary: codec.spec.vocabulary });
  return {
    name: `${model.order}-gram Kneser-Ney${fittedOf(tokens, train)}`,
    async judge(stream, { limit } = {}) {
      return judgeMarkov(model, beginning(stream, limit), codec, context);
    },
    generate: (prompt, tokens, temperature, key) => continueMarkov(model, prompt, tokens, temperature, key),
  };
}

/** Says where not all of the training text was counted. */
export const fittedOf = (tokens: Int32Array, train: TokenStream): string =>
  tokens.length < train.length ? `, fitted on ${(tokens.length / 1e6).toFixed(0)} M of the tokens` : "";

/** A stream's tokens, or so many of them in equal pieces at equal distances. */
export function spread(stream: TokenStream, most = MOST_FITTED): Int32Array {
  if (stream.length <= most) return stream.read(0, stream.length);
  const length = Math.floor(most / PIECES);
  const ids = new Int32Array(PIECES * length);
  for (let piece = 0; piece < PIECES; piece++) {
    const from = Math.floor((piece / PIECES) * stream.length);
    ids.set(stream.read(from, from + length), piece * length);
  }
  return ids;
}

function judgeMarkov(
  model: MarkovModel,
  stream: TokenStream,
  codec: Pick<TokensCodec, "bytesOf">,
  context: number,
): Judgement {
  const ids = stream.read(0, stream.length);
  const losses = model.score(ids, { context, perToken: true }).perToken!;
  const windows = Math.ceil(losses.length / context);
  const judgement = emptyJudgement(windows);
  for (let window = 0; window < windows; window++) {
    const [from, to] = [window * context, Math.min((window + 1) * context, losses.length)];
    for (let i = from; i < to; i++) judgement.nats[window]! += losses[i]!;
    judgement.counts[window] = to - from;
    // Token i + 1 is what loss i is of.
    judgement.bytes[window] = codec.bytesOf(ids.subarray(from + 1, to + 1));
  }
  return judgement;
}

export function continueMarkov(
  model: MarkovModel,
  prompt: readonly number[],
  tokens: number,
  temperature: number,
  key: RandomKey,
): number[] {
  const sampler = new Sampler({ temperature });
  const context = [...prompt];
  let probabilities: Float64Array | undefined;
  for (let i = 0; i < tokens; i++) {
    probabilities = model.logProbabilities(context.slice(-model.order), probabilities);
    context.push(sampler.sample(probabilities, key.at(i)));
  }
  return context.slice(prompt.length);
}

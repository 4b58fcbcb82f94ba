/**
 * What a model's predictions of a held-out text came to, window by window, so that intervals can be drawn over windows and a model be
 * compared with its baseline on each of them.
 */
import type { TokenStream } from "@atelier/data";
import type { HostTensor, RandomKey, TreeRecord } from "@atelier/engine";

/** One number a window of the text. */
export interface Judgement {
  /** Σ −ln p of what was predicted, in nats. */
  readonly nats: Float64Array;
  /** How many predictions. */
  readonly counts: Float64Array;
  /** Bytes of text that they stand for. */
  readonly bytes: Float64Array;
}

export const emptyJudgement = (windows: number): Judgement => ({
  nats: new Float64Array(windows),
  counts: new Float64Array(windows),
  bytes: new Float64Array(windows),
});

export interface JudgeOptions {
  /** Judge only about the first so many tokens, in whole windows. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Prepared once, used with whatever weights are given. */
export interface Judge {
  /** What is predicted from what, in words, for whoever reads the figures. */
  readonly protocol: string;
  /** @throws {TextTooShortError} where there is nothing to predict. */
  judge(weights: TreeRecord<HostTensor>, stream: TokenStream, options?: JudgeOptions): Promise<Judgement>;
  release(): Promise<void>;
}

/** What a trained model has to beat, under the same protocol. */
export interface TextBaseline {
  /** `8-gram Kneser-Ney` */
  readonly name: string;
  judge(stream: TokenStream, options?: JudgeOptions): Promise<Judgement>;
  /** Goes on from a prompt, where it can. */
  readonly generate?:
    | ((prompt: readonly number[], tokens: number, temperature: number, key: RandomKey) => number[])
    | undefined;
}

/** A baseline, and how it did on the validation split. */
export interface JudgedBaseline {
  readonly baseline: TextBaseline;
  readonly judgement: Judgement;
  readonly score: LanguageScore;
}

export interface LanguageScore {
  /** Mean negative log-likelihood of a prediction, in nats. */
  readonly loss: number;
  readonly perplexity: number;
  /** Bits for each byte of the text that was predicted. */
  readonly bitsPerByte: number;
  /** How many predictions. */
  readonly tokens: number;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** Over all windows. */
export const totalsOf = (
  judgement: Judgement,
): { readonly nats: number; readonly tokens: number; readonly bytes: number } => ({
  nats: sum(judgement.nats),
  tokens: sum(judgement.counts),
  bytes: sum(judgement.bytes),
});

export function scoreOf(judgement: Judgement): LanguageScore {
  const { nats, tokens, bytes } = totalsOf(judgement);
  return {
    loss: nats / tokens,
    perplexity: Math.exp(nats / tokens),
    bitsPerByte: nats / Math.LN2 / bytes,
    tokens,
  };
}

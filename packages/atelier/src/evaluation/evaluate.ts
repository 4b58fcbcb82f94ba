/**
 * How well a model predicts held-out text, and how well the n-gram baseline does on the same tokens.
 *
 * Protocol: the whole stream in non-overlapping windows of the model's context from offset 0; every token but the first is a target
 * exactly once, and both see only what lies in the window before it.
 */

import { TokenStream, type TokensCodec } from "@atelier/data";
import {
  type Compiled,
  compile,
  type Device,
  type HostTensor,
  hostTensor,
  Scope,
  type Tensor,
  type TreeRecord,
  tokenCrossEntropy,
} from "@atelier/engine";
import { type GptConfiguration, gptLogits, type MarkovModel } from "@atelier/models";

export interface LanguageScore {
  /** Mean negative log-likelihood of a token, in nats. */
  readonly loss: number;
  readonly perplexity: number;
  readonly bitsPerByte: number;
  readonly tokens: number;
}

export function scoreOf(nats: number, tokens: number, bytes: number): LanguageScore {
  return { loss: nats / tokens, perplexity: Math.exp(nats / tokens), bitsPerByte: nats / Math.LN2 / bytes, tokens };
}

/** How many windows are judged in one call: about as many tokens as a training batch has. */
const TOKENS_A_CALL = 4096;

type Judge = Compiled<
  { params: TreeRecord<Tensor>; inputs: Tensor; targets: Tensor; mask: Tensor },
  { nats: Tensor },
  never
>;

/** Judges a GPT on token streams; prepared once, used with whatever weights are given. */
export class GptJudge {
  readonly #configuration: GptConfiguration;
  readonly #judge: Judge;

  constructor(
    configuration: GptConfiguration,
    options: { readonly device?: Device | undefined; readonly threads?: number | undefined } = {},
  ) {
    this.#configuration = configuration;
    this.#judge = compile(
      ({
        params,
        inputs,
        targets,
        mask,
      }: {
        params: TreeRecord<Tensor>;
        inputs: Tensor;
        targets: Tensor;
        mask: Tensor;
      }) => {
        const logits = gptLogits(Scope.over({ params }), configuration, inputs); // (B · T, V)
        return { nats: tokenCrossEntropy(logits, targets.reshape([-1])).mul(mask.reshape([-1])) };
      },
      options.device === undefined
        ? { threads: options.threads }
        : { device: options.device, threads: options.threads },
    );
  }

  /**
   * Σ −ln p and the number of targets. `limit` judges only the first so many tokens.
   * @throws {TextTooShortError} where there is nothing to predict.
   */
  async score(
    params: TreeRecord<HostTensor>,
    stream: TokenStream,
    {
      limit,
      signal,
      onProgress,
    }: {
      readonly limit?: number;
      readonly signal?: AbortSignal | undefined;
      readonly onProgress?: (done: number, total: number) => void;
    } = {},
  ): Promise<{ nats: number; count: number }> {
    const { context } = this.#configuration;
    const part =
      limit === undefined || stream.length <= limit ? stream : new TokenStream(stream.ids.subarray(0, limit + 1));
    const rows = Math.max(1, Math.min(Math.ceil((part.length - 1) / context), Math.floor(TOKENS_A_CALL / context)));
    const shape = [rows, context];
    let nats = 0;
    let count = 0;
    for (const window of part.windows(context, rows)) {
      signal?.throwIfAborted();
      const result = await this.#judge({
        params,
        inputs: hostTensor(window.inputs, shape),
        targets: hostTensor(window.targets, shape),
        mask: hostTensor(window.mask, shape),
      });
      // Summed in float64: a stream has many tokens.
      for (const value of result.nats.data) nats += value;
      count += window.count;
      onProgress?.(count, part.length - 1);
    }
    return { nats, count };
  }

  release(): Promise<void> {
    return this.#judge.release();
  }
}

/** The bytes of text that the targets of a stream stand for: all tokens but the first. */
export const targetBytes = (codec: TokensCodec, stream: TokenStream): number => codec.bytesOf(stream.ids.subarray(1));

/** The baseline under the same protocol. */
export function scoreBaseline(
  baseline: MarkovModel,
  codec: TokensCodec,
  stream: TokenStream,
  context: number,
): LanguageScore {
  const { nats, count } = baseline.score(stream.ids, { context });
  return scoreOf(nats, count, targetBytes(codec, stream));
}

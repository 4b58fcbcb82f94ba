/**
 * The pseudo-log-likelihood of a text: each token in turn is hidden and predicted from all the others (Salazar et al. 2020, "Masked
 * language model scoring"). A text longer than the context is read in windows that do not overlap.
 */
import { type TextCodec, TextTooShortError } from "@atelier/data";
import { type Compiled, compile, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { bertNats, type MaskedRows, maskEach, type TransformerConfiguration } from "@atelier/models";
import type { GeneratorOptions } from "../../generation/generate.js";
import { bucketOf } from "../../generation/key-value-cache.js";
import type { Weights } from "../text-family.js";
import type { TextScore, TextScorer } from "../text-tasks.js";
import { specialTokens } from "./family.js";
import { LEAST_LENGTH } from "./filler.js";

/** Tokens in one call of the runtime. */
const TOKENS_A_CALL = 2048;

type Call = Compiled<{ bert: TreeRecord<Tensor>; rows: MaskedRows }, { nats: Tensor }, never>;

export class BertScorer implements TextScorer {
  readonly measure = "pseudo-log-likelihood";
  readonly #context: number;
  readonly #codec: TextCodec;
  readonly #weights: Weights;
  readonly #call: Call;

  constructor(configuration: TransformerConfiguration, codec: TextCodec, weights: Weights, on: GeneratorOptions) {
    this.#context = configuration.context;
    this.#codec = codec;
    this.#weights = weights;
    this.#call = compile(({ bert, rows }) => ({ nats: bertNats(Scope.over({ params: bert }), configuration, rows) }), {
      freeze: ["bert"],
      ...on,
    }) as Call;
  }

  async score(text: string, signal?: AbortSignal): Promise<TextScore> {
    const ids = this.#codec.encode(text);
    if (ids.length === 0) throw new TextTooShortError("An empty text has no tokens to predict");
    let nats = 0;
    for (let from = 0; from < ids.length; from += this.#context) {
      const window = ids.subarray(from, from + this.#context);
      const length = bucketOf(window.length, LEAST_LENGTH, this.#context);
      const rows = Math.max(1, Math.floor(TOKENS_A_CALL / length));
      for (const masked of maskEach(window, { ...specialTokens(this.#codec), rows, length })) {
        signal?.throwIfAborted();
        const result = await this.#call({ bert: this.#weights, rows: masked });
        for (const value of result.nats.data) nats += value;
      }
    }
    return { nats, tokens: ids.length, bytes: this.#codec.bytesOf(ids) };
  }

  release(): Promise<void> {
    return this.#call.release();
  }
}

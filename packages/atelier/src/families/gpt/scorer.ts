/**
 * The log-likelihood of a text. It is read in non-overlapping windows of the context, as the judge of held-out text reads. Its first token
 * is predicted where the codec has an `<|endoftext|>` that it can follow; else it is only read.
 */
import { type TextCodec, TokenStream } from "@atelier/data";
import type { TransformerConfiguration } from "@atelier/models";
import { totalsOf } from "../../evaluation/judgement.js";
import type { Placement, Weights } from "../text-family.js";
import type { TextScore, TextScorer } from "../text-tasks.js";
import { GptJudge } from "./judge.js";

export class GptScorer implements TextScorer {
  readonly measure = "log-likelihood";
  readonly #codec: TextCodec;
  readonly #weights: Weights;
  readonly #judge: GptJudge;

  constructor(configuration: TransformerConfiguration, codec: TextCodec, weights: Weights, on: Placement) {
    this.#codec = codec;
    this.#weights = weights;
    this.#judge = new GptJudge(configuration, codec, on);
  }

  async score(text: string, signal?: AbortSignal): Promise<TextScore> {
    const end = this.#codec.spec.specials["<|endoftext|>"];
    const ids = [...(end === undefined ? [] : [end]), ...this.#codec.encode(text)];
    const stream = new TokenStream(Int32Array.from(ids));
    return totalsOf(await this.#judge.judge(this.#weights, stream, { signal }));
  }

  release(): Promise<void> {
    return this.#judge.release();
  }
}

/** How well a BERT names hidden tokens of held-out text. */
import type { TextCodec, TokenStream } from "@atelier/data";
import { type Compiled, compile, type HostTensor, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { bertNats, type MaskedRows, type TransformerConfiguration } from "@atelier/models";
import { emptyJudgement, type Judge, type Judgement, type JudgeOptions } from "../../evaluation/judgement.js";
import type { Placement } from "../text-family.js";
import { HIDDEN_PROTOCOL, hiddenIn, hiddenWindows, judgedPart } from "./hidden-windows.js";

/** Tokens in one call of the runtime, about as many as a training batch has. */
const TOKENS_A_CALL = 4096;

type Call = Compiled<{ params: TreeRecord<Tensor>; rows: MaskedRows }, { nats: Tensor }, never>;

export class BertJudge implements Judge {
  readonly protocol = HIDDEN_PROTOCOL;
  readonly #configuration: TransformerConfiguration;
  readonly #codec: TextCodec;
  readonly #call: Call;

  constructor(configuration: TransformerConfiguration, codec: TextCodec, { device, threads }: Placement = {}) {
    this.#configuration = configuration;
    this.#codec = codec;
    this.#call = compile(
      ({ params, rows }: { params: TreeRecord<Tensor>; rows: MaskedRows }) => ({
        nats: bertNats(Scope.over({ params }), configuration, rows), // (B, K)
      }),
      { device, threads },
    );
  }

  async judge(
    params: TreeRecord<HostTensor>,
    stream: TokenStream,
    { limit, signal, onProgress }: JudgeOptions = {},
  ): Promise<Judgement> {
    const { context } = this.#configuration;
    const part = judgedPart(stream, context, limit);
    const windows = Math.max(1, Math.floor(part.length / context));
    const batch = Math.max(1, Math.min(windows, Math.floor(TOKENS_A_CALL / context)));
    const judgement = emptyJudgement(windows);
    for (const hidden of hiddenWindows(part, this.#codec, this.#configuration, batch)) {
      signal?.throwIfAborted();
      const { nats } = await this.#call({ params, rows: hidden.masked });
      const places = nats.shape[1]!;
      for (let row = 0; row < hidden.rows; row++) {
        const window = hidden.first + row;
        const { count, bytes } = hiddenIn(hidden, row, this.#codec);
        for (let i = 0; i < places; i++) judgement.nats[window]! += nats.data[row * places + i]!;
        judgement.counts[window] = count;
        judgement.bytes[window] = bytes;
      }
      onProgress?.(hidden.first + hidden.rows, windows);
    }
    return judgement;
  }

  release(): Promise<void> {
    return this.#call.release();
  }
}

/**
 * How well a GPT predicts held-out text.
 *
 * Protocol: the whole stream in non-overlapping windows of the model's context from offset 0; every token but the first is a target
 * exactly once, and sees only what lies in the window before it.
 */
import type { TokenStream, TokensCodec } from "@atelier/data";
import {
  type Compiled,
  compile,
  type HostTensor,
  hostTensor,
  Scope,
  type Tensor,
  type TreeRecord,
  tokenCrossEntropy,
} from "@atelier/engine";
import { gptLogits, type TransformerConfiguration } from "@atelier/models";
import { emptyJudgement, type Judge, type Judgement, type JudgeOptions } from "../../evaluation/judgement.js";
import { beginning, WINDOWS_PROTOCOL } from "../../evaluation/windows.js";
import type { Placement } from "../text-family.js";

/** How many windows are judged in one call: about as many tokens as a training batch has. */
const TOKENS_A_CALL = 4096;

type Call = Compiled<
  { params: TreeRecord<Tensor>; inputs: Tensor; targets: Tensor; mask: Tensor },
  { nats: Tensor },
  never
>;

export class GptJudge implements Judge {
  readonly protocol = WINDOWS_PROTOCOL;
  readonly #context: number;
  readonly #codec: Pick<TokensCodec, "bytesOf">;
  readonly #call: Call;

  constructor(
    configuration: TransformerConfiguration,
    codec: Pick<TokensCodec, "bytesOf">,
    { device, threads }: Placement = {},
  ) {
    this.#context = configuration.context;
    this.#codec = codec;
    this.#call = compile(
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
      { device, threads },
    );
  }

  async judge(
    params: TreeRecord<HostTensor>,
    stream: TokenStream,
    { limit, signal, onProgress }: JudgeOptions = {},
  ): Promise<Judgement> {
    const context = this.#context;
    const part = beginning(stream, limit);
    const total = Math.max(0, part.length - 1);
    const windows = Math.ceil(total / context);
    const rows = Math.max(1, Math.min(windows, Math.floor(TOKENS_A_CALL / context)));
    const shape = [rows, context];
    const judgement = emptyJudgement(windows);
    let done = 0;
    for (const batch of part.windows(context, rows)) {
      signal?.throwIfAborted();
      const { nats } = await this.#call({
        params,
        inputs: hostTensor(batch.inputs, shape),
        targets: hostTensor(batch.targets, shape),
        mask: hostTensor(batch.mask, shape),
      });
      for (let row = 0; row * context < batch.count; row++) {
        const window = done / context + row;
        const [from, to] = [row * context, Math.min((row + 1) * context, batch.count)];
        for (let i = from; i < to; i++) judgement.nats[window]! += nats.data[i]!;
        judgement.counts[window] = to - from;
        judgement.bytes[window] = this.#codec.bytesOf(batch.targets.subarray(from, to));
      }
      done += batch.count;
      onProgress?.(done, total);
    }
    return judgement;
  }

  release(): Promise<void> {
    return this.#call.release();
  }
}

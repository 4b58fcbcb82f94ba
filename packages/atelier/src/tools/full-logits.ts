/** A GPT run over whole sequences, without a cache: the plain definition that parity is judged by. */
import { compile, type HostTensor, hostTensor, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { type GptConfiguration, gptLogits } from "@atelier/models";

export interface FullLogits {
  /** The logits of a sequence, row by row. */
  read(tokens: readonly number[]): Promise<number[]>;
  /** The prompt and what follows when the likeliest token is always taken, `total` tokens in all. */
  continueGreedily(prompt: readonly number[], total: number): Promise<number[]>;
  release(): Promise<void>;
}

export function fullLogits(configuration: GptConfiguration, params: TreeRecord<HostTensor>): FullLogits {
  const forward = compile(
    ({ gpt: weights, tokens }: { gpt: TreeRecord<Tensor>; tokens: Tensor }) => ({
      logits: gptLogits(Scope.over({ params: weights }), configuration, tokens),
    }),
    { freeze: ["gpt"] },
  );
  const read = async (tokens: readonly number[]): Promise<number[]> => {
    const shape = [1, tokens.length];
    const { logits } = await forward({ gpt: params, tokens: hostTensor(Int32Array.from(tokens), shape) });
    return [...logits.data];
  };
  return {
    read,
    async continueGreedily(prompt, total) {
      const tokens = [...prompt];
      while (tokens.length < total) {
        const last = (await read(tokens.slice(-configuration.context))).slice(-configuration.vocabulary);
        tokens.push(last.indexOf(Math.max(...last)));
      }
      return tokens;
    },
    release: () => forward.release(),
  };
}

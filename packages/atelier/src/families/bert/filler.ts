/** Fills blanks: one token each, all of them at once, from what stands around. */
import type { TextCodec } from "@atelier/data";
import {
  ArgumentError,
  type Compiled,
  compile,
  hostTensor,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { bertLogits, padRows, type TransformerConfiguration } from "@atelier/models";
import type { GeneratorOptions } from "../../generation/generate.js";
import { bucketOf } from "../../generation/key-value-cache.js";
import { logProbabilitiesOf } from "../../generation/log-probabilities.js";
import type { Weights } from "../text-family.js";
import type { Filling, FillSettings, TextFiller } from "../text-tasks.js";
import { specialTokens } from "./family.js";

/** Texts are padded to a few lengths, since each is a session of its own. */
export const LEAST_LENGTH = 16;

type Call = Compiled<
  { bert: TreeRecord<Tensor>; tokens: Tensor; visible: Tensor; positions: Tensor },
  { logits: Tensor },
  never
>;

export class BertFiller implements TextFiller {
  readonly #configuration: TransformerConfiguration;
  readonly #codec: TextCodec;
  readonly #weights: Weights;
  readonly #call: Call;

  constructor(configuration: TransformerConfiguration, codec: TextCodec, weights: Weights, on: GeneratorOptions) {
    this.#configuration = configuration;
    this.#codec = codec;
    this.#weights = weights;
    this.#call = compile(
      ({ bert, tokens, ...inputs }) => ({
        logits: bertLogits(Scope.over({ params: bert }), configuration, tokens, inputs), // (K, V)
      }),
      { freeze: ["bert"], ...on },
    ) as Call;
  }

  async fill(parts: readonly string[], { choices }: Pick<FillSettings, "choices">): Promise<Filling[][]> {
    const { context, vocabulary } = this.#configuration;
    const { mask, specials = [] } = specialTokens(this.#codec);
    const ids: number[] = [];
    const gaps: number[] = [];
    for (const [i, part] of parts.entries()) {
      if (i > 0) gaps.push(ids.push(mask) - 1);
      ids.push(...this.#codec.encode(part));
    }
    if (gaps.length === 0) throw new ArgumentError("The text has no gap to fill");
    if (ids.length > context) {
      throw new ArgumentError(`The text has ${ids.length} tokens, and this model reads ${context}`, {
        hint: "Leave out what stands far from the gaps.",
      });
    }
    const { tokens, visible } = padRows([ids], { pad: mask, length: bucketOf(ids.length, LEAST_LENGTH, context) });
    const positions = new Int32Array(bucketOf(gaps.length, 1, context));
    positions.set(gaps);
    const { logits } = await this.#call({
      bert: this.#weights,
      tokens,
      visible,
      positions: hostTensor(positions, [1, positions.length]),
    });
    return gaps.map((_, gap) => {
      const own = (logits.data as Float32Array).slice(gap * vocabulary, (gap + 1) * vocabulary);
      for (const special of specials) own[special] = Number.NEGATIVE_INFINITY;
      const { alternatives } = logProbabilitiesOf(own, 0, Math.min(choices, vocabulary - specials.length));
      return alternatives.map(({ token, logProbability }) => ({ text: this.#codec.decode([token]), logProbability }));
    });
  }

  release(): Promise<void> {
    return this.#call.release();
  }
}

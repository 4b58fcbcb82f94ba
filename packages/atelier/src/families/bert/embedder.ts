/**
 * Texts as vectors of length 1, whose inner products say how alike they are. A text longer than the context is read in windows that do not
 * overlap, and its vector points where the mean of theirs does, each counted by its tokens.
 */
import type { TextCodec } from "@atelier/data";
import { ArgumentError, type Compiled, compile, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { bertEmbed, padRows, type TransformerConfiguration } from "@atelier/models";
import type { GeneratorOptions } from "../../generation/generate.js";
import { bucketOf } from "../../generation/key-value-cache.js";
import type { Weights } from "../text-family.js";
import type { TextEmbedder } from "../text-tasks.js";
import { specialTokens } from "./family.js";
import { LEAST_LENGTH } from "./filler.js";

type Call = Compiled<{ bert: TreeRecord<Tensor>; tokens: Tensor; visible: Tensor }, { vectors: Tensor }, never>;

/** Windows in one call of the runtime. */
const ROWS = 16;

export class BertEmbedder implements TextEmbedder {
  readonly #configuration: TransformerConfiguration;
  readonly #codec: TextCodec;
  readonly #weights: Weights;
  readonly #call: Call;

  constructor(configuration: TransformerConfiguration, codec: TextCodec, weights: Weights, on: GeneratorOptions) {
    this.#configuration = configuration;
    this.#codec = codec;
    this.#weights = weights;
    this.#call = compile(
      ({ bert, tokens, visible }) => ({
        vectors: bertEmbed(Scope.over({ params: bert }), configuration, tokens, visible), // (B, C)
      }),
      { freeze: ["bert"], ...on },
    ) as Call;
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Float32Array[]> {
    const { context, width } = this.#configuration;
    const pad = specialTokens(this.#codec).mask;
    const windows = texts.flatMap((text, index) => this.#windowsOf(text, index));
    const sums = texts.map(() => new Float32Array(width));
    for (let from = 0; from < windows.length; from += ROWS) {
      signal?.throwIfAborted();
      const some = windows.slice(from, from + ROWS);
      const length = bucketOf(Math.max(...some.map(({ ids }) => ids.length)), LEAST_LENGTH, context);
      const rows = bucketOf(some.length, 1, ROWS);
      const filled = Array.from({ length: rows }, (_, row) => some[row]?.ids ?? []);
      const { vectors } = await this.#call({ bert: this.#weights, ...padRows(filled, { pad, length }) });
      for (const [row, { text, ids }] of some.entries()) {
        for (let i = 0; i < width; i++) sums[text]![i]! += ids.length * vectors.data[row * width + i]!;
      }
    }
    return sums.map((sum) => {
      const norm = Math.sqrt(sum.reduce((all, value) => all + value * value, 0));
      return sum.map((value) => value / Math.max(norm, 1e-12));
    });
  }

  #windowsOf(text: string, index: number): { readonly text: number; readonly ids: Int32Array }[] {
    const { context } = this.#configuration;
    const ids = this.#codec.encode(text);
    if (ids.length === 0) throw new ArgumentError(`Text ${index + 1} is empty`, { hint: "Leave empty texts out." });
    const count = Math.ceil(ids.length / context);
    return Array.from({ length: count }, (_, i) => ({
      text: index,
      ids: ids.subarray(i * context, (i + 1) * context),
    }));
  }

  release(): Promise<void> {
    return this.#call.release();
  }
}

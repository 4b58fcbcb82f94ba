/**
 * Generation. A prompt is read at once, all but its last token; from then on every row reads one token a step, beside the keys and
 * values of those before it, which stay on the host while only new ones come out of the runtime. Weights are constants of the compiled
 * graphs.
 *
 * Past the end of the context the second half of it is read again from position 0, so that generation never ends.
 */
import {
  type Compiled,
  compile,
  concat,
  type Device,
  type HostTensor,
  hostTensor,
  type RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
  type WeightFormat,
} from "@atelier/engine";
import { type GptConfiguration, gptDecode, Sampler, SamplingScratch, type TokenHistory } from "@atelier/models";
import { bucketOf, KeyValueCache } from "./key-value-cache.js";
import { logProbabilitiesOf } from "./log-probabilities.js";
import {
  checkRequest,
  type FinishReason,
  type GeneratedToken,
  type GenerationSettings,
  type Prompts,
  type RowEnd,
  type RowRule,
} from "./request.js";

export type {
  FinishReason,
  GeneratedToken,
  GenerationSettings,
  Prompts,
  RowEnd,
  RowRule,
} from "./request.js";

export interface GeneratorOptions {
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  /** `int8` keeps matrices in 8 bits: a quarter of the memory to read for every token, and logits that differ a little. */
  readonly weights?: WeightFormat | undefined;
}

type Read = Compiled<
  {
    gpt: TreeRecord<Tensor>;
    tokens: Tensor;
    positions: Tensor;
    visible: Tensor;
    cache: { keys: Tensor[]; values: Tensor[] };
  },
  { logits: Tensor; fresh: Tensor },
  never
>;

type Prefill = Compiled<
  { gpt: TreeRecord<Tensor>; tokens: Tensor; positions: Tensor; visible: Tensor },
  { fresh: Tensor },
  never
>;

/** Prompts are padded to one of a few lengths, since each is a compiled session, which takes longer to make than a longer prompt to read. */
const LEAST_PROMPT = 16;
const PROMPT_GROWTH = 4;

interface Row {
  readonly index: number;
  /** Prompt and drawn tokens. */
  readonly tokens: number[];
  readonly key: RandomKey;
  readonly sampler: Sampler;
  readonly history: TokenHistory | undefined;
  readonly rules: readonly RowRule[];
}

/** A key for every row. */
type RowKeys = Pick<RandomKey, "at">;

export class GptGenerator {
  readonly #configuration: GptConfiguration;
  readonly #params: TreeRecord<HostTensor>;
  readonly #read: Read;
  readonly #prefill: Prefill;

  constructor(configuration: GptConfiguration, params: TreeRecord<HostTensor>, options: GeneratorOptions = {}) {
    this.#configuration = configuration;
    this.#params = params;
    const { device, threads, weights } = options;
    const how = { freeze: ["gpt"], threads, weights, device };
    this.#read = compile(({ gpt, ...inputs }) => {
      const { logits, keys, values } = gptDecode(Scope.over({ params: gpt }), configuration, inputs);
      return { logits, fresh: concat([...keys, ...values], 2) }; // (B, V), (B, G, 2 L, D)
    }, how) as Read;
    this.#prefill = compile(({ gpt, ...inputs }) => {
      const { keys, values } = gptDecode(Scope.over({ params: gpt }), configuration, inputs);
      return { fresh: concat([...keys, ...values], 2) }; // (1, G, 2 L T, D)
    }, how) as Prefill;
  }

  /**
   * Continues prompts, token by token, all rows side by side. Each row draws from a key of its own, so its text does not depend on the
   * other rows, except that a batch of another size, or a row long enough to need a larger cache, changes the last bits of the logits.
   *
   * @throws {ArgumentError} for an empty prompt or impossible settings
   */
  async *generate(
    prompts: Prompts,
    settings: GenerationSettings,
    key: RowKeys,
    signal?: AbortSignal,
  ): AsyncGenerator<GeneratedToken> {
    for await (const event of this.events(prompts, settings, key, signal)) if ("token" in event) yield event;
  }

  /** The same with the end of every row, as it comes, and why it ended. */
  async *events(
    prompts: Prompts,
    settings: GenerationSettings,
    key: RowKeys,
    signal?: AbortSignal,
  ): AsyncGenerator<GeneratedToken | RowEnd> {
    const { context, vocabulary } = this.#configuration;
    const checked = checkRequest(prompts, settings, vocabulary);
    const stops = new Set(typeof settings.stop === "number" ? [settings.stop] : settings.stop);
    const rows = rowsOf(checked, settings, key, vocabulary);
    const longest = Math.max(...checked.map(({ length }) => length)) + settings.tokens;
    const cache = new KeyValueCache(this.#configuration, rows.length, longest);
    for (const [i, prompt] of checked.entries()) {
      signal?.throwIfAborted();
      const samples = Array.from({ length: settings.samples }, (_, sample) => i * settings.samples + sample);
      await this.#fill(cache, samples, prompt.slice(-context));
    }
    let active: readonly Row[] = rows;
    for (let made = 0; made < settings.tokens && active.length > 0; made++) {
      for (const { index, tokens } of active) {
        if (cache.lengths[index]! < context) continue;
        signal?.throwIfAborted();
        cache.clear(index);
        await this.#fill(cache, [index], tokens.slice(-Math.ceil(context / 2)));
      }
      signal?.throwIfAborted();
      const logits = await this.#step(cache, rows, active);
      const remaining: Row[] = [];
      for (const row of active) {
        const own = logits.subarray(row.index * vocabulary, (row.index + 1) * vocabulary);
        const token = row.sampler.sample(own, row.key.at(made), row.history);
        let finish: FinishReason | undefined;
        if (stops.has(token)) {
          finish = "stop";
        } else {
          row.tokens.push(token);
          row.history?.push(token);
          for (const rule of row.rules) rule.accept(token);
          if (row.rules.some((rule) => rule.finished)) finish = "rule";
          else if (made + 1 === settings.tokens) finish = "length";
          const { logProbabilities: count } = settings;
          yield { row: row.index, token, ...(count === undefined ? {} : logProbabilitiesOf(own, token, count)) };
        }
        if (finish === undefined) {
          remaining.push(row);
        } else {
          cache.clear(row.index);
          yield { row: row.index, finish };
        }
      }
      active = remaining;
    }
  }

  /** Reads all but the last of the tokens into empty rows of the cache; what is left for the next step is one token. */
  async #fill(cache: KeyValueCache, rows: readonly number[], tokens: readonly number[]): Promise<void> {
    const count = tokens.length - 1;
    if (count === 0) return;
    const { context } = this.#configuration;
    const length = bucketOf(count, LEAST_PROMPT, context, PROMPT_GROWTH);
    const padded = new Int32Array(length);
    padded.set(tokens.slice(0, count));
    // What pads the end is seen by nothing before it.
    const visible = new Float32Array(length * length);
    for (let t = 0; t < length; t++) visible.fill(1, t * length, t * length + t + 1);
    const { fresh } = await this.#prefill({
      gpt: this.#params,
      tokens: hostTensor(padded, [1, length]),
      positions: hostTensor(
        padded.map((_, t) => t),
        [1, length],
      ),
      visible: hostTensor(visible, [1, 1, length, length]),
    });
    for (const row of rows) cache.append(row, fresh.data as Float32Array, 0, length, count);
  }

  /** Reads the last token of every row and returns the logits of the next, (B, V) row-major. Rows that have ended idle at position 0. */
  async #step(cache: KeyValueCache, rows: readonly Row[], active: readonly Row[]): Promise<Float32Array> {
    const shape = [rows.length, 1];
    const { logits, fresh } = await this.#read({
      gpt: this.#params,
      tokens: hostTensor(
        Int32Array.from(rows, ({ tokens }) => tokens.at(-1)!),
        shape,
      ),
      positions: hostTensor(cache.lengths.slice(), shape),
      visible: cache.visible,
      cache: { keys: [...cache.keys], values: [...cache.values] },
    });
    for (const { index } of active) cache.append(index, fresh.data as Float32Array, index);
    return logits.data as Float32Array;
  }

  async release(): Promise<void> {
    await this.#read.release();
    await this.#prefill.release();
  }
}

function rowsOf(prompts: readonly number[][], settings: GenerationSettings, key: RowKeys, vocabulary: number): Row[] {
  const scratch = new SamplingScratch();
  return prompts.flatMap((prompt, i) =>
    Array.from({ length: settings.samples }, (_, sample) => {
      const index = i * settings.samples + sample;
      const rules = settings.rules?.(index) ?? [];
      const steps = rules.flatMap(({ step }) => (step === undefined ? [] : [step]));
      const sampler = new Sampler(settings, steps, scratch);
      const history = sampler.history(vocabulary);
      for (const token of prompt) history?.push(token);
      return { index, tokens: [...prompt], key: key.at(index), sampler, history, rules };
    }),
  );
}

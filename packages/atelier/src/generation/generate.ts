/**
 * Generation: one token a row and step, with the keys and values of earlier positions kept on the host and only new ones coming out of
 * the runtime. Weights are constants of the compiled graph.
 *
 * Past the end of the context the second half of it is read again from position 0, so that generation never ends.
 */
import {
  ArgumentError,
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
} from "@atelier/engine";
import { type GptConfiguration, gptDecode, Sampler, type SamplingSettings } from "@atelier/models";

export interface GenerationSettings extends SamplingSettings {
  /** How many tokens to add to the prompt. */
  readonly tokens: number;
  /** How many samples, generated side by side as rows of one batch. */
  readonly samples: number;
  /** Ends a row, and is not part of it. */
  readonly stop?: number | undefined;
}

export interface GeneratedToken {
  readonly row: number;
  readonly token: number;
}

type Decode = Compiled<
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

export class GptGenerator {
  readonly #configuration: GptConfiguration;
  readonly #params: TreeRecord<HostTensor>;
  readonly #decode: Decode;

  constructor(
    configuration: GptConfiguration,
    params: TreeRecord<HostTensor>,
    options: { readonly device?: Device | undefined; readonly threads?: number | undefined } = {},
  ) {
    this.#configuration = configuration;
    this.#params = params;
    this.#decode = compile(
      ({ gpt, tokens, positions, visible, cache }) => {
        const { logits, keys, values } = gptDecode(Scope.over({ params: gpt }), configuration, {
          tokens,
          positions,
          visible,
          cache,
        });
        return { logits, fresh: concat([...keys, ...values], 2) }; // (B, V), (B, G, 2 L, D)
      },
      {
        freeze: ["gpt"],
        threads: options.threads,
        ...(options.device === undefined ? {} : { device: options.device }),
      },
    ) as Decode;
  }

  /**
   * Continues a prompt, token by token, row by row. Each row draws from a key of its own, so that it does not depend on how many there
   * are. @throws {ArgumentError} for an empty prompt or impossible settings.
   */
  async *generate(
    prompt: ArrayLike<number>,
    settings: GenerationSettings,
    key: RandomKey,
    signal?: AbortSignal,
  ): AsyncGenerator<GeneratedToken> {
    checkRequest(prompt, settings, this.#configuration.vocabulary);
    const { samples } = settings;
    const cache = new Cache(this.#configuration, samples);
    const sampler = new Sampler(settings);
    const rows = Array.from({ length: samples }, () => Array.from(prompt));
    const keys = Array.from({ length: samples }, (_, row) => key.at(row));
    const finished = new Array<boolean>(samples).fill(false);
    // What has to be read before the next token can be drawn; at first the prompt, as much of it as the context holds.
    let pending = rows.map((row) => row.slice(-this.#configuration.context));
    for (let made = 0; made < settings.tokens && !finished.every(Boolean); made++) {
      if (cache.length + pending[0]!.length > this.#configuration.context) {
        pending = rows.map((row) => row.slice(-Math.ceil(this.#configuration.context / 2)));
        cache.clear();
      }
      let logits: Float32Array | undefined;
      for (let i = 0; i < pending[0]!.length; i++) {
        signal?.throwIfAborted();
        logits = await this.#read(
          cache,
          pending.map((tokens) => tokens[i]!),
        );
      }
      const { vocabulary } = this.#configuration;
      const drawn = rows.map((_, row) =>
        sampler.sample(logits!.subarray(row * vocabulary, (row + 1) * vocabulary), keys[row]!.at(made)),
      );
      for (const [row, token] of drawn.entries()) {
        rows[row]!.push(token);
        if (token === settings.stop) finished[row] = true;
        if (!finished[row]) yield { row, token };
      }
      pending = drawn.map((token) => [token]);
    }
  }

  /** Reads one token a row and returns the logits of the next, (B, V) row-major. */
  async #read(cache: Cache, tokens: readonly number[]): Promise<Float32Array> {
    const { logits, fresh } = await this.#decode({
      gpt: this.#params,
      tokens: hostTensor(Int32Array.from(tokens)),
      positions: hostTensor(new Int32Array(tokens.length).fill(cache.length)),
      visible: cache.visible,
      cache: { keys: cache.keys, values: cache.values },
    });
    cache.append(fresh.data as Float32Array);
    return logits.data as Float32Array;
  }

  release(): Promise<void> {
    return this.#decode.release();
  }
}

function checkRequest(prompt: ArrayLike<number>, { samples, tokens }: GenerationSettings, vocabulary: number): void {
  if (prompt.length === 0) throw new ArgumentError("Generation needs a prompt of at least one token");
  const stranger = Array.from(prompt).find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (stranger !== undefined) {
    throw new ArgumentError(`The prompt has the token ${stranger}, outside the vocabulary of ${vocabulary}`, {
      hint: "Encode the prompt with the model's own codec.",
    });
  }
  if (!Number.isSafeInteger(samples) || samples < 1) {
    throw new ArgumentError(`The number of samples is a whole number from 1 up, got ${samples}`);
  }
  if (!Number.isSafeInteger(tokens) || tokens < 0) {
    throw new ArgumentError(`The number of tokens is a whole number from 0 up, got ${tokens}`);
  }
}

/** Keys and values of the positions read so far, (B, G, S, D) a layer, in host memory that the runtime reads in place. */
class Cache {
  readonly keys: HostTensor[];
  readonly values: HostTensor[];
  readonly visible: HostTensor;
  length = 0;
  readonly #slots: number;
  readonly #width: number;

  constructor(c: GptConfiguration, batch: number) {
    this.#slots = c.context;
    this.#width = c.width / c.heads;
    const shape = [batch, c.keyValueHeads, this.#slots, this.#width];
    const make = (): HostTensor =>
      hostTensor(new Float32Array(batch * c.keyValueHeads * this.#slots * this.#width), shape);
    this.keys = Array.from({ length: c.layers }, make);
    this.values = Array.from({ length: c.layers }, make);
    this.visible = hostTensor(new Float32Array(this.#slots + 1), [1, 1, 1, this.#slots + 1]);
    this.clear();
  }

  clear(): void {
    this.length = 0;
    this.visible.data.fill(0);
    // The last slot is the token at hand, which always sees itself.
    this.visible.data[this.#slots] = 1;
  }

  /** Writes what one step made, (B, G, 2 L, D): all keys, then all values. */
  append(fresh: Float32Array): void {
    const all = [...this.keys, ...this.values];
    const lines = fresh.length / (all.length * this.#width);
    for (let line = 0; line < lines; line++) {
      all.forEach((tensor, layer) => {
        const from = (line * all.length + layer) * this.#width;
        tensor.data.set(fresh.subarray(from, from + this.#width), (line * this.#slots + this.length) * this.#width);
      });
    }
    this.visible.data[this.length] = 1;
    this.length++;
  }
}

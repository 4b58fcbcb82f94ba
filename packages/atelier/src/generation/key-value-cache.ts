/**
 * Keys and values of what each row has read, (B, G, S, D) a layer, in host memory that the runtime reads in place. Every row begins at
 * slot 0, whatever its length, so what a row holds does not depend on the others. The number of slots S grows in steps: attention
 * costs as much as there are slots, and every number of slots is a compiled session with a copy of the weights.
 */
import { type HostTensor, hostTensor } from "@atelier/engine";
import type { GptConfiguration } from "@atelier/models";

const LEAST_SLOTS = 64;

/** Models with more weights a row than this read them for so long that a short cache saves little: one session, of the whole context. */
const MANY_WEIGHTS = 64e6;

/** From so many rows on, reading the cache is most of a step. */
const MANY_ROWS = 8;

/** The smallest of `least`, `least` · `growth`, `least` · `growth`² … that is at least `needed`, up to `most`. */
export function bucketOf(needed: number, least: number, most: number, growth = 2): number {
  let size = least;
  while (size < needed) size *= growth;
  return Math.min(size, most);
}

function slotsFor(length: number, batch: number, { layers, width, hidden, context }: GptConfiguration): number {
  const weights = layers * width * (4 * width + 2 * hidden);
  if (weights > MANY_WEIGHTS * batch) return context;
  const doubled = bucketOf(length, LEAST_SLOTS, context);
  // Where keys and values weigh more than the weights, there is a size between two of these: 64, 96, 128, 192 …
  const between = Math.ceil(0.75 * doubled);
  return batch >= MANY_ROWS && doubled > LEAST_SLOTS && length <= between ? between : doubled;
}

export class KeyValueCache {
  /** How many tokens each row has read. */
  readonly lengths: Int32Array;
  keys: readonly HostTensor[] = [];
  values: readonly HostTensor[] = [];
  /** (B, 1, 1, S + 1): 1 where a row sees a slot; the last is the token at hand, which always sees itself. */
  visible: HostTensor = hostTensor(new Float32Array(0));
  readonly #configuration: GptConfiguration;
  /** Memory for the most slots that there will be, all keys, then all values: growing moves rows apart in place, and fresh pages cost time. */
  readonly #memory: readonly Float32Array[];
  #slots = 0;

  /** @param longest how many tokens a row may come to read */
  constructor(configuration: GptConfiguration, batch: number, longest: number) {
    const { layers, keyValueHeads, width, heads, context } = configuration;
    const most = slotsFor(Math.min(longest, context), batch, configuration);
    this.#configuration = configuration;
    this.#memory = Array.from(
      { length: 2 * layers },
      () => new Float32Array((batch * keyValueHeads * most * width) / heads),
    );
    this.lengths = new Int32Array(batch);
    this.#resize(slotsFor(0, batch, configuration));
  }

  clear(row: number): void {
    this.lengths[row] = 0;
    this.visible.data.fill(0, row * (this.#slots + 1), row * (this.#slots + 1) + this.#slots);
  }

  /**
   * Appends the first `count` of `read` tokens of one row to `row`. `fresh` is what the runtime gave, (B', G, 2 L `read`, D): all keys, then
   * all values; `source` is the row there.
   */
  append(row: number, fresh: Float32Array, source: number, read = 1, count = read): void {
    const { keyValueHeads: heads, width: total, heads: queryHeads } = this.#configuration;
    const width = total / queryHeads;
    const length = this.lengths[row]!;
    if (length + count > this.#slots) this.#resize(slotsFor(length + count, this.lengths.length, this.#configuration));
    for (const [i, data] of this.#memory.entries()) {
      for (let head = 0; head < heads; head++) {
        const from = ((source * heads + head) * this.#memory.length + i) * read * width;
        const to = ((row * heads + head) * this.#slots + length) * width;
        // A view for each of a thousand short pieces a step would keep the garbage collector busy.
        for (let j = 0; j < count * width; j++) data[to + j] = fresh[from + j]!;
      }
    }
    const start = row * (this.#slots + 1) + length;
    this.visible.data.fill(1, start, start + count);
    this.lengths[row] = length + count;
  }

  /** To more slots. What they hold before anything is written to them is never seen. */
  #resize(slots: number): void {
    const { layers, keyValueHeads: heads, width: total, heads: queryHeads } = this.#configuration;
    const width = total / queryHeads;
    const batch = this.lengths.length;
    const [before, after] = [this.#slots * width, slots * width];
    const tensors = this.#memory.map((data) => {
      // From the last line to the first, so that none is written over before it is moved.
      for (let line = batch * heads - 1; line > 0; line--)
        data.copyWithin(line * after, line * before, (line + 1) * before);
      return hostTensor(data.subarray(0, batch * heads * after), [batch, heads, slots, width]);
    });
    this.keys = tensors.slice(0, layers);
    this.values = tensors.slice(layers);
    const visible = new Float32Array(batch * (slots + 1));
    for (let row = 0; row < batch; row++) {
      const start = row * (slots + 1);
      visible.fill(1, start, start + this.lengths[row]!);
      visible[start + slots] = 1;
    }
    this.visible = hostTensor(visible, [batch, 1, 1, slots + 1]);
    this.#slots = slots;
  }
}

/** Functions of many rows (pictures, latent vectors), compiled once and run batch by batch; what they give is put together again. */
import type { ImageCodec, PictureSet } from "@atelier/data";
import {
  allocate,
  type Compiled,
  compile,
  type HostTensor,
  hostTensor,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import type { Placement } from "../families/text-family.js";
import type { ModelState } from "../training/subject.js";
import { type Batch, inBatches } from "./in-batches.js";
import type { PassOptions } from "./picture-family.js";

/** Inputs of a call by name, all with as many rows. */
export type Rows = { readonly [name: string]: Tensor };
export type HostRows = { readonly [name: string]: HostTensor };

/** The same draws whenever held-out pictures are judged. */
const DRAWS = RandomKey.fromSeed(0).split("judge");

type Inputs = { params: TreeRecord<Tensor>; buffers: TreeRecord<Tensor>; rows: Rows };

export class RowPass<Output extends string> {
  readonly #call: Compiled<Inputs, { made: Rows }, never>;

  /** @param trace gives for each output (N, …) of inputs that have N rows; weights and buffers are asked of the scope */
  constructor(trace: (scope: Scope, rows: Rows) => Readonly<Record<Output, Tensor>>, { device, threads }: Placement) {
    this.#call = compile<Inputs, { made: Rows }>(
      ({ params, buffers, rows }) => ({ made: trace(Scope.over({ params, buffers }), rows) }),
      { device, threads },
    );
  }

  /**
   * @param total how many rows there are
   * @param read the inputs of a batch; of the rows that only fill it up, nothing is kept
   * @returns the outputs of all rows, one after another
   */
  async run(
    { params, buffers }: ModelState,
    total: number,
    read: (batch: Batch) => HostRows,
    options: PassOptions & { readonly key?: RandomKey | undefined } = {},
  ): Promise<Readonly<Record<Output, HostTensor["data"]>>> {
    const all = new Map<string, HostTensor["data"]>();
    const key = options.key ?? DRAWS;
    await inBatches(
      total,
      async (batch) => {
        const { made } = await this.#call({ params, buffers, rows: read(batch) }, { keys: key.at(batch.from) });
        for (const [name, { data, dtype }] of Object.entries(made)) {
          const each = data.length / batch.indices.length;
          const whole = all.get(name) ?? allocate(dtype, total * each);
          whole.set(data.subarray(0, batch.count * each), batch.from * each);
          all.set(name, whole);
        }
      },
      options,
    );
    return Object.fromEntries(all) as Record<Output, HostTensor["data"]>;
  }

  release(): Promise<void> {
    return this.#call.release();
  }
}

/** Pictures straight from a set. */
export const setRows =
  (pictures: PictureSet, codec: ImageCodec) =>
  ({ indices }: Batch): HostRows => ({
    x: hostTensor(codec.encode(pictures.rows(indices)), [indices.length, ...codec.spec.shape]),
  });

/** The rows of an array at the places of a batch, as a tensor. @param shape of one row */
export function tensorRows(
  values: Float32Array | Int32Array,
  { indices }: Batch,
  shape: readonly number[],
): HostTensor {
  const each = shape.reduce((product, n) => product * n, 1);
  const rows =
    values instanceof Int32Array ? new Int32Array(indices.length * each) : new Float32Array(indices.length * each);
  indices.forEach((index, i) => {
    rows.set(values.subarray(index * each, (index + 1) * each), i * each);
  });
  return hostTensor(rows, [indices.length, ...shape]);
}

/** Standard normal values for each row, from a key of its own. @param shape of one row */
export function normalRows(
  indices: Int32Array,
  shape: readonly number[],
  keyOf: (index: number) => RandomKey,
): HostTensor {
  const each = shape.reduce((product, n) => product * n, 1);
  const rows = new Float32Array(indices.length * each);
  indices.forEach((index, i) => {
    keyOf(index).normal(rows.subarray(i * each, (i + 1) * each));
  });
  return hostTensor(rows, [indices.length, ...shape]);
}

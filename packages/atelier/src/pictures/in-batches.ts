/** Goes through pictures in batches of one shape, since every shape is a compiled function: the last batch is filled up with its first row. */
import type { PassOptions } from "./picture-family.js";

/** Pictures in one call of the runtime. */
export const BATCH = 128;

export interface Batch {
  /** Places of the pictures, `size` of them; those from `count` on only fill up. */
  readonly indices: Int32Array;
  readonly from: number;
  /** How many are real. */
  readonly count: number;
}

/** @param size rows of a call; fewer where there are fewer pictures */
export async function inBatches(
  total: number,
  use: (batch: Batch) => Promise<void>,
  { signal, onProgress }: PassOptions = {},
  size = BATCH,
): Promise<void> {
  const rows = Math.min(size, total);
  for (let from = 0; from < total; from += rows) {
    signal?.throwIfAborted();
    const count = Math.min(rows, total - from);
    const indices = Int32Array.from({ length: rows }, (_, i) => from + (i < count ? i : 0));
    await use({ indices, from, count });
    onProgress?.(from + count, total);
    // Calls of the runtime block: timers and signals have their turn in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

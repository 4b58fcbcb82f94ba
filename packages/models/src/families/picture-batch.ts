/** What the families of pictures read from a batch, and how rows of it are repeated. */
import { ArgumentError, type Tensor, type TreeRecord } from "@atelier/engine";
import type { Conditioning } from "../conditions/index.js";

/** The values of conditions, by their names. */
export type ConditionValues = Readonly<Record<string, Tensor>>;

/**
 * A batch has the pictures `x`, (B, C, H, W) float32, and every condition under its own name.
 *
 * @throws {ArgumentError} where there are no pictures
 */
export function picturesOf(family: string, batch: TreeRecord<Tensor>): { x: Tensor; values: ConditionValues } {
  const { x, ...values } = batch;
  if (x === undefined) throw new ArgumentError(`${family}: a batch has pictures x, (B, C, H, W) float32`);
  // Leaves of a batch: a tree in their place would fail at the first operation, which names it.
  return { x: x as Tensor, values: values as ConditionValues };
}

/** All rows, so many times over: (B, …) → (times · B, …) */
export function repeatRows(x: Tensor, times: number): Tensor {
  const [batch, ...rest] = x.shape as [number, ...number[]];
  return x
    .expandDims(0)
    .broadcastTo([times, batch, ...rest])
    .reshape([times * batch, ...rest]);
}

export const repeatConditioning = ({ vector, tokens, grid }: Conditioning, times: number): Conditioning => ({
  ...(vector !== undefined && { vector: repeatRows(vector, times) }),
  ...(tokens !== undefined && {
    tokens: { values: repeatRows(tokens.values, times), mask: repeatRows(tokens.mask, times) },
  }),
  ...(grid !== undefined && { grid: repeatRows(grid, times) }),
});

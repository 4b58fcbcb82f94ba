/** What the optimisers' suites share: a small tree of parameters, gradients in closed form, and updates made on the CPU. */
import {
  compile,
  flattenTree,
  type HostTensor,
  hostScalar,
  hostTensor,
  sizeOf,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import type { Optimiser } from "./optimiser.js";

type Host = TreeRecord<HostTensor>;

/** cos(i + offset), as the parameters start. */
export const startAt = (shape: readonly number[], offset = 0): HostTensor =>
  hostTensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.cos(i + offset)),
    shape,
  );

/** The gradient of step t (from 0) in a tensor that starts at `offset`: sin(0.7 (i + offset) + t + 1). */
export const gradientAt = (t: number, i: number, offset = 0): number => Math.sin(0.7 * (i + offset) + t + 1);

export const gradientTensor = (t: number, shape: readonly number[], offset = 0): HostTensor =>
  hostTensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => gradientAt(t, i, offset)),
    shape,
  );

/** A (2, 3) matrix `w` and a vector `b` of 3: nine numbers in a row. */
export const smallParams = (): Host => ({ w: startAt([2, 3]), b: startAt([3], 6) });
export const smallGrads = (t: number): Host => ({ w: gradientTensor(t, [2, 3]), b: gradientTensor(t, [3], 6) });

/** The nine numbers of such a tree. */
export const nine = (tree: Host): number[] =>
  ["w", "b"].flatMap((name) => [...(tree[name] as HostTensor).data].map(Number));

export interface Step {
  readonly grads: Host;
  readonly schedule?: number;
  readonly scale?: number;
  readonly apply?: number;
  /** Updates applied before; by default the number of steps before this one. */
  readonly count?: number;
}

export interface Moved {
  readonly params: Host;
  readonly state: Host;
}

/** Makes updates one after another. */
export async function takeSteps(
  optimiser: Optimiser,
  params: Host,
  steps: readonly Step[],
  state = optimiser.init(params),
): Promise<Moved> {
  const update = compile(
    (inputs: {
      params: TreeRecord<Tensor>;
      grads: TreeRecord<Tensor>;
      state: TreeRecord<Tensor>;
      schedule: Tensor;
      gradientScale: Tensor;
      apply: Tensor;
      count: Tensor;
    }) => {
      const { params, state } = optimiser.update(inputs);
      return { params, state };
    },
  );
  let now: Moved = { params, state };
  for (const [i, { grads, schedule = 1, scale = 1, apply = 1, count = i }] of steps.entries()) {
    now = await update({
      params: now.params,
      state: now.state,
      grads,
      schedule: hostScalar(schedule),
      gradientScale: hostScalar(scale),
      apply: hostScalar(apply),
      count: hostScalar(count),
    });
  }
  await update.release();
  return now;
}

/** Every bit of a tree, by path. */
export const bitsOf = (tree: Host): Record<string, number[]> =>
  Object.fromEntries(
    flattenTree<HostTensor>(tree).map(([path, { data }]) => [
      path,
      [...new Uint32Array(data.buffer, data.byteOffset, data.length)],
    ]),
  );

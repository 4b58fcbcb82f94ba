/**
 * What an optimiser is: state beside the parameters, and an update traced into the training step. Updates take `apply`, 1 or 0: at 0
 * (a non-finite gradient, or an accumulation that is not complete) parameters and state come out exactly as they went in, because
 * every coefficient that would change them becomes the identity's. That costs a few scalars instead of a copy of everything.
 */
import { full, type HostTensor, type Tensor, type TreeRecord, zipTrees } from "@atelier/engine";

export interface Update {
  readonly params: TreeRecord<Tensor>;
  readonly grads: TreeRecord<Tensor>;
  readonly state: TreeRecord<Tensor>;
  /** The schedule's factor at this step, a float32 scalar; each group multiplies its own learning rate by it. */
  readonly schedule: Tensor;
  /** Multiplies every gradient (clipping, accumulation), a float32 scalar. */
  readonly gradientScale: Tensor;
  /** 1 to update, 0 to leave everything as it is, a float32 scalar. Gradients are finite wherever it is 1. */
  readonly apply: Tensor;
  /** How many updates were applied before this one, a float32 scalar. */
  readonly count: Tensor;
}

export interface Optimiser {
  readonly name: string;
  /** The state of new parameters. */
  init(params: TreeRecord<HostTensor>): TreeRecord<HostTensor>;
  update(update: Update): { readonly params: TreeRecord<Tensor>; readonly state: TreeRecord<Tensor> };
}

/** Which parameters, by path and shape. */
export type Selector = (path: string, shape: readonly number[]) => boolean;

/** Weight matrices and embeddings, but neither biases nor norms: nanoGPT's rule for weight decay. */
export const matricesOnly: Selector = (_, shape) => shape.length >= 2;

/** A gradient that is zero where nothing is to be applied, so that a NaN cannot reach the state. */
export const guarded = (gradient: Tensor, apply: Tensor): Tensor => apply.greater(0).select(gradient, full([], 0));

/** Maps corresponding leaves of record trees, keeping the record type. */
export const zipRecords = <A, B>(fn: (leaves: A[], path: string) => B, ...trees: TreeRecord<A>[]): TreeRecord<B> =>
  zipTrees<A, B>(fn, ...trees) as TreeRecord<B>;

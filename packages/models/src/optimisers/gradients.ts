/** What is done to gradients before an optimiser sees them, and averages of parameters after. */
import { leavesOf, type Tensor, type TreeRecord } from "@atelier/engine";
import { zipRecords } from "./optimiser.js";

/**
 * √ Σ g² over a whole tree: float32 scalar. Gradients are added in the order in which the backward pass makes them, so that a runtime
 * that computes them as they are asked for can let go of each layer's activations before it turns to the next.
 */
export const globalNorm = (grads: TreeRecord<Tensor>): Tensor =>
  leavesOf<Tensor>(grads)
    .sort((a, b) => b.node.serial - a.node.serial)
    .map((g) => g.square().sum())
    .reduce((a, b) => a.add(b))
    .sqrt();

/** The factor that brings a norm down to `limit`, as torch.nn.utils.clip_grad_norm_ has it: min(1, limit / (norm + 1e-6)). */
export const clipFactor = (norm: Tensor, limit: number): Tensor => norm.add(1e-6).reciprocal().mul(limit).minimum(1);

/** Exponential moving average of parameters: average + (1 − decay) · (parameter − average). */
export const movingAverage = (
  average: TreeRecord<Tensor>,
  params: TreeRecord<Tensor>,
  take: Tensor,
): TreeRecord<Tensor> => zipRecords<Tensor, Tensor>(([a, p]) => a!.add(p!.sub(a!).mul(take)), average, params);

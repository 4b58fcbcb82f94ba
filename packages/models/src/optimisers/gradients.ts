/** What is done to gradients before an optimiser sees them, and averages of parameters after. */
import { leavesOf, type Tensor, type TreeRecord } from "@atelier/engine";
import { zipRecords } from "./optimiser.js";

/**
 * √ Σ g² over a whole tree: float32 scalar. The gradients that the backward pass makes last are added first: ONNX Runtime walks a sum from
 * its end, and so asks for gradients in the order in which they are made, letting go of a layer's activations before it turns to the
 * next. Any other order gives the same norm and holds on to all of them.
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

/** Losses and the logarithms they are made of. */
import { located } from "../graph/place.js";
import { full, type Tensor } from "../graph/tensor.js";
import { describeShape, equalShapes } from "../shape.js";
import { softplus } from "./activation.js";

/** log Σ exp(x) along an axis, which is removed unless `keepDims`; shifted by the maximum, so that it cannot overflow. */
export function logSumExp(x: Tensor, axis = -1, keepDims = false): Tensor {
  const max = x.max(axis, true).stopGradient();
  const sum = x.sub(max).exp().sum(axis, true).log().add(max);
  return keepDims ? sum : sum.reshape(x.shape.filter((_, i) => i !== x.axisOf(axis)));
}

/**
 * Cross-entropy of logits (N, V) against class indices (N), int32, in nats, averaged over the positions where `mask` (N), float32,
 * is 1 (all without one). @throws {ShapeError}
 */
export function crossEntropy(logits: Tensor, targets: Tensor, mask?: Tensor): Tensor {
  const nats = tokenCrossEntropy(logits, targets); // (N)
  if (mask === undefined) return nats.mean();
  return nats.mul(mask).sum().div(mask.sum().maximum(1));
}

/** Cross-entropy of every position by itself. logits: (N, V), targets: (N) int32 → (N) */
export function tokenCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  if (logits.rank !== 2 || !equalShapes(targets.shape, [logits.shape[0]!])) {
    throw located(
      "crossEntropy",
      `logits (N, V) and targets (N) are needed, got ${describeShape(logits.shape)} and ${describeShape(targets.shape)}`,
      [logits, targets],
    );
  }
  const picked = logits.logSoftmax(-1).gatherAlong(targets.expandDims(-1), -1); // (N, 1)
  return picked.reshape([logits.shape[0]!]).neg();
}

/** Binary cross-entropy of logits against targets in [0, 1], elementwise, averaged: softplus(x) − x y. */
export function binaryCrossEntropyWithLogits(logits: Tensor, targets: Tensor | number): Tensor {
  const y = typeof targets === "number" ? full(logits.shape, targets) : targets;
  return softplus(logits).sub(logits.mul(y)).mean();
}

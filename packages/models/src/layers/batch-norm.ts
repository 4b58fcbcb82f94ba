/**
 * Batch norm (Ioffe and Szegedy 2015): by the batch's own statistics while training, afterwards by the running ones, which are
 * buffers. With PyTorch's conventions: the momentum is the share of the new batch, and the running variance is the unbiased one.
 */
import {
  ArgumentError,
  channelStatistics,
  describeShape,
  batchNorm as normalizeChannels,
  ones,
  type Scope,
  type Tensor,
  zeros,
} from "@atelier/engine";

/**
 * x: (N, C, …) → the same shape. Parameters: scale, shift (C); buffers: mean, variance (C).
 * @throws {ArgumentError} while training, where a channel has a single value: it would be normalised to zero
 */
export function batchNorm(scope: Scope, x: Tensor, { momentum = 0.1 }: { readonly momentum?: number } = {}): Tensor {
  const [batch, channels, ...size] = x.shape as [number, number, ...number[]];
  const affine = { scale: scope.param("scale", [channels], ones), shift: scope.param("shift", [channels], zeros) };
  const mean = scope.buffer("mean", [channels], zeros);
  const variance = scope.buffer("variance", [channels], ones);
  if (!scope.training) return normalizeChannels(x, { mean, variance, ...affine });

  const count = size.reduce((product, n) => product * n, batch);
  if (count < 2) {
    throw new ArgumentError(
      `batchNorm in ${scope.path}: each channel of ${describeShape(x.shape)} has a single value, which has no variance`,
      { hint: "Train on two examples or more at a time, or use groupNorm." },
    );
  }
  const current = channelStatistics(x);
  const blend = (old: Tensor, fresh: Tensor): Tensor => old.mul(1 - momentum).add(fresh.mul(momentum));
  scope.setBuffer("mean", blend(mean, current.mean));
  scope.setBuffer("variance", blend(variance, current.variance.mul(count / (count - 1))));
  return normalizeChannels(x, { ...current, ...affine });
}

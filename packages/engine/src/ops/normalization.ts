/** Layer norm and RMS norm over the last axis, and group and batch norm of (N, C, …spatial). */
import { located } from "../graph/place.js";
import { applyAll, type Tensor } from "../graph/tensor.js";
import { describeShape } from "../shape.js";

/** (x − μ) / √(σ² + ε) · scale + shift (Ba et al. 2016). x: (…, C); scale, shift: (C). */
export function layerNorm(x: Tensor, scale?: Tensor, shift?: Tensor, epsilon = 1e-5): Tensor {
  const normal = applyAll("normalize", [x], { centred: true, epsilon })[0]!;
  const scaled = scale === undefined ? normal : normal.mul(scale);
  return shift === undefined ? scaled : scaled.add(shift);
}

/** x / √(mean x² + ε) · scale (Zhang and Sennrich 2019). x: (…, C); scale: (C). */
export function rmsNorm(x: Tensor, scale?: Tensor, epsilon = 1e-6): Tensor {
  const normal = applyAll("normalize", [x], { centred: false, epsilon })[0]!;
  return scale === undefined ? normal : normal.mul(scale);
}

/**
 * Normalises the channels of each example in `groups` groups, over their positions too (Wu and He 2018); then scale and shift for each
 * channel. One group is layer norm of the example, as many as channels is instance norm. x: (N, C, …); scale, shift: (C).
 * @throws {ShapeError}
 */
export function groupNorm(x: Tensor, groups: number, scale?: Tensor, shift?: Tensor, epsilon = 1e-5): Tensor {
  const [batch, channels] = x.shape;
  if (x.rank < 2 || !Number.isInteger(groups) || groups < 1 || channels! % groups !== 0) {
    throw located("groupNorm", `the channels of ${describeShape(x.shape)} do not fall into ${groups} groups`, [x]);
  }
  const rows = x.reshape([batch! * groups, -1]); // (N G, C/G · positions)
  const normal = applyAll("normalize", [rows], { centred: true, epsilon })[0]!.reshape([batch!, channels!, -1]); // (N, C, P)
  const scaled = scale === undefined ? normal : normal.mul(scale.reshape([channels!, 1]));
  const shifted = shift === undefined ? scaled : scaled.add(shift.reshape([channels!, 1]));
  return shifted.reshape(x.shape);
}

/** Mean and variance (that of the batch, divided by the count) of each channel. x: (N, C, …) → (C) each. @throws {ShapeError} */
export function channelStatistics(x: Tensor): { readonly mean: Tensor; readonly variance: Tensor } {
  const rows = channelRows("channelStatistics", x); // (N, C, P)
  const count = rows.shape[0]! * rows.shape[2]!;
  // Positions first, then examples: two reductions of neighbours are faster than one over both sides of the channels.
  const average = (values: Tensor): Tensor =>
    values
      .sum(2)
      .sum(0)
      .mul(1 / count); // (C)
  const mean = average(rows);
  return { mean, variance: average(rows.sub(mean.expandDims(-1)).square()) };
}

/**
 * (x − mean) / √(variance + ε) · scale + shift for each channel (Ioffe and Szegedy 2015), as one product and one sum.
 * x: (N, C, …); mean, variance, scale, shift: (C). @throws {ShapeError}
 */
export function batchNorm(
  x: Tensor,
  {
    mean,
    variance,
    scale,
    shift,
  }: { readonly mean: Tensor; readonly variance: Tensor; readonly scale: Tensor; readonly shift: Tensor },
  epsilon = 1e-5,
): Tensor {
  const rows = channelRows("batchNorm", x); // (N, C, P)
  const factor = variance.add(epsilon).sqrt().reciprocal().mul(scale); // (C)
  const offset = shift.sub(mean.mul(factor)); // (C)
  return rows.mul(factor.expandDims(-1)).add(offset.expandDims(-1)).reshape(x.shape);
}

function channelRows(op: string, x: Tensor): Tensor {
  if (x.rank < 2) throw located(op, `(N, C, …) is needed, got ${describeShape(x.shape)}`, [x]);
  return x.reshape([x.shape[0]!, x.shape[1]!, -1]);
}

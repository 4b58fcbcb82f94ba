/** Convolution and transposed convolution over one, two or three spatial axes. */
import { located } from "../graph/place.js";
import { apply, type Tensor } from "../graph/tensor.js";
import { describeShape } from "../shape.js";
import { perAxis } from "./spatial.js";

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

export interface ConvOptions {
  /** Steps of the kernel; 1. */
  readonly stride?: PerAxis;
  /** Zeros before and after each axis; 0. */
  readonly padding?: PerAxis;
  /** Distance between the kernel's taps; 1. */
  readonly dilation?: PerAxis;
  /** Groups of channels that do not see each other; 1. As many as channels: a depthwise convolution. */
  readonly groups?: number;
}

export interface ConvTransposeOptions extends ConvOptions {
  /** How much longer the result is after each axis, to choose among the sizes that a strided convolution maps to this one; 0. */
  readonly outputPadding?: PerAxis;
}

const geometryOf = (op: string, x: Tensor, { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions) => ({
  stride: perAxis(op, "stride", stride, x, 1),
  padding: perAxis(op, "padding", padding, x, 0),
  dilation: perAxis(op, "dilation", dilation, x, 1),
  groups,
});

/**
 * Cross-correlation of x (N, C, …spatial) with weight (O, C / groups, …kernel) → (N, O, …spatial'), where
 * spatial' = ⌊(spatial + 2 · padding − dilation · (kernel − 1) − 1) / stride⌋ + 1.
 *
 * @throws {ShapeError} where x, weight and settings do not fit together.
 */
export const conv = (x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor =>
  apply("conv", [x, weight], geometryOf("conv", x, options));

/**
 * Transposed convolution: what the gradient of `conv` by its input computes (Zeiler et al. 2010, "Deconvolutional networks").
 * x (N, I, …spatial), weight (I, O / groups, …kernel) → (N, O, …spatial'), where
 * spatial' = (spatial − 1) · stride − 2 · padding + dilation · (kernel − 1) + 1 + outputPadding.
 *
 * @throws {ShapeError} where x, weight and settings do not fit together.
 */
export function convTranspose(x: Tensor, weight: Tensor, options: ConvTransposeOptions = {}): Tensor {
  const geometry = geometryOf("convTranspose", x, options);
  const { stride, padding, dilation } = geometry;
  const extra = perAxis("convTranspose", "outputPadding", options.outputPadding ?? 0, x, 0);
  const [spatial, kernel] = [x.shape.slice(2), weight.shape.slice(2)];
  if (weight.rank !== x.rank || weight.shape[0] !== x.shape[1]) {
    throw located(
      "convTranspose",
      `x ${describeShape(x.shape)} and the weight ${describeShape(weight.shape)}: (N, I, …) and (I, O / groups, …kernel) with the ` +
        "same I and the same spatial axes are needed",
      [x, weight],
    );
  }
  if (extra.some((n, axis) => n >= stride[axis]!)) {
    throw located(
      "convTranspose",
      `the outputPadding ${describeShape(extra)} is not below the stride ${describeShape(stride)}`,
      [x],
    );
  }
  const size = spatial.map(
    (n, axis) =>
      (n - 1) * stride[axis]! - 2 * padding[axis]! + dilation[axis]! * (kernel[axis]! - 1) + 1 + extra[axis]!,
  );
  if (size.some((n) => n < 1)) {
    throw located(
      "convTranspose",
      `the padding ${describeShape(padding)} leaves nothing of x ${describeShape(x.shape)} by the weight ` +
        `${describeShape(weight.shape)}: spatial axes of ${describeShape(size)}`,
      [x, weight],
    );
  }
  return apply("convInputGradient", [x, weight], { ...geometry, size });
}

/** Resizing of 1 to 3 spatial axes, one after the other, as PyTorch's `interpolate` does it. x: (N, C, …spatial). */
import type { Tensor } from "../graph/tensor.js";
import type { PerAxis } from "./convolution.js";
import { resample, type Taps } from "./resample.js";
import { perAxis } from "./spatial.js";

/**
 * Every output element is the input element ⌊o · in / out⌋: repetition where the factor is whole (PyTorch's mode "nearest").
 * @throws {ShapeError}
 */
export const resizeNearest = (x: Tensor, size: PerAxis): Tensor =>
  resized("resizeNearest", x, size, (output, from, to) => [[Math.floor((output * from) / to), 1]]);

/**
 * Linear interpolation between the two nearest input elements along each axis; elements are squares with their centres at halves, and
 * beyond the outermost centres the edge goes on (PyTorch's modes "linear", "bilinear" and "trilinear" with align_corners=false, no
 * antialiasing). @throws {ShapeError}
 */
export const resizeBilinear = (x: Tensor, size: PerAxis): Tensor =>
  resized("resizeBilinear", x, size, (output, from, to) => {
    const position = Math.max(0, ((output + 0.5) * from) / to - 0.5);
    const below = Math.min(Math.floor(position), from - 1);
    const share = position - below;
    return below === from - 1 || share === 0
      ? [[below, 1]]
      : [
          [below, 1 - share],
          [below + 1, share],
        ];
  });

function resized(
  op: string,
  x: Tensor,
  size: PerAxis,
  taps: (output: number, from: number, to: number) => Taps,
): Tensor {
  // Shrinking axes first, and the last of equals first: the less there is to move, the better.
  const axes = perAxis(op, "size", size, x, 1)
    .map((to, i) => ({ axis: i + 2, from: x.shape[i + 2]!, to }))
    .filter(({ from, to }) => from !== to)
    .sort((a, b) => a.to / a.from - b.to / b.from || b.axis - a.axis);
  return axes.reduce((y, { axis, from, to }) => resample(y, axis, to, (output) => taps(output, from, to)), x);
}

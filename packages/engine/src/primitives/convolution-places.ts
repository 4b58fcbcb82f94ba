/**
 * Gathering the places of a picture or signal that the taps of a kernel meet. With channels last a place is one piece of memory, and
 * picking places by a table of their numbers does strides, dilation and padding in one go: what falls on padding reads a row of zeros
 * that stands after the last place.
 */
import type { OnnxBuilder } from "../onnx/builder.js";

/** (N, C, …) → (N, L, C), for a shape [N, C, L]. */
export function lowerChannelsLast(builder: OnnxBuilder, value: string, shape: readonly number[]): string {
  return builder.node("Transpose", [builder.node("Reshape", [value, builder.int64(shape)])], { perm: [0, 2, 1] });
}

/** (N, L, C) → (N, L + 1, C) */
export function lowerZerosAfter(builder: OnnxBuilder, value: string): string {
  return builder.node("Pad", [value, builder.int64([0, 0, 0, 0, 1, 0]), builder.scalar(0)]);
}

/** Rows of (N, L, C) by their numbers, `width` to a place: (N, places, width, C). */
export function lowerPicked(
  builder: OnnxBuilder,
  value: string,
  numbers: Int32Array<ArrayBuffer>,
  width: number,
): string {
  const table = builder.constant({ dtype: "int32", shape: [numbers.length / width, width], data: numbers });
  return builder.node("Gather", [value, table], { axis: 1 });
}

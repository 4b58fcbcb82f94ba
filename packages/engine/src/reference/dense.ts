/** Helpers for the float64 definitions of primitives: index arithmetic written for obviousness, not speed. */
import { sizeOf } from "../dtype.js";
import type { Dense } from "../graph/primitive.js";
import { stridesOf } from "../shape.js";

/** Calls `visit` for every multi-index of a shape in row-major order, with its flat position. The index array is reused. */
export function forEachIndex(shape: readonly number[], visit: (index: readonly number[], flat: number) => void): void {
  const size = sizeOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  for (let flat = 0; flat < size; flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** The flat position of a multi-index, with NumPy's broadcasting: missing leading axes and axes of size 1 read position 0. */
export function flatIndex(shape: readonly number[], index: readonly number[]): number {
  const strides = stridesOf(shape);
  const lead = index.length - shape.length;
  let flat = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] !== 1) flat += index[lead + axis]! * strides[axis]!;
  }
  return flat;
}

/** Reads an element at a multi-index, broadcasting. */
export const at = (tensor: Dense, index: readonly number[]): number => tensor.data[flatIndex(tensor.shape, index)]!;

/** A new array over `shape`, each element computed from its multi-index. */
export function tabulate(
  shape: readonly number[],
  fn: (index: readonly number[], flat: number) => number,
): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  forEachIndex(shape, (index, flat) => {
    out[flat] = fn(index, flat);
  });
  return out;
}

/** `index` with one coordinate replaced. */
export const withCoordinate = (index: readonly number[], axis: number, value: number): number[] =>
  index.map((coordinate, i) => (i === axis ? value : coordinate));

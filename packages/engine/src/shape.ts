/** Shape arithmetic: broadcasting, strides, and how shapes are written in messages. */
import { ShapeError } from "./errors.js";

export type Shape = readonly number[];

export const describeShape = (shape: Shape): string => `[${shape.join(", ")}]`;

export const equalShapes = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, i) => n === b[i]);

/** NumPy's rule: shapes align at the right, and a dimension of 1 stretches. @throws {ShapeError} naming both shapes. */
export function broadcastShapes(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const at = rank - shape.length + i;
      const n = shape[i]!;
      if (n === 1 || n === out[at]) continue;
      if (out[at] !== 1)
        throw new ShapeError(`the shapes ${shapes.map(describeShape).join(" and ")} do not broadcast together`);
      out[at] = n;
    }
  }
  return out;
}

/** The axes of `to` that `from` was stretched along (missing on the left, or 1 where `to` is not). */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const lead = to.length - from.length;
  return to.flatMap((n, i) => (i < lead || (from[i - lead] === 1 && n !== 1) ? [i] : []));
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

/** The shape after reducing over `axes` (sorted). */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((n, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [n]));
}

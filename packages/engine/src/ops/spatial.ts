/** What operations on pictures and signals share: tensors (N, C, …) with 1 to 3 spatial axes, and settings for each of those axes. */
import { located } from "../graph/place.js";
import type { Tensor } from "../graph/tensor.js";
import { describeShape } from "../shape.js";
import type { PerAxis } from "./convolution.js";

/** The sizes of the spatial axes. @throws {ShapeError} where there are none, or more than three */
export function spatialShape(op: string, x: Tensor): readonly number[] {
  if (x.rank < 3 || x.rank > 5) {
    throw located(op, `(N, C, …) with one to three spatial axes is needed, got ${describeShape(x.shape)}`, [x]);
  }
  return x.shape.slice(2);
}

/** One whole number for each spatial axis of x, none below `least`. @throws {ShapeError} */
export function perAxis(op: string, name: string, value: PerAxis, x: Tensor, least: number): readonly number[] {
  const axes = spatialShape(op, x).length;
  const all = typeof value === "number" ? new Array<number>(axes).fill(value) : value;
  if (all.length !== axes || all.some((n) => !Number.isInteger(n) || n < least)) {
    throw located(
      op,
      `the ${name} ${typeof value === "number" ? value : describeShape(all)} does not suit ${describeShape(x.shape)}: ` +
        `one whole number for all or for each of its ${axes} spatial axes, ${least} or more, is needed`,
      [x],
    );
  }
  return all;
}

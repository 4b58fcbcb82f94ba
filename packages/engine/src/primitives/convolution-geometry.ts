/** How a kernel moves over its input: stride, padding, dilation and groups, and the shapes that follow. */
import { sizeOf } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { flatIndex } from "../reference/dense.js";
import { describeShape } from "../shape.js";

/** One number for each spatial axis, and the number of groups that the channels are in. */
export interface ConvGeometry {
  readonly stride: readonly number[];
  /** Zeros before and after each axis. */
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** How far a kernel reaches along each axis: d · (k − 1) + 1. */
export const reachOf = (kernel: readonly number[], { dilation }: ConvGeometry): number[] =>
  kernel.map((k, axis) => dilation[axis]! * (k - 1) + 1);

/** The flat position of a place, or one past the last where it lies outside. */
export function flatPlace(place: readonly number[], shape: readonly number[]): number {
  if (place.some((n, axis) => n < 0 || n >= shape[axis]!)) return sizeOf(shape);
  return flatIndex(shape, place);
}

/** Shape of the convolution of x (N, C, …) by a weight (O, C / groups, …kernel). @throws {ShapeError} in words. */
export function convOutputShape(x: readonly number[], weight: readonly number[], geometry: ConvGeometry): number[] {
  const { stride, padding, groups } = geometry;
  checkAxes(x, weight, groups);
  const [batch, channels, ...size] = x as [number, number, ...number[]];
  const [outputs, perGroup, ...kernel] = weight as [number, number, ...number[]];
  if (channels !== perGroup * groups) {
    const each = groups === 1 ? "" : ` in each of ${groups} groups`;
    throw new ShapeError(
      `x ${describeShape(x)} has ${channels} channels, and the weight ${describeShape(weight)} takes ${perGroup}${each}`,
    );
  }
  if (outputs % groups !== 0) {
    throw new ShapeError(
      `the ${outputs} output channels of the weight ${describeShape(weight)} do not make ${groups} groups`,
    );
  }
  const reach = reachOf(kernel, geometry);
  const places = size.map((n, axis) => {
    const room = n + 2 * padding[axis]! - reach[axis]!;
    if (room < 0) {
      throw new ShapeError(
        `the kernel reaches over ${reach[axis]} along spatial axis ${axis}, and x ${describeShape(x)} has ${n}, ` +
          `with padding ${n + 2 * padding[axis]!}`,
      );
    }
    return Math.floor(room / stride[axis]!) + 1;
  });
  return [batch, outputs, ...places];
}

function checkAxes(x: readonly number[], weight: readonly number[], groups: number): void {
  if (x.length < 3 || x.length > 5 || weight.length !== x.length) {
    throw new ShapeError(
      `x ${describeShape(x)} and the weight ${describeShape(weight)}: (N, C, …) and (O, C / groups, …kernel) with the same ` +
        "one to three spatial axes are needed",
    );
  }
  if (weight.slice(2).includes(0)) throw new ShapeError(`the weight ${describeShape(weight)} has an empty kernel`);
  if (!Number.isInteger(groups) || groups < 1) throw new ShapeError(`${groups} is no number of groups`);
}

/** What the numeric suites share: example inputs from fixed seeds, comparison of tensors, and central differences in the oracle. */
import { expect } from "vitest";
import { type HostTensor, hostTensor, sizeOf } from "./dtype.js";
import type { Dense } from "./graph/primitive.js";
import type { Tensor } from "./graph/tensor.js";
import { RandomKey } from "./random/index.js";
import { interpret } from "./reference/index.js";

type Shape = readonly number[];

const key = (name: string, shape: Shape): RandomKey =>
  RandomKey.fromSeed(20_240_601).split(`${name}|${shape.join(",")}`);

/** Uniform in [low, high), the same for the same name. */
export const uniformIn = (name: string, shape: Shape, low = -1.5, high = 1.5): HostTensor =>
  hostTensor(key(name, shape).uniform(new Float32Array(sizeOf(shape)), low, high), shape);

/** Values of which no two are closer than 0.1, none of them near zero: no small step moves one past another or past a kink. */
export function spacedIn(name: string, shape: Shape): HostTensor {
  const size = sizeOf(shape);
  const order = key(name, shape).permutation(size);
  return hostTensor(
    Float32Array.from(order, (place) => (place - Math.floor(size / 2) + 0.37) * 0.21),
    shape,
  );
}

/** Whole numbers in [0, bound). */
export const wholeIn = (name: string, shape: Shape, bound: number): HostTensor =>
  hostTensor(Int32Array.from(key(name, shape).uniform(new Float32Array(sizeOf(shape)), 0, bound), Math.floor), shape);

export const maskIn = (name: string, shape: Shape, probability = 0.6): HostTensor =>
  hostTensor(key(name, shape).bernoulli(new Uint8Array(sizeOf(shape)), probability), shape);

/** The largest |a − b| / (1 + |b|); infinite where one is NaN or infinite and the other is not the same. */
export function worstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = actual.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    if (Object.is(a, b) || a === b) continue;
    const difference = Math.abs(a - b) / (1 + Math.abs(b));
    worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return worst;
}

/** Fails with both tensors in view where shapes differ or a difference exceeds the tolerance. */
export function expectClose(
  actual: Dense | HostTensor,
  expected: Dense | HostTensor,
  tolerance: number,
  what = "",
): void {
  expect([...actual.shape], `${what}: shape`).toEqual([...expected.shape]);
  const worst = worstDifference(actual.data, expected.data);
  const shown = (x: Dense | HostTensor): string => [...x.data].slice(0, 24).map(Number).join(", ");
  expect(
    worst,
    `${what}: off by ${worst}\n  got      ${shown(actual)}\n  expected ${shown(expected)}`,
  ).toBeLessThanOrEqual(tolerance);
}

export type Float64Bindings = Record<string, Dense>;

export const toDense = (tensors: Readonly<Record<string, HostTensor>>): Float64Bindings =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [name, { shape: x.shape, data: Float64Array.from(x.data) }]),
  );

/** A step at which the error of the difference (step²) and of rounding (10⁻¹⁶ / step) are both about 10⁻¹¹. */
const STEP = 1e-5;

function moved(bindings: Float64Bindings, name: string, direction: (i: number) => number, by: number): Float64Bindings {
  const x = bindings[name]!;
  return { ...bindings, [name]: { shape: x.shape, data: x.data.map((value, i) => value + by * direction(i)) } };
}

/** (f(x + h v) − f(x − h v)) / 2h for a scalar tensor f of a graph and a direction v in one of its inputs. */
export function directionalDifference(
  scalar: Tensor,
  bindings: Float64Bindings,
  name: string,
  direction: (i: number) => number,
): number {
  const at = (by: number): number => interpret([scalar], moved(bindings, name, direction, by))[0]!.data[0]!;
  return (at(STEP) - at(-STEP)) / (2 * STEP);
}

/** The partial derivative along one element of one input. */
export const partialDifference = (scalar: Tensor, bindings: Float64Bindings, name: string, element: number): number =>
  directionalDifference(scalar, bindings, name, (i) => (i === element ? 1 : 0));

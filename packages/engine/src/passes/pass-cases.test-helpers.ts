/** What the suites of single passes share: the oracle's values before and after, and counts of operations. */
import { expect } from "vitest";
import type { HostTensor } from "../dtype.js";
import { type Graph, nodesOf } from "../graph/graph.js";
import { input, type Tensor } from "../graph/tensor.js";
import { expectClose, toDense } from "../numeric.test-helpers.js";
import { interpret } from "../reference/index.js";
import "../ops/checkpoint.js";
import "../primitives/index.js";
import type { Pass } from "./pass.js";

export const countOps = (graph: Graph): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { op } of nodesOf(graph)) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
};

/** Applies a pass; its outputs must keep their names, shapes, types and (by the oracle) values. Returns the new graph. */
export function applyChecked(
  pass: Pass,
  outputs: Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, HostTensor>>,
  tolerance = 1e-6,
): Graph {
  const before: Graph = { outputs: new Map(Object.entries(outputs)) };
  const counts = countOps(before);
  const after = pass.apply(before);
  expect(countOps(before), "a pass leaves the graph it was given alone").toEqual(counts);
  expectSameValues(before, after, inputs, tolerance);
  return after;
}

export function expectSameValues(
  before: Graph,
  after: Graph,
  inputs: Readonly<Record<string, HostTensor>>,
  tolerance: number,
): void {
  expect([...after.outputs.keys()]).toEqual([...before.outputs.keys()]);
  const bindings = toDense(inputs);
  const expected = interpret([...before.outputs.values()], bindings);
  const actual = interpret([...after.outputs.values()], bindings);
  [...before.outputs].forEach(([name, x], i) => {
    expect(after.outputs.get(name)!.dtype).toBe(x.dtype);
    expect([...after.outputs.get(name)!.shape]).toEqual([...x.shape]);
    expectClose(actual[i]!, expected[i]!, tolerance, name);
  });
}

/** Inputs under their names, as tensors to build graphs on. */
export const inputsFor = <K extends string>(values: Readonly<Record<K, HostTensor>>): Record<K, Tensor> =>
  Object.fromEntries(
    Object.entries<HostTensor>(values).map(([name, { shape, dtype }]) => [name, input(name, shape, dtype)]),
  ) as Record<K, Tensor>;

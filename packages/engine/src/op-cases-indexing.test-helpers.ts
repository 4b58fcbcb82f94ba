/** Cases for gather, scatter and one-hot. */

import { hostTensor } from "./dtype.js";
import { apply } from "./graph/tensor.js";
import { maskIn, spacedIn, uniformIn, wholeIn } from "./numeric.test-helpers.js";
import type { OpCase } from "./op-cases.test-helpers.js";

const table = spacedIn("table", [5, 3]);
const box = spacedIn("gathered", [2, 4, 3]);
/** Some rows several times, some never. */
const ids = hostTensor(Int32Array.of(4, 0, 4, 2), [2, 2]);

export const indexingCases: readonly OpCase[] = [
  { name: "gather", inputs: { x: table, i: ids }, fn: ({ x, i }) => x!.gather(i!) },
  { name: "gather of a scalar index", inputs: { x: table, i: wholeIn("one", [], 5) }, fn: ({ x, i }) => x!.gather(i!) },
  {
    name: "gather along axis 1",
    inputs: { x: box, i: wholeIn("rows", [2, 3], 4) },
    fn: ({ x, i }) => x!.gather(i!, 1),
  },
  {
    name: "gather along the last axis",
    inputs: { x: box, i: wholeIn("columns", [4], 3) },
    fn: ({ x, i }) => x!.gather(i!, -1),
  },
  {
    name: "gather of int32",
    inputs: { x: wholeIn("values", [5, 2], 50), i: ids },
    fn: ({ x, i }) => x!.gather(i!),
  },
  { name: "gather of bool", inputs: { x: maskIn("flags", [5, 2]), i: ids }, fn: ({ x, i }) => x!.gather(i!) },
  {
    name: "gatherAlong of int32 and bool",
    inputs: { x: wholeIn("values", [2, 4], 50), b: maskIn("flags", [2, 4]), i: wholeIn("at", [2, 3], 4) },
    fn: ({ x, b, i }) => [x!.gatherAlong(i!), b!.gatherAlong(i!)],
  },
  {
    name: "embedding of a large vocabulary",
    inputs: { x: uniformIn("embedding", [1500, 3]), i: hostTensor(Int32Array.of(1499, 3, 1499, 0), [4]) },
    fn: ({ x, i }) => x!.gather(i!),
  },
  {
    name: "gatherAlong, one index a line",
    inputs: { x: box, i: wholeIn("along", [2, 4, 1], 3) },
    fn: ({ x, i }) => x!.gatherAlong(i!),
  },
  {
    name: "gatherAlong, several indices a line",
    inputs: { x: box, i: wholeIn("several", [2, 6, 3], 4) },
    fn: ({ x, i }) => x!.gatherAlong(i!, 1),
  },
  {
    name: "scatterAdd",
    inputs: { u: uniformIn("updates", [2, 2, 3]), i: ids },
    fn: ({ u, i }) => apply("scatterAdd", [u!, i!], { size: 6 }),
  },
  {
    name: "scatterAdd into many rows",
    inputs: { u: uniformIn("updates", [4, 2]), i: hostTensor(Int32Array.of(1200, 5, 1200, 0), [4]) },
    fn: ({ u, i }) => apply("scatterAdd", [u!, i!], { size: 1201 }),
  },
  {
    name: "scatterAlong, one index a line",
    inputs: { u: uniformIn("scattered", [2, 1, 3]), i: wholeIn("places", [2, 1, 3], 4) },
    fn: ({ u, i }) => apply("scatterAlong", [u!, i!], { axis: 1, size: 4 }),
  },
  {
    name: "scatterAlong, several indices a line",
    inputs: { u: uniformIn("scattered", [2, 5, 3]), i: wholeIn("places", [2, 5, 3], 4) },
    fn: ({ u, i }) => apply("scatterAlong", [u!, i!], { axis: 1, size: 4 }),
  },
  {
    name: "scatterAlong the last axis",
    inputs: { u: uniformIn("scattered", [2, 5]), i: wholeIn("places", [2, 5], 4) },
    fn: ({ u, i }) => apply("scatterAlong", [u!, i!], { axis: 1, size: 4 }),
  },
  { name: "oneHot", inputs: { i: hostTensor(Int32Array.of(0, 2, -1, 5), [2, 2]) }, fn: ({ i }) => i!.oneHot(3) },
];

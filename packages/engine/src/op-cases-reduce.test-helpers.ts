/** Cases for reductions, running sums, softmax, normalisation and matrix products. */
import type { HostTensor } from "./dtype.js";
import { apply, applyAll, type Tensor } from "./graph/tensor.js";
import { spacedIn, uniformIn, wholeIn } from "./numeric.test-helpers.js";
import type { OpCase } from "./op-cases.test-helpers.js";
import { logSumExp } from "./ops/loss.js";
import { layerNorm, rmsNorm } from "./ops/normalization.js";

const of = (name: string, fn: (x: Tensor) => Tensor | readonly Tensor[], x = spacedIn("box", [2, 3, 4])): OpCase => ({
  name,
  inputs: { x },
  fn: ({ x }) => fn(x!),
});

const wholes: HostTensor = wholeIn("reduced", [3, 5], 9);

const reductions: readonly OpCase[] = [
  of("sum", (x) => x.sum()),
  of("sum over two axes", (x) => x.sum([0, -1])),
  of("sum keeping axes", (x) => x.sum(1, true)),
  of("sum of int32", (x) => x.sum(0), wholes),
  of("mean", (x) => x.mean(-1)),
  of("max", (x) => x.max()),
  of("max over an axis", (x) => x.max(1)),
  of("max of int32", (x) => x.max(0), wholes),
  of("min over an axis", (x) => x.min(-1, true)),
  of("argMax", (x) => x.argMax(1)),
  of("argMax of int32", (x) => x.argMax(), wholes),
  of("cumsum", (x) => x.cumsum(1)),
  of("cumsum from the end", (x) => apply("cumsum", [x], { axis: 2, reverse: true })),
  of("cumsum of int32", (x) => x.cumsum(), wholes),
  of("topK", (x) => {
    const { values, indices } = x.topK(2);
    return [values, indices];
  }),
  of("topK of int32, equals among them", (x) => Object.values(x.topK(4)), wholes),
  of("softmax", (x) => x.softmax()),
  of("softmax over another axis", (x) => x.softmax(0)),
  of("logSoftmax", (x) => x.logSoftmax()),
  of("logSoftmax over another axis", (x) => x.logSoftmax(1)),
  of("logSumExp", (x) => logSumExp(x)),
  of("logSumExp keeping the axis", (x) => logSumExp(x, 0, true)),
];

const rows = uniformIn("rows", [2, 3, 5]);
const scale = uniformIn("scale", [5], 0.5, 1.5);
const shift = uniformIn("shift", [5]);

const norms: readonly OpCase[] = [
  of("layerNorm", (x) => layerNorm(x), rows),
  { name: "layerNorm with scale", inputs: { x: rows, s: scale }, fn: ({ x, s }) => layerNorm(x!, s!) },
  {
    name: "layerNorm with scale and shift",
    inputs: { x: rows, s: scale, b: shift },
    fn: ({ x, s, b }) => layerNorm(x!, s!, b!, 1e-3),
  },
  of("rmsNorm", (x) => rmsNorm(x), rows),
  { name: "rmsNorm with scale", inputs: { x: rows, s: scale }, fn: ({ x, s }) => rmsNorm(x!, s!) },
  of("normalize, both outputs", (x) => applyAll("normalize", [x], { centred: true, epsilon: 1e-5 }), rows),
  of("normalize uncentred, both outputs", (x) => applyAll("normalize", [x], { centred: false, epsilon: 1e-5 }), rows),
];

const product = (
  name: string,
  aShape: readonly number[],
  bShape: readonly number[],
  fn: (a: Tensor, b: Tensor) => Tensor = (a, b) => a.matmul(b),
): OpCase => ({
  name,
  inputs: { a: uniformIn("a", aShape), b: uniformIn("b", bShape) },
  fn: ({ a, b }) => fn(a!, b!),
});

const products: readonly OpCase[] = [
  product("matmul", [3, 4], [4, 2]),
  product("matmul in a batch", [2, 3, 4], [2, 4, 2]),
  product("matmul with broadcast batches", [2, 1, 3, 4], [3, 4, 2]),
  product("matmul of rows with one matrix", [2, 3, 4], [4, 2]),
  product("matmul of one matrix with a batch", [3, 4], [2, 4, 2]),
  product("matmul, first transposed", [4, 3], [4, 2], (a, b) => a.transposeLast().matmul(b)),
  product("matmul, both transposed and scaled", [4, 3], [2, 4], (a, b) =>
    a.transposeLast().matmul(b.transposeLast()).mul(0.3),
  ),
  product("batched, first transposed", [2, 4, 3], [2, 4, 2], (a, b) => a.transposeLast().matmul(b)),
  product("batched, second transposed and scaled", [2, 3, 4], [2, 2, 4], (a, b) =>
    a.matmul(b.transposeLast()).mul(0.5),
  ),
  product("batched, both transposed, ranks differ", [4, 3], [2, 2, 4], (a, b) =>
    a.transposeLast().matmul(b.transposeLast()),
  ),
  product("batched, second of two axes transposed", [2, 3, 4], [2, 4], (a, b) => a.matmul(b.transposeLast())),
  {
    name: "matmul with bias",
    inputs: { a: uniformIn("a", [3, 4]), b: uniformIn("b", [2, 4]), c: uniformIn("c", [2]) },
    fn: ({ a, b, c }) => a!.matmul(b!.transposeLast()).mul(0.7).add(c!),
  },
  {
    name: "matmul of an intermediate, transposed twice over",
    inputs: { a: uniformIn("a", [2, 3, 4]), b: uniformIn("b", [2, 3, 5]) },
    fn: ({ a, b }) => a!.exp().transposeLast().matmul(b!.tanh()).matmul(b!.transposeLast()),
  },
];

export const reductionCases: readonly OpCase[] = [...reductions, ...norms, ...products];

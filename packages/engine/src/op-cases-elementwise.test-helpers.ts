/** Cases for arithmetic, comparison, logic, selection and the movement of elements. */
import type { HostTensor } from "./dtype.js";
import { apply, concat, stack, type Tensor } from "./graph/tensor.js";
import { maskIn, spacedIn, uniformIn, wholeIn } from "./numeric.test-helpers.js";
import type { OpCase } from "./op-cases.test-helpers.js";
import { checkpoint } from "./ops/checkpoint.js";

type Binary = (a: Tensor, b: Tensor) => Tensor;

const unary = (
  name: string,
  fn: (x: Tensor) => Tensor | readonly Tensor[],
  x: HostTensor = spacedIn(name, [3, 4]),
): OpCase => ({
  name,
  inputs: { x },
  fn: ({ x }) => fn(x!),
});

const binary = (name: string, fn: Binary, a: HostTensor, b: HostTensor, by?: readonly string[]): OpCase => ({
  name,
  inputs: { a, b },
  fn: ({ a, b }) => fn(a!, b!),
  ...(by === undefined ? {} : { by }),
});

const positive = (name: string, shape: readonly number[]): HostTensor => uniformIn(name, shape, 0.4, 2.5);
const ints = (name: string): HostTensor => wholeIn(name, [3, 4], 4);
const matrix = spacedIn("matrix", [3, 4]);
const row = spacedIn("row", [4]);
const bools = maskIn("bools", [3, 4]);

const unaries: readonly OpCase[] = [
  unary("neg", (x) => x.neg()),
  unary("neg of int32", (x) => x.neg(), ints("neg")),
  unary("exp", (x) => x.exp()),
  unary("log", (x) => x.log(), positive("log", [3, 4])),
  unary("sqrt", (x) => x.sqrt(), positive("sqrt", [3, 4])),
  unary("reciprocal", (x) => x.reciprocal(), positive("reciprocal", [3, 4])),
  unary("sin", (x) => x.sin()),
  unary("cos", (x) => x.cos()),
  unary("tanh", (x) => x.tanh()),
  unary("sigmoid", (x) => x.sigmoid()),
  unary("erf", (x) => x.erf()),
  unary("normalCdf", (x) => x.normalCdf()),
  unary("floor", (x) => x.floor()),
  unary("abs", (x) => x.abs()),
  unary("abs of int32", (x) => x.abs(), ints("abs")),
  unary("sign", (x) => x.sign()),
  unary("square", (x) => x.square()),
  unary("relu", (x) => x.relu()),
  unary("not", (x) => x.not(), bools),
  unary("cast to int32", (x) => x.cast("int32")),
  unary("cast to bool", (x) => x.cast("bool"), ints("casts")),
  unary("cast int32 to float32", (x) => x.cast("float32"), ints("casts")),
  unary("cast bool to float32", (x) => x.cast("float32"), bools),
  unary("cast bool to int32", (x) => x.cast("int32"), bools),
  { name: "stopGradient", inputs: { x: matrix }, fn: ({ x }) => x!.stopGradient().mul(x!), by: [] },
  unary("barrier", (x) => apply("barrier", [x, x.mul(2)]).square()),
  unary("barrier of int32", (x) => apply("barrier", [x, x.cast("float32")]), ints("barrier")),
  unary("barrier of bool", (x) => apply("barrier", [x, x.cast("float32")]), bools),
  {
    name: "checkpoint",
    inputs: { x: matrix, w: uniformIn("w", [4, 4]) },
    fn: ({ x, w }) => {
      const first = x!.matmul(w!).tanh();
      return checkpoint(() => first.matmul(w!).sigmoid().mul(first.sin()));
    },
  },
];

const binaries: readonly OpCase[] = [
  binary("add", (a, b) => a.add(b), matrix, row),
  binary("add of int32", (a, b) => a.add(b), ints("a"), ints("b")),
  binary("sub", (a, b) => a.sub(b), matrix, row),
  binary("sub of int32", (a, b) => a.sub(b), ints("a"), ints("b")),
  binary("mul", (a, b) => a.mul(b), spacedIn("mul", [3, 1]), row),
  binary("mul of int32", (a, b) => a.mul(b), ints("a"), ints("b")),
  binary("div", (a, b) => a.div(b), matrix, positive("div", [2, 1, 4])),
  binary("pow", (a, b) => a.pow(b), positive("pow", [3, 4]), row),
  unary("pow by a number", (x) => x.pow(3), matrix),
  binary("maximum", (a, b) => a.maximum(b), matrix, uniformIn("maximum", [4])),
  binary("maximum of int32", (a, b) => a.maximum(b), ints("a"), ints("b")),
  binary("minimum", (a, b) => a.minimum(b), matrix, uniformIn("minimum", [3, 1])),
  binary("minimum of int32", (a, b) => a.minimum(b), ints("a"), ints("b")),
  binary("equal", (a, b) => a.equal(b), ints("a"), ints("b")),
  binary("equal of float32", (a, b) => a.equal(b), matrix, matrix),
  binary("equal of bool", (a, b) => a.equal(b), bools, maskIn("more", [3, 4])),
  binary("less", (a, b) => a.less(b), matrix, row),
  binary("less of int32", (a, b) => a.less(b), ints("a"), ints("b")),
  binary("lessEqual", (a, b) => a.lessEqual(b), ints("a"), ints("b")),
  binary("lessEqual of float32", (a, b) => a.lessEqual(b), matrix, row),
  binary("greater", (a, b) => a.greater(b), matrix, row),
  binary("greaterEqual", (a, b) => a.greaterEqual(b), ints("a"), ints("b")),
  binary("and", (a, b) => a.and(b), bools, maskIn("more", [4])),
  binary("or", (a, b) => a.or(b), bools, maskIn("more", [4])),
  {
    name: "select",
    inputs: { c: maskIn("select", [2, 1, 4]), a: matrix, b: row },
    fn: ({ c, a, b }) => c!.select(a!, b!).square(),
  },
  {
    name: "select of int32",
    inputs: { c: bools, a: ints("a"), b: ints("b") },
    fn: ({ c, a, b }) => c!.select(a!, b!),
  },
  { name: "select of numbers", inputs: { c: bools }, fn: ({ c }) => c!.select(2, -1) },
];

const box = spacedIn("box", [2, 3, 4]);

const moves: readonly OpCase[] = [
  unary("reshape", (x) => x.reshape([4, -1]).square(), box),
  unary("transpose", (x) => x.transpose([2, 0, 1]), box),
  unary("reshape of int32", (x) => x.reshape([2, 6]), ints("reshape")),
  unary("reshape of bool", (x) => x.reshape([2, 6]), bools),
  unary("transpose of int32", (x) => x.transpose(), ints("transpose")),
  unary("transpose of bool", (x) => x.transpose(), bools),
  unary("transposeLast", (x) => x.transposeLast(), box),
  unary("broadcastTo", (x) => x.broadcastTo([2, 3, 4]), spacedIn("broadcastTo", [3, 1])),
  unary("broadcastTo of int32", (x) => x.broadcastTo([2, 3, 4]), ints("broadcastTo")),
  unary("broadcastTo of bool", (x) => x.broadcastTo([2, 3, 4]), bools),
  unary("expandDims", (x) => x.expandDims(-1).expandDims(0)),
  unary("slice", (x) => x.slice(-1, 1, -1).slice(0, 1), box),
  unary("slice of int32", (x) => x.slice(1, 2), ints("slice")),
  unary("slice of bool", (x) => x.slice(1, 2).slice(0, 0, -1), bools),
  {
    name: "split",
    inputs: { x: box },
    fn: ({ x }) => {
      const [a, b, c] = x!.split([1, 2, 1]);
      return [a!.mul(c!), b!.exp()];
    },
  },
  unary("split of int32", (x) => x.split([3, 1]), ints("split")),
  unary("split of bool", (x) => x.split([1, 2], 0), bools),
  unary("pad", (x) => x.pad([0, 1, 2], [1, 0, 1]), box),
  unary("pad of int32", (x) => x.pad([0, 1], [1, 0]), ints("pad")),
  unary("pad of bool", (x) => x.pad([0, 1], [1, 0]), bools),
  unary("reverse", (x) => x.reverse(1), box),
  unary("reverse of bool", (x) => x.reverse(1), bools),
  unary("reverse of int32", (x) => x.reverse(0), ints("reverse")),
  binary("concat", (a, b) => concat([a, b, a], 1), matrix, spacedIn("concat", [3, 2])),
  binary("concat of int32", (a, b) => concat([a, b], 1), ints("a"), ints("b")),
  binary("concat of bool", (a, b) => concat([a, b], 0), bools, maskIn("more", [1, 4])),
  binary("stack", (a, b) => stack([a, b], -1), matrix, spacedIn("stack", [3, 4])),
];

export const elementwiseCases: readonly OpCase[] = [...unaries, ...binaries, ...moves];

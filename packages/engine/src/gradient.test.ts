import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "./errors.js";
import { grad, gradients, pullback, valueAndGrad } from "./gradient.js";
import { full, input, iota, scalar, type Tensor } from "./graph/tensor.js";
import "./primitives/index.js";
import { interpret } from "./reference/index.js";

const x = input("x", [2], "float32");
const bindings = { x: Float64Array.of(2, 3) };
const values = (tensors: readonly Tensor[]): number[][] => interpret(tensors, bindings).map(({ data }) => [...data]);

describe("gradients", () => {
  it("of a sum of uses is the sum of the gradients", () => {
    expect(values(gradients(x.mul(x).add(x).add(x).sum(), [x]))).toEqual([[6, 8]]);
  });

  it("by an intermediate and by what it was computed from, both in full", () => {
    const y = x.square();
    expect(values(gradients(y.mul(x).sum(), [y, x]))).toEqual([
      [2, 3],
      [12, 27],
    ]);
  });

  it("stop at stopGradient, and are zeros of the right shape where nothing depends", () => {
    const other = input("other", [3, 1], "float32");
    const [byX, byOther] = gradients(x.stopGradient().mul(x).sum(), [x, other]);
    expect(values([byX!, byOther!])).toEqual([
      [2, 3],
      [0, 0, 0],
    ]);
    expect(byOther!.shape).toEqual([3, 1]);
    expect(values(gradients(scalar(5), [x]))).toEqual([[0, 0]]);
  });

  it("pass nothing through comparisons, whole numbers and steps", () => {
    const steps = x.floor().add(x.sign()).add(x.cast("int32").cast("float32")).add(x.less(2.5).cast("float32"));
    expect(values(gradients(steps.add(x.mul(7)).sum(), [x]))).toEqual([[7, 7]]);
  });

  it("of gradients: the penalty (|∇f|² − 1)² of f = Σ x³ has the slope 2 (|∇f|² − 1) · 36 x³", () => {
    const [slope] = gradients(x.square().mul(x).sum(), [x]);
    const norm = slope!.square().sum(); // 9 x⁴ summed: 144 + 729 = 873
    const [penalty] = gradients(norm.sub(1).square(), [x]);
    expect(values([norm, penalty!])).toEqual([[873], [2 * 872 * 36 * 8, 2 * 872 * 36 * 27]]);
  });

  it("come in the structure of the tree", () => {
    const tree = { a: [x], b: { c: scalar(3) } };
    const loss = ({ a, b }: typeof tree): Tensor => a[0]!.mul(b.c).sum();
    const { value, grads } = valueAndGrad(loss)(tree);
    expect(values([value, grads.a[0]!, grads.b.c])).toEqual([[15], [3, 3], [5]]);
    expect(values([grad(loss)(tree).b.c])).toEqual([[5]]);
  });

  it("want a float32 scalar", () => {
    expect(() => gradients(x, [x])).toThrow(ShapeError);
    expect(() => gradients(iota(3).sum(), [x])).toThrow("int32");
  });
});

describe("pullback", () => {
  it("carries cotangents of several outputs, also of one output given twice", () => {
    const y = x.square();
    expect(values(pullback([y, x.mul(3), y], [full([2], 1), full([2], 10), full([2], 100)], [x]))).toEqual([
      [2 * 2 * 101 + 30, 2 * 3 * 101 + 30],
    ]);
  });

  it("by independent tensors leaves out the way from one through the other", () => {
    const y = x.square();
    expect(values(pullback([y.mul(x)], [full([2], 1)], [y, x], { independent: true }))).toEqual([
      [2, 3],
      [4, 9],
    ]);
  });
});

it("the interpreter names the leaf that has no value", () => {
  expect(() => interpret([x.exp()])).toThrow(new ArgumentError('interpret: no value was given for the input "x"'));
});

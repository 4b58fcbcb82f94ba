import { describe, expect, it } from "vitest";
import { constant, type Tensor } from "../graph/tensor.js";
import { uniformIn } from "../numeric.test-helpers.js";
import { gelu } from "../ops/activation.js";
import { attention } from "../ops/attention.js";
import { layerNorm, rmsNorm } from "../ops/normalization.js";
import { fuseAttention } from "./fuse-attention.js";
import { fuseKernels } from "./fuse-kernels.js";
import { fuseMatmul } from "./fuse-matmul.js";
import { applyChecked, countOps, inputsFor } from "./pass-cases.test-helpers.js";

describe("fuseMatmul", () => {
  const values = {
    a: uniformIn("a", [3, 4]),
    b: uniformIn("b", [4, 2]),
    left: uniformIn("left", [2, 4, 3]),
    right: uniformIn("right", [2, 2, 4]),
    bias: uniformIn("bias", [2]),
  };
  const { a, b, left, right, bias } = inputsFor(values);

  it("draws in transposes, a factor and a bias", () => {
    const y = b.transposeLast().matmul(a.transposeLast()).mul(0.3); // (2, 3)
    const z = a.matmul(b).mul(2).add(bias); // (3, 2)
    const batched = left.transposeLast().matmul(right.transposeLast()).mul(0.5);
    const after = applyChecked(fuseMatmul, { y, z, batched }, values);
    expect(countOps(after)).toMatchObject({ fusedMatmul: 3 });
    expect(Object.keys(countOps(after)).sort()).toEqual(["fusedMatmul", "input"]);
  });

  it("draws in a transpose that others use too, but not a factor or bias on a product that others use", () => {
    const turned = left.transposeLast();
    const product = a.matmul(b);
    const after = applyChecked(
      fuseMatmul,
      { y: turned.matmul(right.transposeLast()), turned, product, scaled: product.mul(2), shifted: product.add(bias) },
      values,
    );
    expect(countOps(after)).toMatchObject({ fusedMatmul: 2, transpose: 1, mul: 1, add: 1 });
  });

  it("does not draw in a factor after a bias, which it scales as well", () => {
    const after = applyChecked(fuseMatmul, { y: a.matmul(b).add(bias).mul(3) }, values);
    expect(countOps(after)).toMatchObject({ fusedMatmul: 1, mul: 1 });
  });

  it("leaves other transposes, factors that are no number, and biases that are no row", () => {
    const column = constant(uniformIn("column", [3, 1]));
    const outputs = {
      moved: right.transpose([1, 0, 2]).matmul(left),
      factor: a.matmul(b).mul(bias),
      column: a.matmul(b).add(column),
    };
    const after = applyChecked(fuseMatmul, outputs, values);
    expect(countOps(after)).toMatchObject({ mul: 1, add: 1 });
    expect(countOps(after).transpose).toBeGreaterThan(0);
  });
});

describe("fuseKernels", () => {
  const values = { x: uniformIn("x", [2, 3, 5]), s: uniformIn("s", [5]), t: uniformIn("t", [5]) };
  const { x, s, t } = inputsFor(values);

  it("layer norm and RMS norm become one kernel each", () => {
    const outputs = { a: layerNorm(x, s, t), b: layerNorm(x.exp(), s), c: rmsNorm(x, s) };
    const counts = countOps(applyChecked(fuseKernels, outputs, values));
    expect(counts.fusedNorm).toBe(3);
    expect([counts.normalize, counts.mul, counts.add]).toEqual([undefined, undefined, undefined]);
  });

  it("not where the inner values are needed elsewhere, nor for a scale that is no row", () => {
    const y = layerNorm(x, s);
    const outputs = { y, inner: y.node.inputs[0]!, wide: layerNorm(x).mul(x) };
    expect(countOps(applyChecked(fuseKernels, outputs, values)).fusedNorm).toBeUndefined();
  });

  it("GELU becomes one kernel, exact and by tanh", () => {
    const after = applyChecked(fuseKernels, { a: gelu(x), b: gelu(x.mul(s), "tanh") }, values);
    expect(countOps(after)).toMatchObject({ fusedGelu: 2 });
    expect(countOps(after).normalCdf).toBeUndefined();
    expect(countOps(after).tanh).toBeUndefined();
  });

  it("what only looks like GELU stays: another constant, another x", () => {
    const shifted = x.mul(x.mul(0.7).normalCdf());
    const other = x.mul(s.normalCdf());
    expect(countOps(applyChecked(fuseKernels, { shifted, other }, values)).fusedGelu).toBeUndefined();
  });
});

describe("fuseAttention", () => {
  const heads = (name: string, length = 3) => uniformIn(name, [2, 2, length, 4]);
  const values = {
    q: heads("q"),
    k: heads("k", 5),
    v: heads("v", 5),
    m: uniformIn("m", [2, 1, 3, 5]),
    p: uniformIn("p", [2, 1, 1, 5]),
  };
  const { q, k, v, m, p } = inputsFor(values);
  const fused = (outputs: Record<string, Tensor>): number => {
    const products = fuseMatmul.apply({ outputs: new Map(Object.entries(outputs)) });
    const after = applyChecked(fuseAttention, Object.fromEntries(products.outputs), values);
    return countOps(after).fusedAttention ?? 0;
  };

  it("attention becomes one kernel, with a causal or another mask or none", () => {
    expect(
      fused({ a: attention(q, k, v), b: attention(q, k, v, { bias: m }), c: attention(q, k, v, { causal: true }) }),
    ).toBe(3);
  });

  it("not with a mask that must be stretched over positions, keys for another batch, or weights that are wanted", () => {
    const weights = q.matmul(k.transposeLast()).mul(0.5).softmax();
    const one = k.slice(0, 0, 1);
    expect(fused({ padding: attention(q, k, v, { bias: p }), wanted: weights, used: weights.matmul(v) })).toBe(0);
    expect(fused({ one: q.matmul(one.transposeLast()).mul(0.5).softmax().matmul(v) })).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import { compile } from "../compile.js";
import { hostTensor } from "../dtype.js";
import { constant, input, type Tensor } from "../graph/tensor.js";
import { toDense, uniformIn } from "../numeric.test-helpers.js";
import { quantizeMatrix } from "../primitives/quantized.js";
import { interpret } from "../reference/index.js";
import { fuseMatmul } from "./fuse-matmul.js";
import { applyChecked, countOps, inputsFor } from "./pass-cases.test-helpers.js";
import { quantizeWeights } from "./quantize-weights.js";

describe("quantizeMatrix", () => {
  it("is off by no more than half a step, a 127th of the largest weight of the block", () => {
    const matrix = uniformIn("weights", [150, 3], -2, 2);
    const { bytes, scales, shape } = quantizeMatrix(matrix);
    expect([shape, bytes.length, scales.length]).toEqual([[150, 3], 3 * 3 * 64, 3 * 3]);
    for (let k = 0; k < 150; k++) {
      for (let n = 0; n < 3; n++) {
        const block = Math.floor(k / 64);
        const column = Array.from({ length: 64 }, (_, i) => Math.abs(matrix.data[(block * 64 + i) * 3 + n] ?? 0));
        const kept = (bytes[n * 192 + k]! - 128) * scales[n * 3 + block]!;
        expect(Math.abs(kept - matrix.data[k * 3 + n]!)).toBeLessThanOrEqual((Math.max(...column) / 254) * 1.0001);
      }
    }
  });

  it("keeps multiples of a scale, zeros, and what is read transposed, as they are", () => {
    // The largest of each column is 127 quarters.
    const rows = hostTensor(Float32Array.of(31.75, 0, -31.75, 0.25, 0, 5), [3, 2]);
    const turned = hostTensor(Float32Array.of(31.75, -31.75, 0, 0, 0.25, 5), [2, 3]);
    const { bytes, scales } = quantizeMatrix(rows);
    expect([...bytes.slice(0, 4)]).toEqual([255, 1, 128, 128]);
    expect(scales[0]).toBe(0.25);
    expect(quantizeMatrix(turned, true)).toEqual(quantizeMatrix(rows));
    expect(quantizeMatrix(hostTensor(new Float32Array(2), [2, 1])).bytes[0]).toBe(128);
  });
});

describe("quantizeWeights", () => {
  const values = { x: uniformIn("x", [2, 64]), other: uniformIn("other", [64, 64]) };
  const { x, other } = inputsFor(values);
  const weights = constant(uniformIn("w", [64, 5]));
  const bias = constant(uniformIn("b", [5]));

  it("replaces products with constant matrices, with their bias and transposed", () => {
    const outputs = {
      plain: x.matmul(weights),
      shifted: x.exp().matmul(weights).add(bias),
      turned: x.matmul(constant(uniformIn("t", [3, 64])).transposeLast()),
    };
    const fused = applyChecked(fuseMatmul, outputs, values);
    const after = applyChecked(quantizeWeights, Object.fromEntries(fused.outputs), values, 0.02);
    expect(countOps(after)).toMatchObject({ quantizedMatmul: 3 });
    expect(countOps(after).fusedMatmul).toBeUndefined();
  });

  it("leaves products of activations, factors, and matrices on the left", () => {
    const outputs = {
      activations: x.matmul(other),
      scaled: x.matmul(weights).mul(0.5),
      left: constant(uniformIn("l", [3, 64])).matmul(other),
    };
    const fused = applyChecked(fuseMatmul, outputs, values);
    const after = applyChecked(quantizeWeights, Object.fromEntries(fused.outputs), values);
    expect(countOps(after).quantizedMatmul).toBeUndefined();
  });

  it("is what `weights: int8` compiles, close to the product with the weights themselves", async () => {
    const frozen = uniformIn("frozen", [256, 48], -0.1, 0.1);
    const rows = uniformIn("rows", [3, 256]);
    const run = compile(({ x, w }: { x: Tensor; w: Tensor }) => ({ y: x.matmul(w) }), {
      freeze: ["w"],
      weights: "int8",
    });
    expect(countOps(run.graphFor({ x: rows, w: frozen })).quantizedMatmul).toBe(1);
    const { y } = await run({ x: rows, w: frozen });
    await run.release();
    const named = { x: rows, w: frozen };
    const product = input("x", [3, 256], "float32").matmul(input("w", [256, 48], "float32"));
    const [exact] = interpret([product], toDense(named));
    const size = Math.sqrt(exact!.data.reduce((sum, value) => sum + value ** 2, 0) / exact!.data.length);
    const errors = [...y.data].map((value, i) => Math.abs(value - exact!.data[i]!) / size);
    // Rounding both operands to one part in 254, over 256 independent terms: about 0.4 % of the product's size, several times that at most.
    expect(Math.max(...errors)).toBeLessThan(0.03);
    expect(Math.max(...errors)).toBeGreaterThan(1e-4);
  });
});

import { hostTensor, input } from "@atelier/engine";
import { interpret } from "@atelier/engine/reference";
import { describe, expect, it } from "vitest";
import { clipFactor, globalNorm, movingAverage } from "./gradients.js";

const tree = { a: input("a", [2], "float32"), b: { c: input("c", [1, 2], "float32") } };
const values = { a: hostTensor(Float32Array.of(2, 4)), c: hostTensor(Float32Array.of(5, 6), [1, 2]) };

describe("globalNorm", () => {
  it("is the root of the sum of all squares", () => {
    expect(interpret([globalNorm(tree)], values)[0]!.data[0]).toBeCloseTo(9, 12); // 4 + 16 + 25 + 36 = 81
  });
});

describe("clipFactor", () => {
  // torch.nn.utils.clip_grad_norm_: clip_coef = max_norm / (total_norm + 1e-6), clamped to 1.
  it.each([
    [0, 1, 1],
    [0.5, 1, 1],
    [1, 1, 1 / (1 + 1e-6)],
    [4, 1, 1 / (4 + 1e-6)],
    [4, 10, 1],
    [1e-7, 1e-8, 1e-8 / (1e-7 + 1e-6)],
  ])("of a norm of %d with a limit of %d", (norm, limit, expected) => {
    const factor = clipFactor(input("norm", [], "float32"), limit);
    expect(interpret([factor], { norm: Float64Array.of(norm) })[0]!.data[0]).toBeCloseTo(expected, 9); // 1e-6 is a float32 constant
  });
});

describe("movingAverage", () => {
  it("is decay × average + (1 − decay) × parameter", () => {
    const average = { x: input("average", [2], "float32") };
    const params = { x: input("params", [2], "float32") };
    const { x } = movingAverage(average, params, input("take", [], "float32")) as typeof average;
    const bindings = { average: Float64Array.of(1, -2), params: Float64Array.of(3, 5), take: Float64Array.of(0.1) };
    const [first, second] = interpret([x], bindings)[0]!.data;
    expect(first).toBeCloseTo(0.9 * 1 + 0.1 * 3, 12);
    expect(second).toBeCloseTo(0.9 * -2 + 0.1 * 5, 12);
  });
});

/** Convolutions beside PyTorch's, which `bench/peers/make_convolution_fixture.py` recorded in whole numbers; and what they refuse. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.js";
import { type HostTensor, hostTensor, sizeOf } from "../dtype.js";
import { gradients } from "../gradient.js";
import { constant, input, type Tensor } from "../graph/tensor.js";
import { interpret } from "../reference/index.js";
import { conv, convTranspose, type PerAxis } from "./convolution.js";

interface Case {
  readonly kind: "conv" | "conv_transpose";
  readonly x: number[];
  readonly weight: number[];
  readonly settings: Partial<Record<"stride" | "padding" | "dilation" | "output_padding", PerAxis>> & {
    readonly groups?: number;
  };
  readonly shape: number[];
  readonly y: number[];
  /** Of Σ y · cotangent, by x and by the weight. */
  readonly dx: number[];
  readonly dweight: number[];
}

const fixture: { cases: Case[] } = JSON.parse(
  await readFile(new URL("./fixtures/torch-convolution.json", import.meta.url), "utf8"),
);

/** The formula of the recorder: element i is (37 i + 11 salt) mod 13 − 6. */
const whole = (shape: readonly number[], salt: number): HostTensor =>
  hostTensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((37 * i + 11 * salt) % 13) - 6),
    shape,
  );

function results({ kind, settings: { output_padding = 0, ...settings }, shape }: Case, x: Tensor, weight: Tensor) {
  const y =
    kind === "conv"
      ? conv(x, weight, settings)
      : convTranspose(x, weight, { ...settings, outputPadding: output_padding });
  const [dx, dweight] = gradients(y.mul(constant(whole(shape, 3))).sum(), [x, weight]);
  return { y, dx: dx!, dweight: dweight! };
}

describe.each(
  fixture.cases.map(
    (each) => [`${each.kind} of ${each.x} by ${each.weight}, ${JSON.stringify(each.settings)}`, each] as const,
  ),
)("%s", (_, recorded) => {
  const [x, weight] = [whole(recorded.x, 1), whole(recorded.weight, 2)];

  it("the oracle gives PyTorch's numbers", () => {
    const { y, dx, dweight } = results(recorded, constant(x), constant(weight));
    expect(y.shape).toEqual(recorded.shape);
    const [values, byX, byWeight] = interpret([y, dx, dweight]);
    expect([...values!.data]).toEqual(recorded.y);
    expect([...byX!.data]).toEqual(recorded.dx);
    expect([...byWeight!.data]).toEqual(recorded.dweight);
  });

  it("the CPU gives PyTorch's numbers", async () => {
    const step = compile((given: { x: Tensor; weight: Tensor }) => results(recorded, given.x, given.weight));
    const { y, dx, dweight } = await step({ x, weight });
    await step.release();
    // Sums of whole numbers below 2²⁴ are exact in float32, in any order.
    expect([...y.data]).toEqual(recorded.y);
    expect([...dx.data]).toEqual(recorded.dx);
    expect([...dweight.data]).toEqual(recorded.dweight);
  });
});

it("of no pictures there is no result, and the gradient by the weight is zero", async () => {
  const step = compile(({ x, weight }: { x: Tensor; weight: Tensor }) => {
    const y = conv(x, weight, { padding: 1 });
    return { y, dweight: gradients(y.sum(), [weight])[0]! };
  });
  const { y, dweight } = await step({ x: whole([0, 2, 4, 4], 1), weight: whole([3, 2, 3, 3], 2) });
  await step.release();
  expect(y.shape).toEqual([0, 3, 4, 4]);
  expect([...dweight.data]).toEqual(new Array(54).fill(0));
});

describe("refuses, in words", () => {
  const tensor = (name: string, ...shape: number[]): Tensor => input(name, shape, "float32");
  const x = tensor("x", 2, 3, 8, 8);
  const w = tensor("w", 4, 3, 3, 3);

  it.each<[string, () => Tensor, RegExp]>([
    ["other channels", () => conv(x, tensor("w", 4, 2, 3, 3)), /x \[2, 3, 8, 8\] has 3 channels.*takes 2/],
    ["channels of groups", () => conv(x, w, { groups: 3 }), /takes 3 in each of 3 groups/],
    [
      "outputs that make no groups",
      () => conv(x, tensor("w", 4, 1, 3, 3), { groups: 3 }),
      /4 output channels.*3 groups/,
    ],
    ["half a group", () => conv(x, tensor("w", 4, 6, 3, 3), { groups: 0.5 }), /0\.5 is no number of groups/],
    ["a kernel beyond x", () => conv(x, w, { dilation: 4, padding: [1, 0] }), /reaches over 9 along spatial axis 1/],
    ["an empty kernel", () => conv(x, tensor("w", 4, 3, 0, 3)), /empty kernel/],
    ["other axes", () => conv(x, tensor("w", 4, 3, 3)), /the same one to three spatial axes/],
    ["no spatial axis", () => conv(tensor("x", 2, 3), tensor("w", 4, 3)), /one to three spatial axes/],
    ["a stride of none", () => conv(x, w, { stride: 0 }), /stride 0 .* 1 or more/],
    ["settings for other axes", () => conv(x, w, { padding: [1] }), /padding \[1\] .* 2 spatial axes/],
    ["whole numbers", () => conv(x.cast("int32"), w), /float32 is needed, got int32 and float32/],
    ["a transposed weight of other channels", () => convTranspose(x, w), /\(I, O \/ groups, …kernel\)/],
    [
      "outputPadding of a stride",
      () => convTranspose(tensor("x", 2, 4, 8, 8), w, { stride: 2, outputPadding: 2 }),
      /outputPadding \[2, 2\] is not below the stride \[2, 2\]/,
    ],
    [
      "padding that leaves nothing",
      () => convTranspose(tensor("x", 2, 4, 1, 8), w, { padding: 2 }),
      /leaves nothing of x \[2, 4, 1, 8\]/,
    ],
  ])("%s", (_, attempt, message) => {
    expect(attempt).toThrow(
      expect.objectContaining({ code: "SHAPE_MISMATCH", message: expect.stringMatching(message) }),
    );
  });
});

/**
 * Rotary position embedding (Su et al. 2021, "RoFormer", section 3.2.2) as one primitive: a rotation of pairs (i, i + D/2). Its gradient is
 * the rotation by the opposite angle, so it is closed under differentiation; runtimes have a kernel for it.
 */
import { ShapeError } from "../errors.js";
import { definePrimitive, type ValueSpec } from "../graph/primitive.js";
import { apply, type Tensor } from "../graph/tensor.js";
import { MICROSOFT, type OnnxBuilder } from "../onnx/builder.js";
import { at, tabulate } from "../reference/dense.js";
import { describeShape, equalShapes } from "../shape.js";
import { unbroadcast } from "./elementwise.js";

definePrimitive({
  name: "rotary",
  summary: "rotates the halves of the last axis, (…, T, D), by angles given as cos and sin, (T, D/2) or (B, 1, T, D/2)",
  infer([x, cos, sin]) {
    const [length, width] = x!.shape.slice(-2);
    const table = [length ?? 0, (width ?? 0) / 2];
    const perRow = [x!.shape[0] ?? 0, 1, ...table];
    const fits = [table, ...(x!.shape.length === 4 ? [perRow] : [])].some((shape) =>
      [cos!, sin!].every((angles) => equalShapes(angles.shape, shape)),
    );
    if (x!.shape.length < 2 || width! % 2 !== 0 || !fits) {
      throw new ShapeError(
        `${describeShape(x!.shape)} cannot be rotated by tables ${describeShape(cos!.shape)} and ${describeShape(sin!.shape)}; ` +
          `x (…, T, D) with D even and tables (T, D/2), or (B, 1, T, D/2) for four axes, are needed`,
      );
    }
    return [{ shape: x!.shape, dtype: "float32" }];
  },
  gradient({ cotangent, inputs: [x, cos, sin] }) {
    const half = x!.shape.at(-1)! / 2;
    const [g1, g2] = cotangent.split([half, half]) as [Tensor, Tensor];
    const [x1, x2] = x!.split([half, half]) as [Tensor, Tensor];
    return [
      apply("rotary", [cotangent, cos!, sin!.neg()]),
      unbroadcast(g1.mul(x1).add(g2.mul(x2)), cos!.shape),
      unbroadcast(g2.mul(x1).sub(g1.mul(x2)), sin!.shape),
    ];
  },
  lower({ builder, inputs, inputSpecs }) {
    const { shape } = inputSpecs[0]!;
    if (!builder.supports("RotaryEmbedding") || shape.length !== 4) return [lowerByHalves(builder, inputs, inputSpecs)];
    const [x, cos, sin] = inputs as [string, string, string];
    const [rows, , length, half] = inputSpecs[1]!.shape;
    if (inputSpecs[1]!.shape.length === 2) {
      // An offset of zero: every row of the batch begins at the first angle.
      return [builder.node("RotaryEmbedding", [x, builder.int64([0]), cos, sin], {}, { domain: MICROSOFT })];
    }
    // The angles of all rows make one table, in which every row has places of its own.
    const places = builder.int64(Array.from({ length: rows! * length! }, (_, i) => i));
    const positions = builder.node("Reshape", [places, builder.int64([rows!, length!])]);
    const tables = [cos, sin].map((name) => builder.node("Reshape", [name, builder.int64([-1, half!])]));
    return [builder.node("RotaryEmbedding", [x, positions, ...tables], {}, { domain: MICROSOFT })];
  },
  evaluate: ({ inputs: [x, cos, sin] }) => [
    tabulate(x!.shape, (index) => {
      const half = x!.shape.at(-1)! / 2;
      const [t, i] = index.slice(-2) as [number, number];
      const angle = [...index.slice(0, -2), t, i % half];
      const other = at(x!, [...index.slice(0, -1), i < half ? i + half : i - half]);
      return at(x!, index) * at(cos!, angle) + (i < half ? -1 : 1) * other * at(sin!, angle);
    }),
  ],
});

function lowerByHalves(builder: OnnxBuilder, [x, cos, sin]: readonly string[], specs: readonly ValueSpec[]): string {
  const half = specs[0]!.shape.at(-1)! / 2;
  const [first, second] = builder.nodeAll("Split", [x!, builder.int64([half, half])], { axis: -1 }, { outputs: 2 });
  const times = (a: string, b: string): string => builder.node("Mul", [a, b]);
  const left = builder.node("Sub", [times(first!, cos!), times(second!, sin!)]);
  const right = builder.node("Add", [times(second!, cos!), times(first!, sin!)]);
  return builder.node("Concat", [left, right], { axis: -1 });
}

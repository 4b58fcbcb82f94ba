/** Kernels that passes choose after differentiation: they have definitions and lowerings, but no gradients. */
import { definePrimitive } from "../graph/primitive.js";
import { at, tabulate } from "../reference/dense.js";
import { erf } from "../reference/erf.js";

definePrimitive<{ centred: boolean; epsilon: number }>({
  name: "fusedNorm",
  summary: "layer norm (x, scale, shift) or RMS norm (x, scale) over the last axis; made by passes",
  infer: ([x]) => [{ shape: x!.shape, dtype: "float32" }],
  lower({ builder, inputs, attributes: { centred, epsilon } }) {
    const attributes = { axis: -1, epsilon: { float: epsilon } };
    if (centred) return [builder.node("LayerNormalization", inputs, attributes)];
    // ONNX Runtime's own operator, though it lives in the standard domain; the standard has RMSNormalization only from opset 23 on.
    if (builder.supports("SimplifiedLayerNormalization")) {
      return [builder.node("SimplifiedLayerNormalization", inputs, attributes)];
    }
    const [x, scale] = inputs as [string, string];
    const meanSquare = builder.node("ReduceMean", [builder.node("Mul", [x, x]), builder.int64([-1])], { keepdims: 1 });
    const root = builder.node("Sqrt", [builder.node("Add", [meanSquare, builder.scalar(epsilon)])]);
    return [builder.node("Mul", [builder.node("Div", [x, root]), scale])];
  },
  evaluate({ inputs: [x, scale, shift], attributes: { centred, epsilon } }) {
    const width = x!.shape.at(-1)!;
    return [
      tabulate(x!.shape, (index, flat) => {
        const start = flat - index.at(-1)!;
        const row = x!.data.subarray(start, start + width);
        const mean = centred ? row.reduce((a, b) => a + b, 0) / width : 0;
        const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
        const normal = (x!.data[flat]! - mean) / Math.sqrt(variance + epsilon);
        return normal * at(scale!, index) + (shift === undefined ? 0 : at(shift, index));
      }),
    ];
  },
});

definePrimitive<{ approximate: "none" | "tanh" }>({
  name: "fusedGelu",
  summary: "GELU in one kernel; made by passes",
  infer: ([x]) => [{ shape: x!.shape, dtype: "float32" }],
  lower: ({ builder, inputs, attributes: { approximate } }) => [builder.node("Gelu", inputs, { approximate })],
  evaluate: ({ inputs: [x], attributes: { approximate } }) => [
    x!.data.map((value) =>
      approximate === "none"
        ? 0.5 * value * (1 + erf(value / Math.SQRT2))
        : 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3))),
    ),
  ],
});

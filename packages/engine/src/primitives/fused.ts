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

definePrimitive<{ scale: number }>({
  name: "fusedAttention",
  summary: "softmax(scale · Q Kᵀ [+ bias]) V over (B, H, T, D) and (B, H, S, D); made by passes",
  infer: ([query, , value]) => [{ shape: [...query!.shape.slice(0, 3), value!.shape[3]!], dtype: "float32" }],
  lower({ builder, inputs, attributes: { scale } }) {
    if (builder.supports("Attention")) return [builder.node("Attention", inputs, { scale: { float: scale } })];
    const [query, key, value, bias] = inputs as [string, string, string, string | undefined];
    const turned = builder.node("Transpose", [key], { perm: [0, 1, 3, 2] });
    const scores = builder.node("Mul", [builder.node("MatMul", [query, turned]), builder.scalar(scale)]);
    const biased = bias === undefined ? scores : builder.node("Add", [scores, bias]);
    return [builder.node("MatMul", [builder.node("Softmax", [biased], { axis: -1 }), value])];
  },
  evaluate({ inputs: [query, key, value, bias], outputSpecs, attributes: { scale } }) {
    const [span, width] = key!.shape.slice(2) as [number, number];
    return [
      tabulate(outputSpecs[0]!.shape, ([b, h, t, column]) => {
        const scores = Array.from({ length: span }, (_, s) => {
          let sum = bias === undefined ? 0 : at(bias, [b!, h!, t!, s]);
          for (let d = 0; d < width; d++) sum += scale * at(query!, [b!, h!, t!, d]) * at(key!, [b!, h!, s, d]);
          return sum;
        });
        const most = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - most));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        return weights.reduce((sum, weight, s) => sum + (weight / total) * at(value!, [b!, h!, s, column!]), 0);
      }),
    ];
  },
});

/** Gather, scatter and one-hot. Indices are int32. */

import { sizeOf } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { definePrimitive, type ValueSpec } from "../graph/primitive.js";
import { apply } from "../graph/tensor.js";
import { ONNX_TYPE, type OnnxBuilder } from "../onnx/builder.js";
import { at, flatIndex, forEachIndex, tabulate, withCoordinate } from "../reference/dense.js";
import { describeShape } from "../shape.js";

/** Up to this many rows, a scatter of rows is a product with a one-hot matrix: faster, and parallel without races. */
const ONE_HOT_ROWS = 1024;

function expectIndices(indices: ValueSpec): void {
  if (indices.dtype !== "int32") {
    throw new ShapeError(`indices of type ${indices.dtype} ${describeShape(indices.shape)}; int32 is needed`);
  }
}

/** Moves one axis to the front. */
const toFront = (rank: number, axis: number): number[] => [
  axis,
  ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis),
];

definePrimitive<{ axis: number }>({
  name: "gather",
  summary: "rows along an axis, by index",
  infer([x, indices], { axis }) {
    expectIndices(indices!);
    if (x!.shape.length === 0) throw new ShapeError("a scalar has no rows to gather");
    return [{ shape: [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)], dtype: x!.dtype }];
  },
  gradient({ cotangent, inputs: [x, indices], attributes: { axis } }) {
    const size = x!.shape[axis]!;
    if (axis === 0) return [apply("scatterAdd", [cotangent, indices!], { size }), undefined];
    const order = Array.from({ length: cotangent.rank }, (_, i) => i);
    const moved = [
      ...order.slice(axis, axis + indices!.rank),
      ...order.slice(0, axis),
      ...order.slice(axis + indices!.rank),
    ];
    const rows = apply("scatterAdd", [cotangent.transpose(moved), indices!], { size });
    const back = toFront(x!.rank, axis);
    return [rows.transpose(back.map((_, i) => back.indexOf(i))), undefined];
  },
  lower: ({ builder, inputs, attributes: { axis } }) => [builder.node("Gather", inputs, { axis })],
  evaluate: ({ inputs: [x, indices], outputSpecs, attributes: { axis } }) => [
    tabulate(outputSpecs[0]!.shape, (index) => {
      const rank = indices!.shape.length;
      const row = at(indices!, index.slice(axis, axis + rank));
      return at(x!, [...index.slice(0, axis), row, ...index.slice(axis + rank)]);
    }),
  ],
});

definePrimitive<{ size: number }>({
  name: "scatterAdd",
  summary: "adds rows into zeros of `size` rows, by index",
  infer([updates, indices], { size }) {
    expectIndices(indices!);
    const lead = updates!.shape.slice(0, indices!.shape.length);
    if (describeShape(lead) !== describeShape(indices!.shape)) {
      throw new ShapeError(
        `updates ${describeShape(updates!.shape)} do not begin with the shape of the indices ${describeShape(indices!.shape)}`,
      );
    }
    return [{ shape: [size, ...updates!.shape.slice(indices!.shape.length)], dtype: "float32" }];
  },
  gradient: ({ cotangent, inputs: [, indices] }) => [cotangent.gather(indices!, 0), undefined],
  lower({ builder, inputs: [updates, indices], inputSpecs, outputSpecs, attributes: { size } }) {
    const count = sizeOf(inputSpecs[1]!.shape);
    const width = sizeOf(outputSpecs[0]!.shape.slice(1));
    const rows = builder.node("Reshape", [updates!, builder.int64([count, width])], { allowzero: 1 });
    let result: string;
    if (size <= ONE_HOT_ROWS || builder.lacks("ScatterElements")) {
      const flat = builder.node("Reshape", [indices!, builder.int64([count])], { allowzero: 1 });
      result = builder.node("Gemm", [lowerOneHot(builder, flat, size), rows], { transA: 1 });
    } else {
      const column = builder.node("Reshape", [indices!, builder.int64([count, 1])], { allowzero: 1 });
      const spread = builder.node("Expand", [column, builder.int64([count, width])]);
      const zeros = builder.node("Expand", [builder.scalar(0), builder.int64([size, width])]);
      result = builder.node("ScatterElements", [zeros, spread, rows], { axis: 0, reduction: "add" });
    }
    return [builder.node("Reshape", [result, builder.int64(outputSpecs[0]!.shape)], { allowzero: 1 })];
  },
  evaluate({ inputs: [updates, indices], outputSpecs }) {
    const shape = outputSpecs[0]!.shape;
    const out = new Float64Array(sizeOf(shape));
    const width = sizeOf(shape.slice(1));
    indices!.data.forEach((row, i) => {
      for (let j = 0; j < width; j++) out[row * width + j]! += updates!.data[i * width + j]!;
    });
    return [out];
  },
});

/** The shape of `indices` must be that of x everywhere but on the axis. */
function expectAligned(x: ValueSpec, indices: ValueSpec, axis: number): void {
  expectIndices(indices);
  const aligned =
    x.shape.length === indices.shape.length && x.shape.every((n, i) => i === axis || n === indices.shape[i]);
  if (!aligned) {
    throw new ShapeError(
      `indices ${describeShape(indices.shape)} do not align with ${describeShape(x.shape)} beside axis ${axis}`,
    );
  }
}

definePrimitive<{ axis: number }>({
  name: "gatherAlong",
  summary: "one element per index along an axis",
  infer([x, indices], { axis }) {
    expectAligned(x!, indices!, axis);
    return [{ shape: indices!.shape, dtype: x!.dtype }];
  },
  gradient: ({ cotangent, inputs: [x, indices], attributes: { axis } }) => [
    apply("scatterAlong", [cotangent, indices!], { axis, size: x!.shape[axis]! }),
    undefined,
  ],
  lower({ builder, inputs: [x, indices], inputSpecs, attributes: { axis } }) {
    const { dtype, shape } = inputSpecs[0]!;
    if (!builder.lacks("GatherElements", dtype)) return [builder.node("GatherElements", [x!, indices!], { axis })];
    // Every index is compared with every position, and the one that is met is summed with zeros.
    const positions = builder.constant({
      dtype: "int32",
      shape: [shape[axis]!, ...shape.slice(axis + 1).map(() => 1)],
      data: Int32Array.from({ length: shape[axis]! }, (_, i) => i),
    });
    const met = builder.node("Equal", [builder.node("Unsqueeze", [indices!, builder.int64([axis + 1])]), positions]);
    const values = builder.node("Unsqueeze", [builder.cast(x!, dtype, "int32"), builder.int64([axis])]);
    const chosen = builder.node("Where", [met, values, builder.scalar(0, "int32")]);
    const summed = builder.node("ReduceSum", [chosen, builder.int64([axis + 1])], { keepdims: 0 });
    return [builder.cast(summed, "int32", dtype)];
  },
  evaluate: ({ inputs: [x, indices], outputSpecs, attributes: { axis } }) => [
    tabulate(outputSpecs[0]!.shape, (index) => at(x!, withCoordinate(index, axis, at(indices!, index)))),
  ],
});

definePrimitive<{ axis: number; size: number }>({
  name: "scatterAlong",
  summary: "adds elements into zeros along an axis, by index",
  infer([updates, indices], { axis, size }) {
    expectAligned(updates!, indices!, axis);
    if (describeShape(updates!.shape) !== describeShape(indices!.shape)) {
      throw new ShapeError(
        `updates ${describeShape(updates!.shape)} and indices ${describeShape(indices!.shape)} differ`,
      );
    }
    return [{ shape: withCoordinate(updates!.shape, axis, size), dtype: "float32" }];
  },
  gradient: ({ cotangent, inputs: [, indices], attributes: { axis } }) => [
    cotangent.gatherAlong(indices!, axis),
    undefined,
  ],
  lower({ builder, inputs: [updates, indices], inputSpecs, outputSpecs, attributes: { axis, size } }) {
    const shape = inputSpecs[0]!.shape;
    if (shape[axis] === 1) {
      // One index a line: the position equals the index, or not. A single pass, on any device.
      const positions = builder.constant({
        dtype: "int32",
        shape: shape.map((_, i) => (i === axis ? size : 1)),
        data: Int32Array.from({ length: size }, (_, i) => i),
      });
      return [builder.node("Where", [builder.node("Equal", [indices!, positions]), updates!, builder.scalar(0)])];
    }
    if (builder.lacks("ScatterElements")) {
      // A one-hot matrix over a new last axis, weighted and summed.
      const hot = lowerOneHot(builder, indices!, size);
      const weighted = builder.node("Mul", [hot, builder.node("Unsqueeze", [updates!, builder.int64([-1])])]);
      const summed = builder.node("ReduceSum", [weighted, builder.int64([axis])], { keepdims: 0 });
      const order = Array.from({ length: shape.length - 1 }, (_, i) => i);
      return [
        builder.node("Transpose", [summed], {
          perm: [...order.slice(0, axis), shape.length - 1, ...order.slice(axis)],
        }),
      ];
    }
    const zeros = builder.node("Expand", [builder.scalar(0), builder.int64(outputSpecs[0]!.shape)]);
    return [builder.node("ScatterElements", [zeros, indices!, updates!], { axis, reduction: "add" })];
  },
  evaluate({ inputs: [updates, indices], outputSpecs, attributes: { axis } }) {
    const shape = outputSpecs[0]!.shape;
    const out = new Float64Array(sizeOf(shape));
    forEachIndex(updates!.shape, (index, flat) => {
      out[flatIndex(shape, withCoordinate(index, axis, indices!.data[flat]!))]! += updates!.data[flat]!;
    });
    return [out];
  },
});

definePrimitive<{ depth: number }>({
  name: "oneHot",
  summary: "1 at the index, 0 elsewhere, along a new last axis",
  infer([indices], { depth }) {
    expectIndices(indices!);
    return [{ shape: [...indices!.shape, depth], dtype: "float32" }];
  },
  lower: ({ builder, inputs, attributes: { depth } }) => [lowerOneHot(builder, inputs[0]!, depth)],
  evaluate: ({ inputs: [indices], outputSpecs }) => [
    tabulate(outputSpecs[0]!.shape, (index) => (at(indices!, index.slice(0, -1)) === index.at(-1) ? 1 : 0)),
  ],
});

/** (…) → (…, depth), by comparison with 0 … depth − 1, which every device does. */
function lowerOneHot(builder: OnnxBuilder, indices: string, depth: number): string {
  const positions = builder.constant({
    dtype: "int32",
    shape: [depth],
    data: Int32Array.from({ length: depth }, (_, i) => i),
  });
  const column = builder.node("Unsqueeze", [indices, builder.int64([-1])]);
  return builder.node("Cast", [builder.node("Equal", [column, positions])], { to: ONNX_TYPE.float32 });
}

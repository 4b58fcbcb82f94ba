/** Reductions, running sums, softmax and normalisation: primitives that combine the elements of an axis. */
import { ShapeError } from "../errors.js";
import { definePrimitive, type ValueSpec } from "../graph/primitive.js";
import { apply, type Tensor } from "../graph/tensor.js";
import { ONNX_TYPE, type OnnxBuilder } from "../onnx/builder.js";
import { at, flatIndex, forEachIndex, tabulate, withCoordinate } from "../reference/dense.js";
import { describeShape, reducedShape } from "../shape.js";

interface ReduceAttributes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function reduceSpec([x]: readonly ValueSpec[], { axes, keepDims }: ReduceAttributes): ValueSpec[] {
  expectNumbers(x!);
  return [{ shape: reducedShape(x!.shape, axes, keepDims), dtype: x!.dtype }];
}

function expectNumbers(x: ValueSpec): void {
  if (x.dtype === "bool") {
    throw new ShapeError(`an operand of type bool ${describeShape(x.shape)}; float32 or int32 is needed`, {
      hint: 'Count what is true with .cast("int32").sum().',
    });
  }
}

/** A reduced value, back in the rank and shape of what it was reduced from. */
function spread(reduced: Tensor, from: Tensor, axes: readonly number[]): Tensor {
  return reduced.reshape(reducedShape(from.shape, axes, true)).broadcastTo(from.shape);
}

function expectFloat(x: ValueSpec): void {
  if (x.dtype !== "float32")
    throw new ShapeError(`an operand of type ${x.dtype} ${describeShape(x.shape)}; float32 is needed`);
}

definePrimitive<ReduceAttributes>({
  name: "reduceSum",
  summary: "sum over axes",
  infer: reduceSpec,
  gradient: ({ cotangent, inputs: [x], attributes: { axes } }) => [spread(cotangent, x!, axes)],
  lower: ({ builder, inputs, attributes: { axes, keepDims } }) => [
    builder.node("ReduceSum", [inputs[0]!, builder.int64(axes)], { keepdims: keepDims ? 1 : 0 }),
  ],
  evaluate({ inputs: [x], outputSpecs, attributes: { axes } }) {
    const out = new Float64Array(outputSpecs[0]!.shape.reduce((a, b) => a * b, 1));
    const kept = reducedShape(x!.shape, axes, true);
    forEachIndex(x!.shape, (index, flat) => {
      out[flatIndex(kept, index)]! += x!.data[flat]!;
    });
    return [out];
  },
});

definePrimitive<ReduceAttributes>({
  name: "reduceMax",
  summary: "largest over axes; equal elements share the gradient",
  infer(inputs, attributes) {
    if (attributes.axes.some((axis) => inputs[0]!.shape[axis] === 0)) {
      throw new ShapeError(`the maximum over no elements, of ${describeShape(inputs[0]!.shape)}, does not exist`);
    }
    return reduceSpec(inputs, attributes);
  },
  gradient({ cotangent, inputs: [x], outputs: [y], attributes: { axes } }) {
    const isMax = x!.equal(spread(y!, x!, axes)).cast("float32");
    const shares = isMax.div(isMax.sum(axes, true));
    return [shares.mul(spread(cotangent, x!, axes))];
  },
  lower: ({ builder, inputs, attributes: { axes, keepDims } }) => [
    builder.node("ReduceMax", [inputs[0]!, builder.int64(axes)], { keepdims: keepDims ? 1 : 0 }),
  ],
  evaluate({ inputs: [x], outputSpecs, attributes: { axes } }) {
    const out = new Float64Array(outputSpecs[0]!.shape.reduce((a, b) => a * b, 1)).fill(Number.NEGATIVE_INFINITY);
    const kept = reducedShape(x!.shape, axes, true);
    forEachIndex(x!.shape, (index, flat) => {
      const slot = flatIndex(kept, index);
      out[slot] = Math.max(out[slot]!, x!.data[flat]!);
    });
    return [out];
  },
});

definePrimitive<{ axis: number }>({
  name: "argMax",
  summary: "index of the largest along an axis, the first of equals",
  infer([x], { axis }) {
    expectNumbers(x!);
    if (x!.shape[axis] === 0)
      throw new ShapeError(`no element of ${describeShape(x!.shape)} is largest on axis ${axis}`);
    return [{ shape: reducedShape(x!.shape, [axis], false), dtype: "int32" }];
  },
  lower({ builder, inputs, inputSpecs, attributes: { axis } }) {
    if (builder.lacks("ArgMax")) {
      const best = lowerLargest(builder, inputs[0]!, inputSpecs[0]!.shape, axis).position;
      return [builder.node("Squeeze", [best, builder.int64([axis])])];
    }
    return [builder.node("Cast", [builder.node("ArgMax", inputs, { axis, keepdims: 0 })], { to: ONNX_TYPE.int32 })];
  },
  evaluate: ({ inputs: [x], outputSpecs, attributes: { axis } }) => [
    tabulate(outputSpecs[0]!.shape, (index) => {
      const position = [...index.slice(0, axis), 0, ...index.slice(axis)];
      let best = 0;
      for (let i = 1; i < x!.shape[axis]!; i++) {
        if (at(x!, withCoordinate(position, axis, i)) > at(x!, withCoordinate(position, axis, best))) best = i;
      }
      return best;
    }),
  ],
});

/** The largest value along an axis and the first position (int32) where it stands, both with the axis kept. */
function lowerLargest(
  builder: OnnxBuilder,
  x: string,
  shape: readonly number[],
  axis: number,
): { value: string; position: string; positions: string } {
  const length = shape[axis]!;
  const positions = builder.constant({
    dtype: "int32",
    shape: shape.map((_, i) => (i === axis ? length : 1)),
    data: Int32Array.from({ length }, (_, i) => i),
  });
  const axes = builder.int64([axis]);
  const value = builder.node("ReduceMax", [x, axes], { keepdims: 1 });
  // The first of several is the one with most after it.
  const after = builder.node("Sub", [builder.scalar(length - 1, "int32"), positions]);
  const remaining = builder.node("Where", [builder.node("Equal", [x, value]), after, builder.scalar(0, "int32")]);
  const most = builder.node("ReduceMax", [remaining, axes], { keepdims: 1 });
  return { value, position: builder.node("Sub", [builder.scalar(length - 1, "int32"), most]), positions };
}

/** k times the largest of what is left, for targets without TopK and finite numbers. */
function lowerTopK(builder: OnnxBuilder, x: string, { shape, dtype }: ValueSpec, k: number): readonly string[] {
  const axis = shape.length - 1;
  const lowest = builder.scalar(dtype === "int32" ? -(2 ** 31) : Number.NEGATIVE_INFINITY, dtype);
  const [values, found]: [string[], string[]] = [[], []];
  let left = x;
  for (let i = 0; i < k; i++) {
    const { value, position, positions } = lowerLargest(builder, left, shape, axis);
    values.push(value);
    found.push(position);
    if (i < k - 1) left = builder.node("Where", [builder.node("Equal", [positions, position]), lowest, left]);
  }
  const join = (parts: string[]): string => (k === 1 ? parts[0]! : builder.node("Concat", parts, { axis }));
  return [join(values), join(found)];
}

definePrimitive<{ axis: number; reverse: boolean }>({
  name: "cumsum",
  summary: "running sum along an axis",
  infer([x]) {
    expectNumbers(x!);
    return [{ shape: x!.shape, dtype: x!.dtype }];
  },
  gradient: ({ cotangent, attributes: { axis, reverse } }) => [
    apply("cumsum", [cotangent], { axis, reverse: !reverse }),
  ],
  lower({ builder, inputs, attributes: { axis, reverse } }) {
    return [builder.node("CumSum", [inputs[0]!, builder.int64(axis)], { reverse: reverse ? 1 : 0 })];
  },
  evaluate({ inputs: [x], attributes: { axis, reverse } }) {
    const out = Float64Array.from(x!.data);
    const length = x!.shape[axis]!;
    forEachIndex(reducedShape(x!.shape, [axis], true), (index) => {
      for (let step = 1; step < length; step++) {
        const i = reverse ? length - 1 - step : step;
        const previous = flatIndex(x!.shape, withCoordinate(index, axis, reverse ? i + 1 : i - 1));
        out[flatIndex(x!.shape, withCoordinate(index, axis, i))]! += out[previous]!;
      }
    });
    return [out];
  },
});

definePrimitive<{ k: number }>({
  name: "topK",
  summary: "the k largest of the last axis in falling order, and their indices",
  infer([x], { k }) {
    expectNumbers(x!);
    const length = x!.shape.at(-1);
    if (length === undefined || !Number.isInteger(k) || k < 1 || k > length) {
      throw new ShapeError(`the ${k} largest of the last axis of ${describeShape(x!.shape)} do not exist`);
    }
    const shape = [...x!.shape.slice(0, -1), k];
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: "int32" },
    ];
  },
  gradient: ({ cotangents: [values], inputs: [x], outputs: [, indices] }) => [
    values === undefined
      ? undefined
      : apply("scatterAlong", [values, indices!], { axis: x!.rank - 1, size: x!.shape[x!.rank - 1]! }),
  ],
  lower({ builder, inputs, inputSpecs, attributes: { k } }) {
    if (builder.lacks("TopK")) return lowerTopK(builder, inputs[0]!, inputSpecs[0]!, k);
    const [values, indices] = builder.nodeAll("TopK", [inputs[0]!, builder.int64([k])], { axis: -1 }, { outputs: 2 });
    return [values!, builder.node("Cast", [indices!], { to: ONNX_TYPE.int32 })];
  },
  evaluate({ inputs: [x], outputSpecs, attributes: { k } }) {
    const length = x!.shape.at(-1)!;
    const size = outputSpecs[0]!.shape.reduce((a, b) => a * b, 1);
    const [values, indices] = [new Float64Array(size), new Float64Array(size)];
    for (let row = 0; row < size / k; row++) {
      const order = Array.from({ length }, (_, i) => i).sort(
        (a, b) => x!.data[row * length + b]! - x!.data[row * length + a]! || a - b,
      );
      for (let i = 0; i < k; i++) {
        values[row * k + i] = x!.data[row * length + order[i]!]!;
        indices[row * k + i] = order[i]!;
      }
    }
    return [values, indices];
  },
});

const softmaxRow = (row: Float64Array): Float64Array => {
  const max = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exps = row.map((x) => Math.exp(x - max));
  const total = exps.reduce((a, b) => a + b, 0);
  return exps.map((x) => x / total);
};

definePrimitive<{ axis: number }>({
  name: "softmax",
  summary: "exp(x) / Σ exp(x) along an axis",
  infer([x]) {
    expectFloat(x!);
    return [{ shape: x!.shape, dtype: "float32" }];
  },
  gradient({ cotangent, outputs: [y], attributes: { axis } }) {
    const weighted = cotangent.mul(y!);
    return [weighted.sub(y!.mul(weighted.sum(axis, true)))];
  },
  lower: ({ builder, inputs, attributes: { axis } }) => [builder.node("Softmax", inputs, { axis })],
  evaluate: ({ inputs: [x], attributes: { axis } }) => [alongAxis(x!, axis, softmaxRow)],
});

definePrimitive<{ axis: number }>({
  name: "logSoftmax",
  summary: "x − log Σ exp(x) along an axis",
  infer([x]) {
    expectFloat(x!);
    return [{ shape: x!.shape, dtype: "float32" }];
  },
  gradient: ({ cotangent, outputs: [y], attributes: { axis } }) => [
    cotangent.sub(y!.exp().mul(cotangent.sum(axis, true))),
  ],
  lower({ builder, inputs, attributes: { axis } }) {
    if (!builder.lacks("LogSoftmax")) return [builder.node("LogSoftmax", inputs, { axis })];
    const axes = builder.int64([axis]);
    const centred = builder.node("Sub", [inputs[0]!, builder.node("ReduceMax", [inputs[0]!, axes], { keepdims: 1 })]);
    const total = builder.node("ReduceSum", [builder.node("Exp", [centred]), axes], { keepdims: 1 });
    return [builder.node("Sub", [centred, builder.node("Log", [total])])];
  },
  evaluate: ({ inputs: [x], attributes: { axis } }) => [
    alongAxis(x!, axis, (row) => {
      const max = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      const logSum = max + Math.log(row.reduce((sum, value) => sum + Math.exp(value - max), 0));
      return row.map((value) => value - logSum);
    }),
  ],
});

/**
 * The core of layer norm (`centred`) and RMS norm: y = (x − μ) / √(σ² + ε) or x / √(mean x² + ε) over the last axis, and the inverse
 * root itself. Scale and shift are ordinary arithmetic around it, so that gradients share y.
 */
definePrimitive<{ centred: boolean; epsilon: number }>({
  name: "normalize",
  summary: "layer norm or RMS norm over the last axis without scale; also the inverse root",
  infer([x]) {
    expectFloat(x!);
    if (x!.shape.length === 0) throw new ShapeError("a scalar has no last axis to normalise over");
    return [
      { shape: x!.shape, dtype: "float32" },
      { shape: [...x!.shape.slice(0, -1), 1], dtype: "float32" },
    ];
  },
  gradient({ cotangents: [dy, dInverse], inputs: [x], outputs: [y, inverse], attributes: { centred } }) {
    let dx: Tensor | undefined;
    if (dy !== undefined) {
      const projected = dy.sub(y!.mul(dy.mul(y!).mean(-1, true)));
      dx = (centred ? projected.sub(dy.mean(-1, true)) : projected).mul(inverse!);
    }
    if (dInverse !== undefined) {
      // d(inverse)/dx = −inverse² · y / n
      const term = y!.mul(dInverse.mul(inverse!.square()).mul(-1 / x!.shape[x!.rank - 1]!));
      dx = dx === undefined ? term : dx.add(term);
    }
    return [dx];
  },
  lower({ builder, inputs, inputSpecs, attributes: { centred, epsilon } }) {
    const width = inputSpecs[0]!.shape.at(-1)!;
    const hasStatistics = !builder.lacks("LayerNormalization statistics");
    if (centred && hasStatistics) {
      const ones = builder.constant({ dtype: "float32", shape: [width], data: new Float32Array(width).fill(1) });
      const attributes = { axis: -1, epsilon: { float: epsilon } };
      const outputs = builder.nodeAll("LayerNormalization", [inputs[0]!, ones], attributes, { outputs: 3 });
      return [outputs[0]!, outputs[2]!];
    }
    if (!centred && hasStatistics && builder.supports("SimplifiedLayerNormalization")) {
      const ones = builder.constant({ dtype: "float32", shape: [width], data: new Float32Array(width).fill(1) });
      const attributes = { axis: -1, epsilon: { float: epsilon } };
      return builder.nodeAll("SimplifiedLayerNormalization", [inputs[0]!, ones], attributes, { outputs: 2 });
    }
    const axes = builder.int64([-1]);
    const x = centred
      ? builder.node("Sub", [inputs[0]!, builder.node("ReduceMean", [inputs[0]!, axes], { keepdims: 1 })])
      : inputs[0]!;
    const meanSquare = builder.node("ReduceMean", [builder.node("Mul", [x, x]), axes], { keepdims: 1 });
    const root = builder.node("Sqrt", [builder.node("Add", [meanSquare, builder.scalar(epsilon)])]);
    const inverse = builder.node("Reciprocal", [root]);
    return [builder.node("Mul", [x, inverse]), inverse];
  },
  evaluate({ inputs: [x], outputSpecs, attributes: { centred, epsilon } }) {
    const width = x!.shape.at(-1)!;
    const inverse = new Float64Array(outputSpecs[1]!.shape.reduce((a, b) => a * b, 1));
    const y = alongAxis(x!, x!.shape.length - 1, (row, at) => {
      const mean = centred ? row.reduce((a, b) => a + b, 0) / width : 0;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
      inverse[at] = 1 / Math.sqrt(variance + epsilon);
      return row.map((value) => (value - mean) * inverse[at]!);
    });
    return [y, inverse];
  },
});

/** Applies `fn` to every line of elements along an axis; `fn` also gets the number of the line. */
function alongAxis(
  x: { readonly shape: readonly number[]; readonly data: Float64Array },
  axis: number,
  fn: (row: Float64Array, line: number) => Float64Array,
): Float64Array {
  const out = new Float64Array(x.data.length);
  const length = x.shape[axis]!;
  if (length === 0) return out;
  forEachIndex(reducedShape(x.shape, [axis], true), (index, line) => {
    const positions = Array.from({ length }, (_, i) => flatIndex(x.shape, withCoordinate(index, axis, i)));
    const row = fn(
      Float64Array.from(positions, (position) => x.data[position]!),
      line,
    );
    positions.forEach((position, i) => {
      out[position] = row[i]!;
    });
  });
  return out;
}

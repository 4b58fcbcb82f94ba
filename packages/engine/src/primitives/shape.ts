/** Primitives that move elements without computing: reshape, transpose, slice, pad, concat, reverse; and the graph's leaves. */

import { type DType, type HostTensor, sizeOf } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { definePrimitive } from "../graph/primitive.js";
import { apply, concat, full } from "../graph/tensor.js";
import type { OnnxBuilder } from "../onnx/builder.js";
import type { Distribution } from "../random/index.js";
import { at, tabulate, withCoordinate } from "../reference/dense.js";
import { describeShape } from "../shape.js";

const leafOnly = (): never => {
  throw new ShapeError("a leaf of the graph is bound by the compiler or the interpreter, not computed");
};

definePrimitive<{ name: string; shape: readonly number[]; dtype: DType }>({
  name: "input",
  summary: "a value given at the call",
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  lower: leafOnly,
  evaluate: leafOnly,
});

definePrimitive<{ path: string; shape: readonly number[]; dtype: DType; distribution: Distribution }>({
  name: "random",
  summary: "random numbers keyed by seed, step and path, filled by the host",
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  lower: leafOnly,
  evaluate: leafOnly,
});

definePrimitive<{ value: HostTensor }>({
  name: "constant",
  summary: "numbers known while tracing",
  infer: (_, { value }) => [{ shape: value.shape, dtype: value.dtype }],
  lower: ({ builder, attributes }) => [builder.constant(attributes.value)],
  evaluate: ({ attributes }) => [Float64Array.from(attributes.value.data)],
});

definePrimitive<{ shape: readonly number[] }>({
  name: "reshape",
  summary: "the same elements in another shape",
  infer([x], { shape }) {
    if (shape.some((n) => !Number.isInteger(n) || n < 0) || sizeOf(shape) !== sizeOf(x!.shape)) {
      throw new ShapeError(
        `${describeShape(x!.shape)} has ${sizeOf(x!.shape)} elements and cannot become ${describeShape(shape)}`,
      );
    }
    return [{ shape, dtype: x!.dtype }];
  },
  gradient: ({ cotangent, inputs: [x] }) => [cotangent.reshape(x!.shape)],
  // ONNX reads 0 as "copy this dimension" unless told otherwise.
  lower: ({ builder, inputs, attributes }) => [
    builder.node("Reshape", [inputs[0]!, builder.int64(attributes.shape)], {
      allowzero: attributes.shape.includes(0) ? 1 : 0,
    }),
  ],
  evaluate: ({ inputs: [x] }) => [x!.data],
});

definePrimitive<{ permutation: readonly number[] }>({
  name: "transpose",
  summary: "permutes the axes",
  infer([x], { permutation }) {
    if (permutation.length !== x!.shape.length || new Set(permutation).size !== permutation.length) {
      throw new ShapeError(`[${permutation.join(", ")}] is no permutation of the axes of ${describeShape(x!.shape)}`);
    }
    return [{ shape: permutation.map((axis) => x!.shape[axis]!), dtype: x!.dtype }];
  },
  gradient({ cotangent, attributes: { permutation } }) {
    const inverse = new Array<number>(permutation.length);
    permutation.forEach((axis, i) => {
      inverse[axis] = i;
    });
    return [cotangent.transpose(inverse)];
  },
  lower: ({ builder, inputs, inputSpecs, attributes }) => [
    builder.move("Transpose", inputSpecs[0]!.dtype, inputs, undefined, { perm: attributes.permutation }),
  ],
  evaluate: ({ inputs: [x], outputSpecs, attributes: { permutation } }) => [
    tabulate(outputSpecs[0]!.shape, (index) => {
      const source = new Array<number>(index.length);
      permutation.forEach((axis, i) => {
        source[axis] = index[i]!;
      });
      return at(x!, source);
    }),
  ],
});

definePrimitive<{ starts: readonly number[]; ends: readonly number[] }>({
  name: "slice",
  summary: "the half-open box [starts, ends)",
  infer([x], { starts, ends }) {
    for (let axis = 0; axis < x!.shape.length; axis++) {
      const [start, end, length] = [starts[axis]!, ends[axis]!, x!.shape[axis]!];
      if (start < 0 || end > length || start > end) {
        throw new ShapeError(`the range ${start}…${end} does not lie in axis ${axis} of ${describeShape(x!.shape)}`);
      }
    }
    return [{ shape: starts.map((start, axis) => ends[axis]! - start), dtype: x!.dtype }];
  },
  gradient: ({ cotangent, inputs: [x], attributes: { starts, ends } }) => [
    cotangent.pad(
      starts,
      ends.map((end, axis) => x!.shape[axis]! - end),
    ),
  ],
  lower({ builder, inputs, inputSpecs, attributes: { starts, ends } }) {
    const { shape, dtype } = inputSpecs[0]!;
    const axes = shape.flatMap((n, axis) => (starts[axis] !== 0 || ends[axis] !== n ? [axis] : []));
    if (axes.length === 0) return [inputs[0]!];
    if (builder.lacks("Slice", dtype)) {
      const pick = (x: string, axis: number): string => lowerPick(builder, x, range(starts[axis]!, ends[axis]!), axis);
      return [axes.reduce(pick, inputs[0]!)];
    }
    return [
      builder.node("Slice", [
        inputs[0]!,
        builder.int64(axes.map((axis) => starts[axis]!)),
        builder.int64(axes.map((axis) => ends[axis]!)),
        builder.int64(axes),
      ]),
    ];
  },
  evaluate: ({ inputs: [x], outputSpecs, attributes: { starts } }) => [
    tabulate(outputSpecs[0]!.shape, (index) =>
      at(
        x!,
        index.map((coordinate, axis) => coordinate + starts[axis]!),
      ),
    ),
  ],
});

/** start, start + 1, …, end − 1 */
const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

/** The rows at fixed positions, for targets whose Slice does not take the type. */
function lowerPick(builder: OnnxBuilder, x: string, positions: readonly number[], axis: number): string {
  const rows = builder.constant({ dtype: "int32", shape: [positions.length], data: Int32Array.from(positions) });
  return builder.node("Gather", [x, rows], { axis });
}

definePrimitive<{ before: readonly number[]; after: readonly number[] }>({
  name: "pad",
  summary: "zeros before and after each axis",
  infer([x], { before, after }) {
    if (
      before.length !== x!.shape.length ||
      after.length !== x!.shape.length ||
      [...before, ...after].some((n) => n < 0)
    ) {
      throw new ShapeError(
        `[${before.join(", ")}] and [${after.join(", ")}] are no padding for ${describeShape(x!.shape)}`,
      );
    }
    return [{ shape: x!.shape.map((n, axis) => before[axis]! + n + after[axis]!), dtype: x!.dtype }];
  },
  gradient: ({ cotangent, inputs: [x], attributes: { before } }) => [
    apply("slice", [cotangent], { starts: before, ends: x!.shape.map((n, axis) => before[axis]! + n) }),
  ],
  lower({ builder, inputs, inputSpecs, attributes: { before, after } }) {
    // ONNX Runtime refuses to pad a scalar, even by nothing.
    if ([...before, ...after].every((n) => n === 0)) return [inputs[0]!];
    const rest = (via: DType): string[] => [builder.int64([...before, ...after]), builder.scalar(0, via)];
    return [builder.move("Pad", inputSpecs[0]!.dtype, inputs, rest)];
  },
  evaluate: ({ inputs: [x], outputSpecs, attributes: { before } }) => [
    tabulate(outputSpecs[0]!.shape, (index) => {
      const source = index.map((coordinate, axis) => coordinate - before[axis]!);
      return source.every((coordinate, axis) => coordinate >= 0 && coordinate < x!.shape[axis]!) ? at(x!, source) : 0;
    }),
  ],
});

definePrimitive<{ axis: number }>({
  name: "reverse",
  summary: "the elements of one axis from last to first",
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  gradient: ({ cotangent, attributes: { axis } }) => [cotangent.reverse(axis)],
  lower({ builder, inputs, inputSpecs, attributes: { axis } }) {
    const { shape, dtype } = inputSpecs[0]!;
    const length = shape[axis]!;
    if (builder.lacks("Slice", dtype)) {
      return [lowerPick(builder, inputs[0]!, range(0, length).reverse(), axis)];
    }
    const [start, end, step] = [builder.int64([-1]), builder.int64([-(length + 1)]), builder.int64([-1])];
    return [builder.node("Slice", [inputs[0]!, start, end, builder.int64([axis]), step])];
  },
  evaluate: ({ inputs: [x], attributes: { axis } }) => [
    tabulate(x!.shape, (index) => at(x!, withCoordinate(index, axis, x!.shape[axis]! - 1 - index[axis]!))),
  ],
});

definePrimitive<{ axis: number }>({
  name: "concat",
  summary: "joins tensors along an axis",
  infer(inputs, { axis }) {
    const first = inputs[0]!;
    for (const x of inputs) {
      const fits = x.shape.length === first.shape.length && x.shape.every((n, i) => i === axis || n === first.shape[i]);
      if (!fits || x.dtype !== first.dtype) {
        throw new ShapeError(
          `${inputs.map((each) => describeShape(each.shape)).join(" and ")} do not join along axis ${axis}: their other dimensions differ`,
        );
      }
    }
    const joined = inputs.reduce((sum, x) => sum + x.shape[axis]!, 0);
    return [{ shape: withCoordinate(first.shape, axis, joined), dtype: first.dtype }];
  },
  gradient: ({ cotangent, inputs, attributes: { axis } }) =>
    cotangent.split(
      inputs.map((x) => x.shape[axis]!),
      axis,
    ),
  lower: ({ builder, inputs, outputSpecs, attributes: { axis } }) => [
    builder.move("Concat", outputSpecs[0]!.dtype, inputs, undefined, { axis }),
  ],
  evaluate: ({ inputs, outputSpecs, attributes: { axis } }) => [
    tabulate(outputSpecs[0]!.shape, (index) => {
      let coordinate = index[axis]!;
      for (const x of inputs) {
        if (coordinate < x.shape[axis]!) return at(x, withCoordinate(index, axis, coordinate));
        coordinate -= x.shape[axis]!;
      }
      return Number.NaN;
    }),
  ],
});

definePrimitive<{ sizes: readonly number[]; axis: number }>({
  name: "split",
  summary: "cuts an axis into pieces of the given sizes",
  infer([x], { sizes, axis }) {
    if (sizes.some((n) => !Number.isInteger(n) || n < 0) || sizes.reduce((sum, n) => sum + n, 0) !== x!.shape[axis]) {
      throw new ShapeError(`pieces of ${sizes.join(" + ")} do not fill axis ${axis} of ${describeShape(x!.shape)}`);
    }
    return sizes.map((size) => ({ shape: withCoordinate(x!.shape, axis, size), dtype: x!.dtype }));
  },
  gradient: ({ cotangents, outputs, attributes: { axis } }) => [
    concat(
      cotangents.map((cotangent, i) => cotangent ?? full(outputs[i]!.shape, 0)),
      axis,
    ),
  ],
  lower({ builder, inputs, inputSpecs, attributes: { sizes, axis } }) {
    if (builder.lacks("Split", inputSpecs[0]!.dtype)) {
      let start = 0;
      return sizes.map((size) => {
        start += size;
        return lowerPick(builder, inputs[0]!, range(start - size, start), axis);
      });
    }
    return builder.nodeAll("Split", [inputs[0]!, builder.int64(sizes)], { axis }, { outputs: sizes.length });
  },
  evaluate({ inputs: [x], outputSpecs, attributes: { sizes, axis } }) {
    let start = 0;
    return outputSpecs.map(({ shape }, piece) => {
      const from = start;
      start += sizes[piece]!;
      return tabulate(shape, (index) => at(x!, withCoordinate(index, axis, from + index[axis]!)));
    });
  },
});

/** Primitives that move elements without computing: reshape, transpose, slice, pad, concat, reverse; and the graph's leaves. */

import { type DType, type HostTensor, sizeOf } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { definePrimitive } from "../graph/primitive.js";
import { apply } from "../graph/tensor.js";
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
  lower: ({ builder, inputs, attributes }) => [builder.node("Transpose", inputs, { perm: attributes.permutation })],
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
    const shape = inputSpecs[0]!.shape;
    const axes = shape.flatMap((n, axis) => (starts[axis] !== 0 || ends[axis] !== n ? [axis] : []));
    if (axes.length === 0) return [builder.node("Identity", [inputs[0]!])];
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
    const zero = builder.scalar(0, inputSpecs[0]!.dtype);
    return [builder.node("Pad", [inputs[0]!, builder.int64([...before, ...after]), zero])];
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
  lower: ({ builder, inputs, inputSpecs, attributes: { axis } }) => [
    builder.node("Slice", [
      inputs[0]!,
      builder.int64([-1]),
      builder.int64([-(inputSpecs[0]!.shape[axis]! + 1)]),
      builder.int64([axis]),
      builder.int64([-1]),
    ]),
  ],
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
  lower: ({ builder, inputs, attributes: { axis } }) => [builder.node("Concat", inputs, { axis })],
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

/**
 * Convolution, its gradient by the input and its gradient by the weight, as three primitives. All three are one sum,
 *
 *     Σ x[n, c, s·i + d·k − p] · w[o, c, k] · y[n, o, i],
 *
 * seen from one of its factors: `conv` gives y, `convInputGradient` x and `convWeightGradient` w, each from the other two. So the
 * gradients of each are the other two, and the three are closed under differentiation. (As in neural networks since LeCun et al.
 * 1989, the kernel is not flipped: it is a cross-correlation.)
 */
import { sizeOf } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { type Attributes, definePrimitive, type ValueSpec } from "../graph/primitive.js";
import { apply } from "../graph/tensor.js";
import { flatIndex, forEachIndex } from "../reference/dense.js";
import { describeShape, equalShapes } from "../shape.js";
import { type ConvGeometry, convOutputShape } from "./convolution-geometry.js";
import { type InputGradientAttributes, lowerConv, lowerInputGradient } from "./convolution-lowering.js";
import { lowerWeightGradient, type WeightGradientAttributes } from "./convolution-weight-lowering.js";

const geometryOf = ({ stride, padding, dilation, groups }: ConvGeometry): ConvGeometry & Attributes => ({
  stride,
  padding,
  dilation,
  groups,
});

const float32 = (shape: readonly number[]): ValueSpec => ({ shape, dtype: "float32" });

function checkFloats(...specs: readonly ValueSpec[]): void {
  const types = specs.map(({ dtype }) => dtype);
  if (types.some((dtype) => dtype !== "float32")) throw new ShapeError(`float32 is needed, got ${types.join(" and ")}`);
}

/** Whether `y` is what a convolution of `x` by `weight` gives. */
function checkResult(
  x: readonly number[],
  weight: readonly number[],
  y: readonly number[],
  geometry: ConvGeometry,
): void {
  const expected = convOutputShape(x, weight, geometry);
  if (!equalShapes(expected, y)) {
    throw new ShapeError(
      `a convolution of ${describeShape(x)} by a weight ${describeShape(weight)} gives ${describeShape(expected)}, not ${describeShape(y)}`,
    );
  }
}

definePrimitive<ConvGeometry>({
  name: "conv",
  summary: "x (N, C, …), w (O, C / groups, …kernel) → (N, O, …), over one to three axes",
  infer([x, weight], geometry) {
    checkFloats(x!, weight!);
    return [float32(convOutputShape(x!.shape, weight!.shape, geometry))];
  },
  gradient({ cotangent, inputs: [x, weight], attributes }) {
    const geometry = geometryOf(attributes);
    return [
      apply("convInputGradient", [cotangent, weight!], { ...geometry, size: x!.shape.slice(2) }),
      apply("convWeightGradient", [x!, cotangent], { ...geometry, kernel: weight!.shape.slice(2) }),
    ];
  },
  lower: lowerConv,
  evaluate({ inputs: [x, weight], outputSpecs, attributes }) {
    const y = new Float64Array(sizeOf(outputSpecs[0]!.shape));
    forEachTerm(x!.shape, weight!.shape, outputSpecs[0]!.shape, attributes, (atX, atWeight, atY) => {
      y[atY]! += x!.data[atX]! * weight!.data[atWeight]!;
    });
    return [y];
  },
});

definePrimitive<InputGradientAttributes>({
  name: "convInputGradient",
  summary:
    "the gradient of conv by its input: y (N, O, …), w (O, C / groups, …kernel) → (N, C, …size); a transposed convolution",
  infer([y, weight], attributes) {
    checkFloats(y!, weight!);
    const shape = [y!.shape[0] ?? 0, (weight!.shape[1] ?? 0) * attributes.groups, ...attributes.size];
    checkResult(shape, weight!.shape, y!.shape, attributes);
    return [float32(shape)];
  },
  gradient({ cotangent, inputs: [y, weight], attributes }) {
    const geometry = geometryOf(attributes);
    return [
      apply("conv", [cotangent, weight!], geometry),
      apply("convWeightGradient", [cotangent, y!], { ...geometry, kernel: weight!.shape.slice(2) }),
    ];
  },
  lower: lowerInputGradient,
  evaluate({ inputs: [y, weight], outputSpecs, attributes }) {
    const x = new Float64Array(sizeOf(outputSpecs[0]!.shape));
    forEachTerm(outputSpecs[0]!.shape, weight!.shape, y!.shape, attributes, (atX, atWeight, atY) => {
      x[atX]! += y!.data[atY]! * weight!.data[atWeight]!;
    });
    return [x];
  },
});

definePrimitive<WeightGradientAttributes>({
  name: "convWeightGradient",
  summary: "the gradient of conv by its weight: x (N, C, …), y (N, O, …) → (O, C / groups, …kernel)",
  infer([x, y], attributes) {
    checkFloats(x!, y!);
    const shape = [y!.shape[1] ?? 0, Math.floor((x!.shape[1] ?? 0) / attributes.groups), ...attributes.kernel];
    checkResult(x!.shape, shape, y!.shape, attributes);
    return [float32(shape)];
  },
  gradient({ cotangent, inputs: [x, y], attributes }) {
    const geometry = geometryOf(attributes);
    return [
      apply("convInputGradient", [y!, cotangent], { ...geometry, size: x!.shape.slice(2) }),
      apply("conv", [x!, cotangent], geometry),
    ];
  },
  lower: lowerWeightGradient,
  evaluate({ inputs: [x, y], outputSpecs, attributes }) {
    const weight = new Float64Array(sizeOf(outputSpecs[0]!.shape));
    forEachTerm(x!.shape, outputSpecs[0]!.shape, y!.shape, attributes, (atX, atWeight, atY) => {
      weight[atWeight]! += x!.data[atX]! * y!.data[atY]!;
    });
    return [weight];
  },
});

/** Visits every term of the sum that does not fall on padding, with the flat positions of its three factors. */
function forEachTerm(
  xShape: readonly number[],
  weightShape: readonly number[],
  yShape: readonly number[],
  { stride, padding, dilation, groups }: ConvGeometry,
  visit: (atX: number, atWeight: number, atY: number) => void,
): void {
  const outputsPerGroup = weightShape[0]! / groups;
  forEachIndex(yShape, ([n, o, ...place], atY) => {
    forEachIndex(weightShape.slice(1), ([c, ...tap]) => {
      const source = tap.map((k, axis) => stride[axis]! * place[axis]! + dilation[axis]! * k - padding[axis]!);
      if (source.some((coordinate, axis) => coordinate < 0 || coordinate >= xShape[axis + 2]!)) return;
      const channel = Math.floor(o! / outputsPerGroup) * weightShape[1]! + c!;
      visit(flatIndex(xShape, [n!, channel, ...source]), flatIndex(weightShape, [o!, c!, ...tap]), atY);
    });
  });
}

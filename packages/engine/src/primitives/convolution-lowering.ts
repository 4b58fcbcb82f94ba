/**
 * How convolutions and the gradients by their inputs are written as ONNX. Which form is the fastest on the CPU was measured:
 * docs/performance.md, "Convolution".
 */
import { sizeOf } from "../dtype.js";
import type { LowerContext } from "../graph/primitive.js";
import type { OnnxAttribute } from "../onnx/builder.js";
import { forEachIndex, withCoordinate } from "../reference/dense.js";
import { type ConvGeometry, flatPlace, reachOf } from "./convolution-geometry.js";
import { lowerChannelsLast, lowerPicked, lowerZerosAfter } from "./convolution-places.js";

/** ONNX's attributes; padding is given as all beginnings, then all ends. */
const attributesOf = (
  kernel: readonly number[],
  { stride, padding, dilation, groups }: ConvGeometry,
): Record<string, OnnxAttribute> => ({
  kernel_shape: kernel,
  strides: stride,
  pads: [...padding, ...padding],
  dilations: dilation,
  group: groups,
});

export function lowerConv(context: LowerContext<ConvGeometry>): string[] {
  if (lacksGroups(context)) return [lowerGroupByGroup(context, lowerConv)];
  const { builder, inputs, inputSpecs, attributes } = context;
  return [builder.node("Conv", inputs, attributesOf(inputSpecs[1]!.shape.slice(2), attributes))];
}

export interface InputGradientAttributes extends ConvGeometry {
  /** The spatial shape of the input: with a stride, several sizes have the same output. */
  readonly size: readonly number[];
}

type Context = LowerContext<InputGradientAttributes>;

export function lowerInputGradient(context: Context): string[] {
  const { builder, inputSpecs, attributes } = context;
  const { stride, padding, groups, size } = attributes;
  const reach = reachOf(inputSpecs[1]!.shape.slice(2), attributes);
  const dense = stride.every((step) => step === 1) && padding.every((n, axis) => n < reach[axis]!);
  if (lacksGroups(context) || (groups > 1 && !dense && builder.lacks("ConvTranspose groups"))) {
    return [lowerGroupByGroup(context, lowerInputGradient)];
  }
  if (dense) return [lowerTurned(context)];
  const byPhases = builder.lacks(size.length === 3 ? "ConvTranspose volume" : "ConvTranspose plane");
  return [byPhases && groups === 1 ? lowerPhases(context) : lowerTransposed(context)];
}

/** Without a stride: the convolution of y by the kernel turned round in all its axes, its channels exchanged. */
function lowerTurned({ builder, inputs, inputSpecs, attributes }: Context): string {
  const { padding, dilation, groups } = attributes;
  const [outputs, channels, ...kernel] = inputSpecs[1]!.shape as [number, number, ...number[]];
  const rest = kernel.map((_, axis) => axis + 3);
  const grouped = builder.node("Reshape", [inputs[1]!, builder.int64([groups, outputs / groups, channels, ...kernel])]);
  const exchanged = builder.node("Transpose", [grouped], { perm: [0, 2, 1, ...rest] });
  const shape = builder.int64([groups * channels, outputs / groups, ...kernel]);
  const weight = builder.node("Reshape", [exchanged, shape]);
  const back = kernel.map(() => -1);
  const ends = kernel.map((k) => -(k + 1));
  const axes = kernel.map((_, axis) => axis + 2);
  const turned = kernel.every((k) => k === 1)
    ? weight
    : builder.node("Slice", [weight, ...[back, ends, axes, back].map((list) => builder.int64(list))]);
  const around = reachOf(kernel, attributes).map((n, axis) => n - 1 - padding[axis]!);
  return builder.node("Conv", [inputs[0]!, turned], {
    kernel_shape: kernel,
    pads: [...around, ...around],
    dilations: dilation,
    group: groups,
  });
}

function lowerTransposed({ builder, inputs, inputSpecs, attributes }: Context): string {
  const { stride, padding, size } = attributes;
  const kernel = inputSpecs[1]!.shape.slice(2);
  const reach = reachOf(kernel, attributes);
  const left = size.map((n, axis) => {
    const places = inputSpecs[0]!.shape[axis + 2]!;
    return n + 2 * padding[axis]! - (places - 1) * stride[axis]! - reach[axis]!;
  });
  return builder.node("ConvTranspose", inputs, { ...attributesOf(kernel, attributes), output_padding: left });
}

/**
 * With a stride, which taps of the kernel meet a place of x depends on its remainder by the stride. Each of these phases is one
 * matrix product of the places of y that its taps meet; a last gather puts their rows into order.
 */
function lowerPhases({ builder, inputs, inputSpecs, attributes }: Context): string {
  const { size } = attributes;
  const [batch, outputs, ...places] = inputSpecs[0]!.shape as [number, number, ...number[]];
  const [, channels, ...kernel] = inputSpecs[1]!.shape as [number, number, ...number[]];
  const phases = phasesOf(attributes, kernel, places);
  const y = lowerZerosAfter(builder, lowerChannelsLast(builder, inputs[0]!, [batch, outputs, sizeOf(places)])); // (N, L + 1, O)
  const flat = builder.node("Reshape", [inputs[1]!, builder.int64([outputs, channels, sizeOf(kernel)])]);
  const weight = builder.node("Transpose", [flat], { perm: [2, 0, 1] }); // (T, O, C)
  const order = new Int32Array(sizeOf(size)).fill(phases.reduce((sum, { to }) => sum + to.length, 0));
  let row = 0;
  const products = phases.map(({ taps, from, to }) => {
    for (const place of to) order[place] = row++;
    const width = taps.length * outputs;
    const met = lowerPicked(builder, y, Int32Array.from(from), taps.length); // (N, places, taps, O)
    const left = builder.node("Reshape", [met, builder.int64([batch * to.length, width])]);
    const chosen = builder.constant({ dtype: "int32", shape: [taps.length], data: Int32Array.from(taps) });
    const right = builder.node("Reshape", [
      builder.node("Gather", [weight, chosen], { axis: 0 }),
      builder.int64([width, channels]),
    ]);
    return builder.node("Reshape", [
      builder.node("MatMul", [left, right]),
      builder.int64([batch, to.length, channels]),
    ]);
  });
  const joined = products.length === 1 ? products[0]! : builder.node("Concat", products, { axis: 1 });
  const rows = order.includes(row) ? lowerZerosAfter(builder, joined) : joined;
  const ordered = builder.node("Reshape", [
    lowerPicked(builder, rows, order, 1),
    builder.int64([batch, order.length, channels]),
  ]);
  const turned = builder.node("Transpose", [ordered], { perm: [0, 2, 1] });
  return builder.node("Reshape", [turned, builder.int64([batch, channels, ...size])]);
}

interface Phase {
  /** Flat positions in the kernel. */
  readonly taps: number[];
  /** For every place of x and every tap: the flat place of y, or one past the last where there is none. */
  readonly from: number[];
  /** The flat places of x. */
  readonly to: number[];
}

/** The places of x by their remainder by the stride; those that no tap meets are left out. */
function phasesOf(
  { stride, padding, dilation, size }: InputGradientAttributes,
  kernel: readonly number[],
  places: readonly number[],
): Phase[] {
  const phases: Phase[] = [];
  forEachIndex(stride, (phase) => {
    const taps: number[] = [];
    const offsets: number[][] = [];
    forEachIndex(kernel, (tap, flat) => {
      const offset = tap.map((k, axis) => padding[axis]! - dilation[axis]! * k);
      if (offset.some((n, axis) => (phase[axis]! + n) % stride[axis]! !== 0)) return;
      taps.push(flat);
      offsets.push(offset);
    });
    const [from, to]: [number[], number[]] = [[], []];
    const counts = size.map((n, axis) => Math.ceil((n - phase[axis]!) / stride[axis]!));
    forEachIndex(counts, (step) => {
      const place = step.map((n, axis) => phase[axis]! + n * stride[axis]!);
      to.push(flatPlace(place, size));
      for (const offset of offsets) {
        from.push(
          flatPlace(
            place.map((n, axis) => (n + offset[axis]!) / stride[axis]!),
            places,
          ),
        );
      }
    });
    if (taps.length > 0 && to.length > 0) phases.push({ taps, from, to });
  });
  return phases;
}

const lacksGroups = ({ builder, inputSpecs, attributes }: LowerContext<ConvGeometry>): boolean =>
  attributes.groups > 1 && inputSpecs[0]!.shape.length === 5 && builder.lacks("Conv volume groups");

/** For targets without groups: each by itself, then joined. Groups of channels are cut alike for `conv` and its input gradient. */
function lowerGroupByGroup<A extends ConvGeometry>(
  context: LowerContext<A>,
  lower: (context: LowerContext<A>) => string[],
): string {
  const { builder, attributes } = context;
  const { groups } = attributes;
  const inputSpecs = context.inputSpecs.map(({ shape, dtype }, i) => {
    const axis = 1 - i;
    return { dtype, shape: withCoordinate(shape, axis, shape[axis]! / groups) };
  });
  const pieces = context.inputs.map((value, i) => {
    const sizes = builder.int64(new Array<number>(groups).fill(inputSpecs[i]!.shape[1 - i]!));
    return builder.nodeAll("Split", [value, sizes], { axis: 1 - i }, { outputs: groups });
  });
  const parts = Array.from({ length: groups }, (_, group) => {
    const inputs = pieces.map((piece) => piece[group]!);
    return lower({ ...context, inputs, inputSpecs, attributes: { ...attributes, groups: 1 } })[0]!;
  });
  return builder.node("Concat", parts, { axis: 1 });
}

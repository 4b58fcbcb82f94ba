/**
 * How the gradient of a convolution by its weight is written as ONNX: as matrix products, in which the places of all examples are the
 * inner dimension. Which form is the fastest on the CPU was measured: docs/performance.md, "Convolution".
 */
import { sizeOf } from "../dtype.js";
import type { LowerContext } from "../graph/primitive.js";
import type { OnnxBuilder } from "../onnx/builder.js";
import { forEachIndex } from "../reference/dense.js";
import { type ConvGeometry, flatPlace } from "./convolution-geometry.js";
import { lowerChannelsLast, lowerPicked, lowerZerosAfter } from "./convolution-places.js";

export interface WeightGradientAttributes extends ConvGeometry {
  /** The spatial shape of the kernel. */
  readonly kernel: readonly number[];
}

type Context = LowerContext<WeightGradientAttributes>;

/** Columns of one product: fewer waste the packing of the other operand, more have to be written to memory and read again. */
const COLUMNS = 192;

export function lowerWeightGradient(context: Context): string[] {
  const { builder, inputs, inputSpecs, outputSpecs, attributes } = context;
  const { stride, padding, dilation, groups, kernel } = attributes;
  if (groups > 1) return [lowerInGroups(context)];
  const [x, y] = inputs.map((value, i): Side => {
    const [, rows, ...places] = inputSpecs[i]!.shape as [number, number, ...number[]];
    return { value, rows, places };
  }) as [Side, Side];
  const batch = inputSpecs[0]!.shape[0]!;
  // Each tap of the kernel pairs places of x with places of y. One side stays as it is; the other, with fewer channels if there is a
  // choice, is gathered for every tap.
  if (y.rows < x.rows && stride.every((step) => step === 1)) {
    const source = (place: number, tap: number, axis: number): number => place + padding[axis]! - dilation[axis]! * tap;
    const products = lowerGathered(builder, x, y, { batch, kernel, source }); // (C, T, O)
    const turned = builder.node("Transpose", [products], { perm: [2, 0, 1] });
    return [builder.node("Reshape", [turned, builder.int64(outputSpecs[0]!.shape)])];
  }
  const source = (place: number, tap: number, axis: number): number =>
    stride[axis]! * place + dilation[axis]! * tap - padding[axis]!;
  const products = lowerGathered(builder, y, x, { batch, kernel, source }); // (O, T, C)
  const turned = builder.node("Transpose", [products], { perm: [0, 2, 1] });
  return [builder.node("Reshape", [turned, builder.int64(outputSpecs[0]!.shape)])];
}

/** x or y: its rows are channels. */
interface Side {
  readonly value: string;
  readonly rows: number;
  readonly places: readonly number[];
}

interface Pairing {
  readonly batch: number;
  readonly kernel: readonly number[];
  /** Along one axis: the place of the gathered side that a tap pairs with a place of the side that stays. */
  readonly source: (place: number, tap: number, axis: number) => number;
}

/** Σ over examples and places of stays[r, place] · gathered[c, source(place, tap)] → (rows of stays, taps, rows of gathered). */
function lowerGathered(builder: OnnxBuilder, stays: Side, gathered: Side, pairing: Pairing): string {
  const { batch, kernel } = pairing;
  const [count, from, taps] = [sizeOf(stays.places), sizeOf(gathered.places), sizeOf(kernel)];
  const indices = placesOf(stays.places, gathered.places, pairing); // (L, T)
  const left = rowsFirst(builder, stays, batch); // (R, N · L)
  if (taps === 1 && count === from && indices.every((index, place) => index === place)) {
    const right = rowsFirst(builder, gathered, batch);
    const product = builder.node("Gemm", [left, right], { transB: 1 });
    return builder.node("Reshape", [product, builder.int64([stays.rows, 1, gathered.rows])]);
  }
  const last = lowerChannelsLast(builder, gathered.value, [batch, gathered.rows, from]);
  const rows = indices.includes(from) ? lowerZerosAfter(builder, last) : last;
  const together = Math.min(taps, Math.ceil(COLUMNS / gathered.rows));
  const products: string[] = [];
  for (let tap = 0; tap < taps; tap += together) {
    const width = Math.min(together, taps - tap);
    const numbers = indices.filter((_, i) => i % taps >= tap && i % taps < tap + width);
    const met = lowerPicked(builder, rows, numbers, width); // (N, L, width, C)
    const right = builder.node("Reshape", [met, builder.int64([batch * count, width * gathered.rows])]);
    const product = builder.node("MatMul", [left, right]);
    products.push(builder.node("Reshape", [product, builder.int64([stays.rows, width, gathered.rows])]));
  }
  return products.length === 1 ? products[0]! : builder.node("Concat", products, { axis: 1 });
}

/** (N, R, …) → (R, N · L) */
function rowsFirst(builder: OnnxBuilder, { value, rows, places }: Side, batch: number): string {
  const count = sizeOf(places);
  const flat = builder.node("Reshape", [value, builder.int64([batch, rows, count])]);
  const turned = builder.node("Transpose", [flat], { perm: [1, 0, 2] });
  return builder.node("Reshape", [turned, builder.int64([rows, batch * count])]);
}

/** For every place and tap the flat place of the other side, or one past the last where there is none. */
function placesOf(
  places: readonly number[],
  others: readonly number[],
  { kernel, source }: Pairing,
): Int32Array<ArrayBuffer> {
  const out = new Int32Array(sizeOf(places) * sizeOf(kernel));
  const axes = places.map((_, axis) => axis);
  forEachIndex([...places, ...kernel], (index, flat) => {
    out[flat] = flatPlace(
      axes.map((axis) => source(index[axis]!, index[axis + axes.length]!, axis)),
      others,
    );
  });
  return out;
}

/** In groups: for each tap, the elements of x that it meets times y, summed over places and examples. */
function lowerInGroups({ builder, inputs, inputSpecs, outputSpecs, attributes }: Context): string {
  const { stride, padding, dilation, groups, kernel } = attributes;
  const [batch, channels] = inputSpecs[0]!.shape as [number, number, ...number[]];
  const [, outputs, ...places] = inputSpecs[1]!.shape as [number, number, ...number[]];
  const axes = kernel.map((_, axis) => axis + 2);
  const widths = builder.int64([0, 0, ...padding, 0, 0, ...padding]);
  const padded = padding.every((n) => n === 0)
    ? inputs[0]!
    : builder.node("Pad", [inputs[0]!, widths, builder.scalar(0)]);
  const grouped = (value: string, count: number): string =>
    builder.node("Reshape", [value, builder.int64([batch, groups, count / groups, sizeOf(places)])]);
  const summed = (value: string, over: readonly number[]): string =>
    builder.node("ReduceSum", [value, builder.int64(over)], { keepdims: 0 });
  const y = grouped(inputs[1]!, outputs); // (N, G, O/G, L)
  const products: string[] = [];
  forEachIndex(kernel, (tap) => {
    const starts = tap.map((k, axis) => k * dilation[axis]!);
    const ends = starts.map((start, axis) => start + (places[axis]! - 1) * stride[axis]! + 1);
    const met = builder.node("Slice", [padded, ...[starts, ends, axes, stride].map((list) => builder.int64(list))]);
    const x = grouped(met, channels); // (N, G, C/G, L)
    // One channel a group: products of single numbers, for which a matrix product would be called once for each channel.
    const product =
      channels === groups
        ? summed(builder.node("Mul", [y, x]), [0, 3])
        : summed(builder.node("MatMul", [y, builder.node("Transpose", [x], { perm: [0, 1, 3, 2] })]), [0]);
    products.push(builder.node("Reshape", [product, builder.int64([outputs, channels / groups, 1])]));
  });
  const joined = products.length === 1 ? products[0]! : builder.node("Concat", products, { axis: 2 });
  return builder.node("Reshape", [joined, builder.int64(outputSpecs[0]!.shape)]);
}

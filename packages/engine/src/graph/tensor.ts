/**
 * The traced graph. A `Tensor` is a handle: one output of a `Node`, with a static shape and data type and no numbers. Applying a
 * primitive checks shapes at once and makes a node; nothing is computed until the graph is compiled or interpreted. Nodes are
 * immutable and know only their inputs, so a graph is simply what can be reached from its outputs, and a pass builds new nodes.
 *
 * TypeScript has no operators, so tensors chain: `x.matmul(w).add(b)`. The methods here are thin: each applies one primitive.
 */
import { type DType, type HostArray, type HostTensor, hostTensor } from "../dtype.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { describeShape } from "../shape.js";
import { currentPlace, located } from "./place.js";
import { type Attributes, primitiveOf, type ValueSpec } from "./primitive.js";

let nodesMade = 0;

export class Node {
  /** Grows with every node made, so that what was traced inside a function can be told from what it captured. */
  readonly serial = nodesMade++;
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  /** Where in the model the node was traced, `blocks.0.attention`; empty outside any scope. */
  readonly path: string;
  readonly outputs: readonly Tensor[];

  constructor(
    op: string,
    inputs: readonly Tensor[],
    attributes: Attributes,
    outputs: readonly ValueSpec[],
    path: string,
  ) {
    this.op = op;
    this.inputs = inputs;
    this.attributes = attributes;
    this.path = path;
    this.outputs = outputs.map((spec, index) => new Tensor(this, index, spec.shape, spec.dtype));
  }
}

/** A scalar operand is written as a plain number: `x.mul(0.5)`. */
export type Operand = Tensor | number;

export class Tensor implements ValueSpec {
  readonly node: Node;
  readonly index: number;
  readonly shape: readonly number[];
  readonly dtype: DType;

  constructor(node: Node, index: number, shape: readonly number[], dtype: DType) {
    this.node = node;
    this.index = index;
    this.shape = shape;
    this.dtype = dtype;
  }

  get rank(): number {
    return this.shape.length;
  }

  // Arithmetic, with NumPy's broadcasting.
  add(other: Operand): Tensor {
    return binary("add", this, other);
  }
  sub(other: Operand): Tensor {
    return binary("sub", this, other);
  }
  mul(other: Operand): Tensor {
    return binary("mul", this, other);
  }
  div(other: Operand): Tensor {
    return binary("div", this, other);
  }
  pow(exponent: Operand): Tensor {
    return binary("pow", this, exponent);
  }
  maximum(other: Operand): Tensor {
    return binary("maximum", this, other);
  }
  minimum(other: Operand): Tensor {
    return binary("minimum", this, other);
  }
  neg(): Tensor {
    return apply("neg", [this]);
  }
  exp(): Tensor {
    return apply("exp", [this]);
  }
  log(): Tensor {
    return apply("log", [this]);
  }
  sqrt(): Tensor {
    return apply("sqrt", [this]);
  }
  reciprocal(): Tensor {
    return apply("reciprocal", [this]);
  }
  abs(): Tensor {
    return apply("abs", [this]);
  }
  sign(): Tensor {
    return apply("sign", [this]);
  }
  floor(): Tensor {
    return apply("floor", [this]);
  }
  sin(): Tensor {
    return apply("sin", [this]);
  }
  cos(): Tensor {
    return apply("cos", [this]);
  }
  tanh(): Tensor {
    return apply("tanh", [this]);
  }
  erf(): Tensor {
    return apply("erf", [this]);
  }
  /** Φ(x), the cumulative distribution of the standard normal. */
  normalCdf(): Tensor {
    return apply("normalCdf", [this]);
  }
  sigmoid(): Tensor {
    return apply("sigmoid", [this]);
  }
  square(): Tensor {
    return this.mul(this);
  }
  /** max(x, 0); its derivative at zero is zero. */
  relu(): Tensor {
    return binary("maximum", 0, this);
  }

  // Comparison and logic; results are `bool`.
  equal(other: Operand): Tensor {
    return binary("equal", this, other);
  }
  less(other: Operand): Tensor {
    return binary("less", this, other);
  }
  lessEqual(other: Operand): Tensor {
    return binary("lessEqual", this, other);
  }
  greater(other: Operand): Tensor {
    return binary("less", lift(other, this.dtype), this);
  }
  greaterEqual(other: Operand): Tensor {
    return binary("lessEqual", lift(other, this.dtype), this);
  }
  and(other: Tensor): Tensor {
    return apply("and", [this, other]);
  }
  or(other: Tensor): Tensor {
    return apply("or", [this, other]);
  }
  not(): Tensor {
    return apply("not", [this]);
  }
  /** Where this (bool) is true `whenTrue`, elsewhere `whenFalse`; the three broadcast together. */
  select(whenTrue: Operand, whenFalse: Operand): Tensor {
    const dtype =
      whenTrue instanceof Tensor ? whenTrue.dtype : whenFalse instanceof Tensor ? whenFalse.dtype : "float32";
    return apply("select", [this, lift(whenTrue, dtype), lift(whenFalse, dtype)]);
  }
  cast(dtype: DType): Tensor {
    return dtype === this.dtype ? this : apply("cast", [this], { dtype });
  }

  /** (…, M, K) × (…, K, N) → (…, M, N); leading axes broadcast. */
  matmul(other: Tensor): Tensor {
    return apply("matmul", [this, other]);
  }

  // Reductions. Axes may be negative; by default all axes.
  sum(axes?: number | readonly number[], keepDims = false): Tensor {
    return this.reduce("reduceSum", axes, keepDims);
  }
  max(axes?: number | readonly number[], keepDims = false): Tensor {
    return this.reduce("reduceMax", axes, keepDims);
  }
  min(axes?: number | readonly number[], keepDims = false): Tensor {
    return this.neg().max(axes, keepDims).neg();
  }
  mean(axes?: number | readonly number[], keepDims = false): Tensor {
    const total = this.sum(axes, keepDims);
    const reduced = this.axesOf(axes).reduce((size, axis) => size * this.shape[axis]!, 1);
    return total.mul(1 / reduced);
  }
  /** Index of the largest element along an axis, the first of equals; int32. */
  argMax(axis = -1): Tensor {
    return apply("argMax", [this], { axis: this.axisOf(axis) });
  }
  cumsum(axis = -1): Tensor {
    return apply("cumsum", [this], { axis: this.axisOf(axis), reverse: false });
  }
  softmax(axis = -1): Tensor {
    return apply("softmax", [this], { axis: this.axisOf(axis) });
  }
  logSoftmax(axis = -1): Tensor {
    return apply("logSoftmax", [this], { axis: this.axisOf(axis) });
  }
  /** The k largest along the last axis, in falling order: values and int32 indices. */
  topK(k: number): { values: Tensor; indices: Tensor } {
    const [values, indices] = applyAll("topK", [this], { k });
    return { values: values!, indices: indices! };
  }

  // Shape. One dimension of `reshape` may be -1.
  reshape(shape: readonly number[]): Tensor {
    if (shape.filter((n) => n === -1).length > 1) {
      throw located("reshape", `${describeShape(shape)} leaves more than one dimension open`, [this]);
    }
    const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
    const size = this.shape.reduce((product, n) => product * n, 1);
    const full = shape.map((n) => (n === -1 ? (known === 0 ? 0 : size / known) : n));
    return sameShape(full, this.shape) ? this : apply("reshape", [this], { shape: full });
  }
  transpose(permutation?: readonly number[]): Tensor {
    const order = permutation?.map((axis) => this.axisOf(axis)) ?? this.shape.map((_, i) => this.rank - 1 - i);
    return apply("transpose", [this], { permutation: order });
  }
  /** Exchanges the last two axes. */
  transposeLast(): Tensor {
    if (this.rank < 2) {
      throw located("transposeLast", `two axes or more are needed, got ${describeShape(this.shape)}`, [this]);
    }
    const order = this.shape.map((_, i) => i);
    [order[this.rank - 2], order[this.rank - 1]] = [this.rank - 1, this.rank - 2];
    return this.transpose(order);
  }
  broadcastTo(shape: readonly number[]): Tensor {
    return sameShape(shape, this.shape) ? this : apply("broadcastTo", [this], { shape: [...shape] });
  }
  expandDims(axis: number): Tensor {
    const at = axis < 0 ? axis + this.rank + 1 : axis;
    if (!Number.isInteger(axis) || at < 0 || at > this.rank) {
      throw located("expandDims", `there is no place ${axis} among the axes of ${describeShape(this.shape)}`, [this]);
    }
    return this.reshape([...this.shape.slice(0, at), 1, ...this.shape.slice(at)]);
  }
  /** The half-open range [start, end) of one axis; both may be negative. */
  slice(axis: number, start: number, end: number = this.shape[this.axisOf(axis)]!): Tensor {
    const at = this.axisOf(axis);
    const length = this.shape[at]!;
    const starts = this.shape.map((_, i) => (i === at ? (start < 0 ? start + length : start) : 0));
    const ends = this.shape.map((n, i) => (i === at ? (end < 0 ? end + length : end) : n));
    return apply("slice", [this], { starts, ends });
  }
  /** Cuts an axis into pieces of the given sizes. */
  split(sizes: readonly number[], axis = -1): readonly Tensor[] {
    return sizes.length === 1 && sizes[0] === this.shape.at(axis)
      ? [this]
      : applyAll("split", [this], { sizes: [...sizes], axis: this.axisOf(axis) });
  }
  pad(before: readonly number[], after: readonly number[]): Tensor {
    return apply("pad", [this], { before: [...before], after: [...after] });
  }
  reverse(axis: number): Tensor {
    return apply("reverse", [this], { axis: this.axisOf(axis) });
  }

  // Indexing. `indices` are int32.
  /** Rows along an axis: shape[0:axis] + indices.shape + shape[axis+1:]. */
  gather(indices: Tensor, axis = 0): Tensor {
    return apply("gather", [this, indices], { axis: this.axisOf(axis) });
  }
  /** One element per index along an axis; `indices` has this tensor's rank and its other dimensions. */
  gatherAlong(indices: Tensor, axis = -1): Tensor {
    return apply("gatherAlong", [this, indices], { axis: this.axisOf(axis) });
  }
  /** int32 indices → float32 with a new last axis of `depth`. Indices outside [0, depth) give zeros. */
  oneHot(depth: number): Tensor {
    return apply("oneHot", [this], { depth });
  }

  /** The same values, through which no gradient flows. */
  stopGradient(): Tensor {
    return apply("stopGradient", [this]);
  }

  axisOf(axis: number): number {
    const resolved = axis < 0 ? axis + this.rank : axis;
    if (!Number.isInteger(axis) || resolved < 0 || resolved >= this.rank) {
      throw located("axis", `there is no axis ${axis} in ${describeShape(this.shape)}`, [this]);
    }
    return resolved;
  }

  private axesOf(axes: number | readonly number[] | undefined): number[] {
    if (axes === undefined) return this.shape.map((_, i) => i);
    return (typeof axes === "number" ? [axes] : axes).map((axis) => this.axisOf(axis)).sort((a, b) => a - b);
  }

  private reduce(op: string, axes: number | readonly number[] | undefined, keepDims: boolean): Tensor {
    const resolved = this.axesOf(axes);
    return resolved.length === 0 ? this : apply(op, [this], { axes: resolved, keepDims });
  }
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

function binary(op: string, left: Operand, right: Operand): Tensor {
  const dtype = left instanceof Tensor ? left.dtype : (right as Tensor).dtype;
  return apply(op, [lift(left, dtype), lift(right, dtype)]);
}

/** A number becomes a rank-0 constant of the given type. @throws {ArgumentError} where the type cannot hold it. */
export function lift(value: Operand, dtype: DType): Tensor {
  if (value instanceof Tensor) return value;
  if (dtype === "int32" && value !== Math.trunc(value)) {
    throw new ArgumentError(`${value} is no whole number, and the other operand is int32`, {
      hint: 'Convert the tensor first, with .cast("float32").',
    });
  }
  return scalar(value, dtype);
}

/** How many nodes have been made so far: nodes made from now on have this serial or a higher one. */
export const traceMark = (): number => nodesMade;

/** Applies a primitive: infers the outputs' shapes (or throws, naming the place) and makes the node. */
export function applyAll(op: string, inputs: readonly Tensor[], attributes: Attributes = {}): readonly Tensor[] {
  const primitive = primitiveOf(op);
  let outputs: readonly ValueSpec[];
  try {
    outputs = primitive.infer(inputs, attributes);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw located(op, error.message, inputs, error.hint);
  }
  return new Node(op, inputs, attributes, outputs, currentPlace()).outputs;
}

/** Applies a primitive with one output. */
export const apply = (op: string, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor =>
  applyAll(op, inputs, attributes)[0]!;

/** A graph input, filled when the compiled function is called. */
export function input(name: string, shape: readonly number[], dtype: DType): Tensor {
  return apply("input", [], { name, shape: [...shape], dtype });
}

/** Numbers known while tracing. A `name` is for messages only. */
export function constant(value: HostTensor | HostArray, name?: string): Tensor {
  const attributes = { value: "shape" in value ? value : hostTensor(value) };
  return apply("constant", [], name === undefined ? attributes : { ...attributes, name });
}

/** A rank-0 constant. */
export function scalar(value: number, dtype: DType = "float32"): Tensor {
  const data =
    dtype === "float32" ? Float32Array.of(value) : dtype === "int32" ? Int32Array.of(value) : Uint8Array.of(value);
  return constant(hostTensor(data, []));
}

/** A tensor filled with one number, kept as a broadcast scalar. */
export const full = (shape: readonly number[], value: number, dtype: DType = "float32"): Tensor =>
  scalar(value, dtype).broadcastTo(shape);

/** 0, 1, …, length - 1 as int32. */
export const iota = (length: number): Tensor => constant(Int32Array.from({ length }, (_, i) => i));

/** Joins tensors along an axis they may differ in. */
export const concat = (tensors: readonly Tensor[], axis = 0): Tensor =>
  tensors.length === 1 ? tensors[0]! : apply("concat", tensors, { axis: tensors[0]!.axisOf(axis) });

/** Joins tensors of one shape along a new axis. */
export const stack = (tensors: readonly Tensor[], axis = 0): Tensor =>
  concat(
    tensors.map((x) => x.expandDims(axis)),
    axis,
  );

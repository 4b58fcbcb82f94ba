/**
 * What a primitive is. One primitive is one entry in one place (`primitives/`): the shape rule, the gradient (made of primitives,
 * so that it differentiates again), the lowering to ONNX, and the float64 definition that the reference interpreter runs.
 */
import type { DType, HostTensor } from "../dtype.js";
import type { OnnxBuilder } from "../onnx/builder.js";
import type { Tensor } from "./tensor.js";

export interface ValueSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

export type AttributeValue = number | string | boolean | readonly number[] | HostTensor | object;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A tensor of the reference interpreter: every type in float64. */
export interface Dense {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface GradientContext<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** The cotangent of each output; undefined where nothing flows back. */
  readonly cotangents: readonly (Tensor | undefined)[];
  /** The cotangent of the first output, where there is only one. */
  readonly cotangent: Tensor;
  readonly attributes: A;
}

export interface LowerContext<A> {
  readonly builder: OnnxBuilder;
  /** ONNX value names of the inputs. */
  readonly inputs: readonly string[];
  readonly inputSpecs: readonly ValueSpec[];
  readonly outputSpecs: readonly ValueSpec[];
  readonly attributes: A;
}

export interface EvaluateContext<A> {
  readonly inputs: readonly Dense[];
  readonly outputSpecs: readonly ValueSpec[];
  readonly attributes: A;
}

export interface Primitive<A = Attributes> {
  readonly name: string;
  /** One line for the coverage table. */
  readonly summary: string;
  /** Shapes and types of the outputs. @throws {ShapeError} */
  infer(inputs: readonly ValueSpec[], attributes: A): readonly ValueSpec[];
  /** Cotangents of the inputs, undefined where there is none. Absent: the primitive has no gradient (integers, comparisons). */
  readonly gradient?: (context: GradientContext<A>) => readonly (Tensor | undefined)[];
  /** Writes ONNX nodes and returns the names of the outputs. */
  lower(context: LowerContext<A>): readonly string[];
  /** The definition, in float64: slow, obvious, the oracle. */
  evaluate(context: EvaluateContext<A>): readonly Float64Array[];
}

const registry = new Map<string, Primitive<Attributes>>();

export function definePrimitive<A>(primitive: Primitive<A>): void {
  // Attributes are typed where a primitive is written and where it is applied; between the two they travel as a record.
  registry.set(primitive.name, primitive as unknown as Primitive<Attributes>);
}

export function primitiveOf(name: string): Primitive<Attributes> {
  const primitive = registry.get(name);
  if (primitive === undefined)
    throw new RangeError(`No primitive is called "${name}"; import "primitives/index.js" first`);
  return primitive;
}

export const allPrimitives = (): readonly Primitive<Attributes>[] => [...registry.values()];

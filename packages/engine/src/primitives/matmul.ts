/** Matrix products: the primitive, and the fused form that passes make of it. */
import { sizeOf } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { type Dense, definePrimitive, type ValueSpec } from "../graph/primitive.js";
import { MICROSOFT, type OnnxBuilder } from "../onnx/builder.js";
import { at, tabulate } from "../reference/dense.js";
import { broadcastShapes, describeShape } from "../shape.js";
import { unbroadcast } from "./elementwise.js";

const swapLast = (shape: readonly number[]): number[] => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];

function productSpec(a: ValueSpec, b: ValueSpec, aShape = a.shape, bShape = b.shape): ValueSpec {
  const both = `${describeShape(a.shape)} × ${describeShape(b.shape)}`;
  if (aShape.length < 2 || bShape.length < 2) throw new ShapeError(`${both}: both need two axes or more`);
  if (a.dtype !== "float32" || b.dtype !== "float32")
    throw new ShapeError(`${both}: float32 is needed, got ${a.dtype} and ${b.dtype}`);
  const [k, k2] = [aShape.at(-1)!, bShape.at(-2)!];
  if (k !== k2) throw new ShapeError(`${both}: the inner dimensions ${k} and ${k2} differ`);
  const batch = broadcastShapes(aShape.slice(0, -2), bShape.slice(0, -2));
  return { shape: [...batch, aShape.at(-2)!, bShape.at(-1)!], dtype: "float32" };
}

definePrimitive({
  name: "matmul",
  summary: "(…, M, K) × (…, K, N) → (…, M, N), leading axes broadcast",
  infer: ([a, b]) => [productSpec(a!, b!)],
  gradient({ cotangent, inputs: [a, b] }) {
    const da = unbroadcast(cotangent.matmul(b!.transposeLast()), a!.shape);
    if (b!.rank === 2 && a!.rank > 2) {
      // One large product over all leading axes instead of a batch of small ones and a sum.
      const count = sizeOf(a!.shape.slice(0, -1));
      const rows = a!.reshape([count, a!.shape.at(-1)!]);
      return [da, rows.transposeLast().matmul(cotangent.reshape([count, cotangent.shape.at(-1)!]))];
    }
    return [da, unbroadcast(a!.transposeLast().matmul(cotangent), b!.shape)];
  },
  lower: ({ builder, inputs }) => [builder.node("MatMul", inputs)],
  evaluate: ({ inputs, outputSpecs }) => [product(inputs[0]!, inputs[1]!, outputSpecs[0]!.shape)],
});

function product(a: Dense, b: Dense, shape: readonly number[]): Float64Array {
  const k = a.shape.at(-1)!;
  return tabulate(shape, (index) => {
    const batch = index.slice(0, -2);
    let sum = 0;
    for (let i = 0; i < k; i++) sum += at(a, [...batch, index.at(-2)!, i]) * at(b, [...batch, i, index.at(-1)!]);
    return sum;
  });
}

export interface FusedMatmulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly scale: number;
}

/** scale · op(A) op(B) [+ bias]; made by passes after differentiation, so it needs no gradient. */
definePrimitive<FusedMatmulAttributes>({
  name: "fusedMatmul",
  summary: "scale · A⁽ᵀ⁾ B⁽ᵀ⁾ + bias; made by passes",
  infer([a, b, bias], { transposeA, transposeB }) {
    const spec = productSpec(
      a!,
      b!,
      transposeA ? swapLast(a!.shape) : a!.shape,
      transposeB ? swapLast(b!.shape) : b!.shape,
    );
    if (bias !== undefined) broadcastShapes(spec.shape, bias.shape);
    return [spec];
  },
  lower({ builder, inputs, inputSpecs, attributes }) {
    const [a, b, bias] = inputs;
    const flat = inputSpecs[0]!.shape.length === 2 && inputSpecs[1]!.shape.length === 2;
    const { transposeA, transposeB, scale } = attributes;
    if (flat) {
      const flags = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha: { float: scale } };
      return [builder.node("Gemm", bias === undefined ? [a!, b!] : [a!, b!, bias], flags)];
    }
    const result = lowerBatched(builder, a!, b!, inputSpecs, attributes);
    return [bias === undefined ? result : builder.node("Add", [result, bias])];
  },
  evaluate({ inputs: [a, b, bias], outputSpecs, attributes: { transposeA, transposeB, scale } }) {
    const shape = outputSpecs[0]!.shape;
    const result = product(transposeA ? transposed(a!) : a!, transposeB ? transposed(b!) : b!, shape);
    return [tabulate(shape, (index, flat) => scale * result[flat]! + (bias === undefined ? 0 : at(bias, index)))];
  },
});

function lowerBatched(
  builder: OnnxBuilder,
  a: string,
  b: string,
  specs: readonly ValueSpec[],
  { transposeA, transposeB, scale }: FusedMatmulAttributes,
): string {
  if (builder.supports("FusedMatMul")) {
    const flags = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha: { float: scale } };
    return builder.node("FusedMatMul", [a, b], flags, { domain: MICROSOFT });
  }
  const transpose = (name: string, spec: ValueSpec): string => {
    const order = spec.shape.map((_, i) => i);
    return builder.node("Transpose", [name], { perm: swapLast(order) });
  };
  const result = builder.node("MatMul", [
    transposeA ? transpose(a, specs[0]!) : a,
    transposeB ? transpose(b, specs[1]!) : b,
  ]);
  return scale === 1 ? result : builder.node("Mul", [result, builder.scalar(scale)]);
}

function transposed(x: Dense): Dense {
  const shape = swapLast(x.shape);
  return { shape, data: tabulate(shape, (index) => at(x, swapLast(index))) };
}

/**
 * Products with matrices of 8-bit numbers. Every run of `BLOCK` weights along the inner axis has a scale of its own, so a large weight
 * costs precision only to its neighbours. The runtime's kernel also rounds the other operand to 8 bits, block by block, and sums in
 * integers: Dettmers et al. 2022, "LLM.int8()", section 2.1, with blocks in the place of rows and columns.
 */
import type { HostTensor } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { definePrimitive } from "../graph/primitive.js";
import { MICROSOFT } from "../onnx/builder.js";
import { tabulate } from "../reference/dense.js";
import { describeShape } from "../shape.js";

/** Weights that share a scale. Larger blocks are hardly faster, and less precise. */
const BLOCK = 64;
/** What stands for 0 among the bytes. */
const ZERO = 128;
/** The largest weight of a block is this many steps from 0. */
const LARGEST = 127;

/** A matrix (K, N) in 8 bits: bytes (N, blocks, BLOCK), columns one after another, and scales (N, blocks). */
export interface QuantizedMatrix {
  readonly shape: readonly [inner: number, outer: number];
  readonly bytes: Uint8Array;
  readonly scales: Float32Array;
}

const blocksOf = (inner: number): number => Math.ceil(inner / BLOCK);

/** Rounds a matrix (K, N), or (N, K) if it is used `transposed`, to the nearest of 255 values a block. */
export function quantizeMatrix({ shape, data }: HostTensor, transposed = false): QuantizedMatrix {
  const [rows, columns] = shape as [number, number];
  const [inner, outer] = transposed ? [columns, rows] : [rows, columns];
  const [innerStride, outerStride] = transposed ? [1, columns] : [columns, 1];
  const blocks = blocksOf(inner);
  const bytes = new Uint8Array(outer * blocks * BLOCK).fill(ZERO);
  const scales = new Float32Array(outer * blocks);
  for (let block = 0; block < blocks; block++) {
    const end = Math.min(inner, (block + 1) * BLOCK);
    // Row by row: down the columns of a large matrix, every number would be a cache line of its own.
    for (let k = block * BLOCK; k < end; k++) {
      for (let n = 0; n < outer; n++) {
        const size = Math.abs(data[k * innerStride + n * outerStride]!) / LARGEST;
        if (size > scales[n * blocks + block]!) scales[n * blocks + block] = size;
      }
    }
    for (let k = block * BLOCK; k < end; k++) {
      for (let n = 0; n < outer; n++) {
        const scale = scales[n * blocks + block]!;
        const steps = scale === 0 ? 0 : Math.round(data[k * innerStride + n * outerStride]! / scale);
        bytes[n * blocks * BLOCK + k] = ZERO + steps;
      }
    }
  }
  return { shape: [inner, outer], bytes, scales };
}

/** The weight at (k, n). */
function weightAt({ shape: [inner], bytes, scales }: QuantizedMatrix, k: number, n: number): number {
  const blocks = blocksOf(inner);
  return (bytes[n * blocks * BLOCK + k]! - ZERO) * scales[n * blocks + Math.floor(k / BLOCK)]!;
}

definePrimitive<{ matrix: QuantizedMatrix }>({
  name: "quantizedMatmul",
  summary: "(M, K) × 8-bit (K, N) [+ bias (N)] → (M, N); made by passes",
  infer([x, bias], { matrix: { shape } }) {
    const [inner, outer] = shape;
    if (
      x!.shape.length !== 2 ||
      x!.shape[1] !== inner ||
      (bias !== undefined && describeShape(bias.shape) !== describeShape([outer]))
    ) {
      throw new ShapeError(
        `${[x!, ...(bias === undefined ? [] : [bias])].map((spec) => describeShape(spec.shape)).join(" and ")} do not fit ` +
          `an 8-bit matrix ${describeShape(shape)}`,
      );
    }
    return [{ shape: [x!.shape[0]!, outer], dtype: "float32" }];
  },
  lower({ builder, inputs: [x, bias], attributes: { matrix } }) {
    const [inner, outer] = matrix.shape;
    if (!builder.supports("MatMulNBits")) {
      // The same numbers in float32: right everywhere, and no smaller.
      const data = new Float32Array(inner * outer);
      for (let k = 0; k < inner; k++) for (let n = 0; n < outer; n++) data[k * outer + n] = weightAt(matrix, k, n);
      const weights = builder.constant({ dtype: "float32", shape: [inner, outer], data });
      return [builder.node("Gemm", bias === undefined ? [x!, weights] : [x!, weights, bias])];
    }
    const bytes = builder.bytes(matrix.bytes, [outer, blocksOf(inner), BLOCK]);
    const scales = builder.constant({ dtype: "float32", shape: [matrix.scales.length], data: matrix.scales });
    // Accuracy level 4: sums of 8-bit products.
    const attributes = { K: inner, N: outer, bits: 8, block_size: BLOCK, accuracy_level: 4 };
    const operands = [x!, bytes, scales, ...(bias === undefined ? [] : ["", "", bias])];
    return [builder.node("MatMulNBits", operands, attributes, { domain: MICROSOFT })];
  },
  evaluate({ inputs: [x, bias], outputSpecs, attributes: { matrix } }) {
    const [inner] = matrix.shape;
    return [
      tabulate(outputSpecs[0]!.shape, ([m, n]) => {
        let sum = bias === undefined ? 0 : bias.data[n!]!;
        for (let k = 0; k < inner; k++) sum += x!.data[m! * inner + k]! * weightAt(matrix, k, n!);
        return sum;
      }),
    ];
  },
});

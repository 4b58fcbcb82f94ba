/** Cases for products with 8-bit matrices. The oracle multiplies the very weights that were kept, so rounding them is no part of the comparison. */
import { hostTensor } from "./dtype.js";
import { apply } from "./graph/tensor.js";
import { wholeIn } from "./numeric.test-helpers.js";
import type { OpCase } from "./op-cases.test-helpers.js";
import { quantizeMatrix } from "./primitives/quantized.js";
import { RandomKey } from "./random/index.js";

const matrixOf = (inner: number, outer: number) =>
  quantizeMatrix(hostTensor(RandomKey.fromSeed(11).normal(new Float32Array(inner * outer), 0, 0.1), [inner, outer]));

/** Whole numbers with a 127 in every block: a kernel that rounds its operand to 8 bits too leaves these alone. */
const wholeRows = (rows: number, inner: number) => {
  const { data } = wholeIn("quantized", [rows * inner], 255);
  return hostTensor(
    Float32Array.from(data, (value, i) => ((i % inner) % 64 === 0 ? 127 : value - 127)),
    [rows, inner],
  );
};

export const quantizedCases: readonly OpCase[] = [
  {
    name: "quantizedMatmul",
    inputs: { x: wholeRows(3, 128), bias: hostTensor(Float32Array.of(0.5, -1, 2, 0, 3)) },
    fn: ({ x, bias }) => apply("quantizedMatmul", [x!, bias!], { matrix: matrixOf(128, 5) }),
    by: [],
    tolerance: 1e-5,
  },
  {
    name: "quantizedMatmul whose last block is not full",
    inputs: { x: wholeRows(1, 80) },
    fn: ({ x }) => apply("quantizedMatmul", [x!], { matrix: matrixOf(80, 7) }),
    by: [],
    tolerance: 1e-5,
  },
];

/**
 * Turns products with constant matrices into products with 8-bit matrices. It changes numbers, by about a hundredth of a weight's size,
 * so it runs only where it is asked for, and last: whatever model was traced, its weights are the constants that are left.
 */
import type { HostTensor } from "../dtype.js";
import { rewrite } from "../graph/graph.js";
import { apply, type Node, type Tensor } from "../graph/tensor.js";
import type { FusedMatmulAttributes } from "../primitives/matmul.js";
import { type QuantizedMatrix, quantizeMatrix } from "../primitives/quantized.js";
import type { Pass } from "./pass.js";

/** Every set of input shapes is a graph of its own over the same weights: rounded once, kept as long as they are. */
const known = new WeakMap<HostTensor["data"], Map<boolean, QuantizedMatrix>>();

function quantized(weights: HostTensor, transposed: boolean): QuantizedMatrix {
  const made = known.get(weights.data) ?? new Map<boolean, QuantizedMatrix>();
  known.set(weights.data, made);
  const matrix = made.get(transposed) ?? quantizeMatrix(weights, transposed);
  made.set(transposed, matrix);
  return matrix;
}

function product(node: Node, inputs: readonly Tensor[]): Tensor | undefined {
  if (node.op !== "fusedMatmul") return undefined;
  const [x, weights, ...bias] = inputs as [Tensor, Tensor, ...Tensor[]];
  const { transposeA, transposeB, scale } = node.attributes as unknown as FusedMatmulAttributes;
  if (weights.node.op !== "constant" || x.node.op === "constant") return undefined;
  if (weights.rank !== 2 || x.rank !== 2 || transposeA || scale !== 1) return undefined;
  const matrix = quantized(weights.node.attributes.value as HostTensor, transposeB);
  return apply("quantizedMatmul", [x, ...bias], { matrix });
}

export const quantizeWeights: Pass = {
  name: "quantizeWeights",
  apply: (graph) =>
    rewrite(graph, (node, inputs) => {
      const result = product(node, inputs);
      return result === undefined ? undefined : [result];
    }),
};

/**
 * Chooses one kernel for scaled dot-product attention where its weights are needed nowhere else, which is when no gradient flows:
 * softmax(scale · Q Kᵀ [+ bias]) V.
 */
import { countUses, type Graph, rewrite } from "../graph/graph.js";
import { apply, type Node, type Tensor } from "../graph/tensor.js";
import type { FusedMatmulAttributes } from "../primitives/matmul.js";
import { broadcastShapes, equalShapes } from "../shape.js";
import type { Pass } from "./pass.js";

interface Scores {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly scale: number;
}

/** scale · Q Kᵀ, both (B, H, …, D). */
function scoresOf(x: Tensor): Scores | undefined {
  if (x.node.op !== "fusedMatmul" || x.node.inputs.length !== 2) return undefined;
  const { transposeA, transposeB, scale } = x.node.attributes as unknown as FusedMatmulAttributes;
  const [query, key] = x.node.inputs as [Tensor, Tensor];
  const fits = !transposeA && transposeB && query.rank === 4 && key.rank === 4 && query.shape[1] === key.shape[1];
  return fits ? { query, key, scale } : undefined;
}

/** The kernel stretches neither batch nor heads of its operands. */
const sameHeads = ({ query, key }: Scores, value: Tensor): boolean =>
  [key, value].every((x) => x.shape[0] === query.shape[0] && x.shape[1] === query.shape[1]);

/** It stretches a mask over batch and heads, but not over positions. */
const isMask = (bias: Tensor, scores: Tensor): boolean =>
  bias.rank >= 2 &&
  equalShapes(bias.shape.slice(-2), scores.shape.slice(-2)) &&
  equalShapes(broadcastShapes(bias.shape, scores.shape), scores.shape);

function attention(node: Node, inputs: readonly Tensor[], uses: (x: Tensor) => number): Tensor | undefined {
  if (node.op !== "matmul") return undefined;
  const [weights, value] = inputs as [Tensor, Tensor];
  const [original] = node.inputs as [Tensor, Tensor];
  if (weights.node.op !== "softmax" || weights.node.attributes.axis !== 3 || uses(original) !== 1) return undefined;
  const input = weights.node.inputs[0]!;
  const originalInput = original.node.inputs[0]!;
  if (value.rank !== 4 || uses(originalInput) !== 1) return undefined;
  const bare = scoresOf(input);
  if (bare !== undefined && !sameHeads(bare, value)) return undefined;
  if (bare !== undefined) return apply("fusedAttention", [bare.query, bare.key, value], { scale: bare.scale });
  if (input.node.op !== "add" || uses(originalInput.node.inputs[0]!) !== 1) return undefined;
  const [left, bias] = input.node.inputs as [Tensor, Tensor];
  const scores = scoresOf(left);
  if (scores === undefined || !sameHeads(scores, value) || !isMask(bias, left)) return undefined;
  return apply("fusedAttention", [scores.query, scores.key, value, bias], { scale: scores.scale });
}

export const fuseAttention: Pass = {
  name: "fuseAttention",
  apply(graph: Graph) {
    const counts = countUses(graph);
    return rewrite(graph, (node, inputs) => {
      const result = attention(node, inputs, (x) => counts.get(x) ?? 0);
      return result === undefined ? undefined : [result];
    });
  },
};

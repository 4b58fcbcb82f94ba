/** Draws transposes of the last two axes, scalar factors and biases into matrix products. */
import { countUses, type Graph, rewrite } from "../graph/graph.js";
import { apply, type Node, type Tensor } from "../graph/tensor.js";
import type { FusedMatmulAttributes } from "../primitives/matmul.js";
import { type Pass, scalarValue } from "./pass.js";

/** The source of a transpose of the last two axes, and of nothing else. */
function lastTransposed(x: Tensor): Tensor | undefined {
  if (x.node.op !== "transpose" || x.rank < 2) return undefined;
  const permutation = x.node.attributes.permutation as readonly number[];
  const isLast = permutation.every(
    (axis, i) => axis === (i === x.rank - 1 ? x.rank - 2 : i === x.rank - 2 ? x.rank - 1 : i),
  );
  return isLast ? x.node.inputs[0] : undefined;
}

const isProduct = (node: Node): boolean => node.op === "matmul" || node.op === "fusedMatmul";

function settingsOf(node: Node): FusedMatmulAttributes {
  return node.op === "matmul"
    ? { transposeA: false, transposeB: false, scale: 1 }
    : (node.attributes as unknown as FusedMatmulAttributes);
}

const product = (inputs: readonly Tensor[], settings: FusedMatmulAttributes): Tensor =>
  apply("fusedMatmul", inputs, { ...settings });

/** Transposed operands are read transposed, and products of two axes become general matrix products. */
function drawTransposes(node: Node, inputs: readonly Tensor[]): Tensor | undefined {
  if (!isProduct(node)) return undefined;
  const [a, b, ...bias] = inputs as [Tensor, Tensor, ...Tensor[]];
  const settings = settingsOf(node);
  const [sourceA, sourceB] = [lastTransposed(a), lastTransposed(b)];
  if (sourceA === undefined && sourceB === undefined) {
    return node.op === "matmul" && a.rank === 2 && b.rank === 2 ? product(inputs, settings) : undefined;
  }
  return product([sourceA ?? a, sourceB ?? b, ...bias], {
    transposeA: settings.transposeA !== (sourceA !== undefined),
    transposeB: settings.transposeB !== (sourceB !== undefined),
    scale: settings.scale,
  });
}

/** (A B)ᵀ = Bᵀ Aᵀ, where the product is used nowhere else: the operands are exchanged instead of the result being moved. */
function drawOuterTranspose(
  node: Node,
  inputs: readonly Tensor[],
  usedOnce: (x: Tensor) => boolean,
): Tensor | undefined {
  const [x] = inputs;
  if (node.op !== "transpose" || !isProduct(x!.node) || x!.node.inputs.length !== 2 || !usedOnce(node.inputs[0]!))
    return undefined;
  if (lastTransposed(node.outputs[0]!) === undefined) return undefined;
  const [a, b] = x!.node.inputs as [Tensor, Tensor];
  const { transposeA, transposeB, scale } = settingsOf(x!.node);
  return product([b, a], { transposeA: !transposeB, transposeB: !transposeA, scale });
}

/** (A B) · s, where the product is used nowhere else. A factor on an operand is drawn in likewise. */
function drawScale(node: Node, inputs: readonly Tensor[], usedOnce: (x: Tensor) => boolean): Tensor | undefined {
  if (node.op === "mul") {
    const [x, factor] = inputs as [Tensor, Tensor];
    const value = scalarValue(factor);
    if (
      value === undefined ||
      factor.rank > 0 ||
      !isProduct(x.node) ||
      x.node.inputs.length > 2 ||
      !usedOnce(node.inputs[0]!)
    ) {
      return undefined;
    }
    const settings = settingsOf(x.node);
    return product(x.node.inputs, { ...settings, scale: settings.scale * value });
  }
  return undefined;
}

/** (A B) + bias, the bias a row that every row of a two-axis product gets. */
function drawBias(node: Node, inputs: readonly Tensor[], usedOnce: (x: Tensor) => boolean): Tensor | undefined {
  if (node.op !== "add") return undefined;
  const [x, bias] = inputs as [Tensor, Tensor];
  const fits =
    isProduct(x.node) && x.rank === 2 && x.node.inputs.length === 2 && bias.rank === 1 && bias.shape[0] === x.shape[1];
  return fits && usedOnce(node.inputs[0]!) ? product([...x.node.inputs, bias], settingsOf(x.node)) : undefined;
}

export const fuseMatmul: Pass = {
  name: "fuseMatmul",
  apply(graph: Graph) {
    const uses = countUses(graph);
    const usedOnce = (x: Tensor): boolean => (uses.get(x) ?? 0) <= 1;
    return rewrite(graph, (node, inputs) => {
      const result =
        drawTransposes(node, inputs) ??
        drawOuterTranspose(node, inputs, usedOnce) ??
        drawScale(node, inputs, usedOnce) ??
        drawBias(node, inputs, usedOnce);
      return result === undefined ? undefined : [result];
    });
  },
};

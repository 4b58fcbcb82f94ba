/**
 * Chooses single kernels for normalisation and GELU where their inner values are needed nowhere else, which is when no gradient
 * flows. (While training, the gradient shares those values, and keeping them is cheaper.)
 */
import { countUses, type Graph, rewrite } from "../graph/graph.js";
import { apply, type Node, type Tensor } from "../graph/tensor.js";
import { type Pass, scalarValue } from "./pass.js";

type Uses = (x: Tensor) => number;

const isRow = (x: Tensor, width: number): boolean => x.rank === 1 && x.shape[0] === width;

/** normalize(x) · scale [+ shift] */
function norm(node: Node, inputs: readonly Tensor[], uses: Uses): Tensor | undefined {
  const [x, row] = inputs;
  if (row === undefined || !isRow(row, node.outputs[0]!.shape.at(-1) ?? 0)) return undefined;
  if (uses(node.inputs[0]!) !== 1) return undefined;
  if (
    node.op === "mul" &&
    x!.node.op === "normalize" &&
    x!.index === 0 &&
    uses(node.inputs[0]!.node.outputs[1]!) === 0
  ) {
    const { centred, epsilon } = x!.node.attributes as { centred: boolean; epsilon: number };
    return apply("fusedNorm", [x!.node.inputs[0]!, row], { centred, epsilon });
  }
  if (
    node.op === "add" &&
    x!.node.op === "fusedNorm" &&
    x!.node.inputs.length === 2 &&
    x!.node.attributes.centred === true
  ) {
    return apply("fusedNorm", [...x!.node.inputs, row], x!.node.attributes);
  }
  return undefined;
}

const factorOf = (x: Tensor, op: "mul" | "add", value: number): Tensor | undefined => {
  if (x.node.op !== op) return undefined;
  const found = scalarValue(x.node.inputs[1]!);
  return found !== undefined && Math.abs(found - value) < 1e-6 ? x.node.inputs[0] : undefined;
};

/** x · Φ(x), or x · (0.5 + 0.5 · tanh(√(2/π) · (x + 0.044715 x³))). */
function gelu(node: Node, inputs: readonly Tensor[], uses: Uses): Tensor | undefined {
  if (node.op !== "mul") return undefined;
  const [x, gate] = inputs as [Tensor, Tensor];
  if (uses(node.inputs[1]!) !== 1) return undefined;
  if (gate.node.op === "normalCdf" && gate.node.inputs[0] === x)
    return apply("fusedGelu", [x], { approximate: "none" });
  const half = factorOf(gate, "add", 0.5);
  const curve = half === undefined ? undefined : factorOf(half, "mul", 0.5);
  if (curve === undefined || uses(curve) > 1) return undefined;
  if (curve.node.op === "tanh") {
    const inner = factorOf(curve.node.inputs[0]!, "mul", Math.sqrt(2 / Math.PI));
    const cubic =
      inner?.node.op === "add" && inner.node.inputs[0] === x
        ? factorOf(inner.node.inputs[1]!, "mul", 0.044715)
        : undefined;
    const square = cubic?.node.op === "mul" && cubic.node.inputs[1] === x ? cubic.node.inputs[0]! : undefined;
    if (square?.node.op === "mul" && square.node.inputs.every((factor) => factor === x)) {
      return apply("fusedGelu", [x], { approximate: "tanh" });
    }
  }
  return undefined;
}

export const fuseKernels: Pass = {
  name: "fuseKernels",
  apply(graph: Graph) {
    const counts = countUses(graph);
    const uses: Uses = (x) => counts.get(x) ?? 0;
    return rewrite(graph, (node, inputs) => {
      const result = norm(node, inputs, uses) ?? gelu(node, inputs, uses);
      return result === undefined ? undefined : [result];
    });
  },
};

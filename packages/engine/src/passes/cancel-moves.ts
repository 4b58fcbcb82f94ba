/** Cancels movement: chains of reshapes and transposes become one, or none. */
import { rewrite } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import type { Pass } from "./pass.js";

/** A permutation that only moves axes of size 1 reorders nothing in memory. */
function keepsOrder(x: Tensor, permutation: readonly number[]): boolean {
  const moving = permutation.filter((axis) => x.shape[axis] !== 1);
  return moving.every((axis, i) => i === 0 || axis > moving[i - 1]!);
}

export const cancelMoves: Pass = {
  name: "cancelMoves",
  apply: (graph) =>
    rewrite(graph, (node, [x]) => {
      if (node.op === "reshape") {
        const target = node.outputs[0]!.shape;
        if (x!.node.op === "reshape") return [x!.node.inputs[0]!.reshape(target)];
        return x!.reshape(target) === x ? [x!] : undefined;
      }
      if (node.op === "transpose") {
        const outer = node.attributes.permutation as readonly number[];
        if (x!.node.op === "transpose") {
          const inner = x!.node.attributes.permutation as readonly number[];
          const both = outer.map((axis) => inner[axis]!);
          const source = x!.node.inputs[0]!;
          return [both.every((axis, i) => axis === i) ? source : source.transpose(both)];
        }
        if (outer.every((axis, i) => axis === i)) return [x!];
        if (keepsOrder(x!, outer)) return [x!.reshape(node.outputs[0]!.shape)];
      }
      return undefined;
    }),
};

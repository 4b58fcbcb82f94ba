/** What a pass is: a pure function from a graph to an equivalent graph. */
import { type Graph, nodesOf } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";

export interface Pass {
  readonly name: string;
  readonly apply: (graph: Graph) => Graph;
}

/** The number in a rank-0 constant (or one stretched to a shape), else undefined. */
export function scalarValue(x: Tensor): number | undefined {
  if (x.node.op === "broadcastTo") return scalarValue(x.node.inputs[0]!);
  if (x.node.op !== "constant") return undefined;
  const { data } = x.node.attributes.value as { data: ArrayLike<number> };
  return data.length === 1 ? data[0] : undefined;
}

/** Applies passes in turn until none of them changes the number of nodes, a few rounds at most. */
export function runPasses(graph: Graph, passes: readonly Pass[], rounds = 4): Graph {
  let current = graph;
  let size = nodesOf(current).length;
  for (let round = 0; round < rounds; round++) {
    for (const pass of passes) current = pass.apply(current);
    const next = nodesOf(current).length;
    if (next === size) break;
    size = next;
  }
  return current;
}

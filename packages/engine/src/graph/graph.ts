/** A graph: named outputs and whatever can be reached from them. Order, rewriting and printing live here. */
import { describeShape } from "../shape.js";
import { Node, type Tensor } from "./tensor.js";

export interface Graph {
  readonly outputs: ReadonlyMap<string, Tensor>;
}

/** All nodes that the outputs need, each after its inputs. Iterative, so that deep graphs do not exhaust the stack. */
export function topologicalOrder(outputs: Iterable<Tensor>): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, "open" | "done">();
  const work: Node[] = [...outputs].map((x) => x.node).reverse();
  while (work.length > 0) {
    const node = work[work.length - 1]!;
    if (state.has(node)) {
      work.pop();
      if (state.get(node) === "open") {
        state.set(node, "done");
        order.push(node);
      }
      continue;
    }
    state.set(node, "open");
    for (let i = node.inputs.length - 1; i >= 0; i--) {
      const next = node.inputs[i]!.node;
      if (!state.has(next)) work.push(next);
    }
  }
  return order;
}

export const nodesOf = (graph: Graph): Node[] => topologicalOrder(graph.outputs.values());

/**
 * Rebuilds a graph from its leaves to its outputs. `fn` sees each node with its new inputs and may return replacements for its
 * outputs; nodes it leaves alone (returning undefined) are kept, or copied onto their new inputs. Outputs must keep their specs.
 */
export function rewrite(
  graph: Graph,
  fn: (node: Node, inputs: readonly Tensor[]) => readonly Tensor[] | undefined,
): Graph {
  const replaced = new Map<Tensor, Tensor>();
  const current = (x: Tensor): Tensor => replaced.get(x) ?? x;
  for (const node of nodesOf(graph)) {
    const inputs = node.inputs.map(current);
    const changed = inputs.some((x, i) => x !== node.inputs[i]);
    const outputs = fn(node, inputs) ?? (changed ? copyOnto(node, inputs).outputs : undefined);
    outputs?.forEach((output, i) => {
      replaced.set(node.outputs[i]!, output);
    });
  }
  return { outputs: new Map([...graph.outputs].map(([name, x]) => [name, current(x)])) };
}

/** The same operation on other inputs of the same specs. */
export const copyOnto = (node: Node, inputs: readonly Tensor[]): Node =>
  new Node(node.op, inputs, node.attributes, node.outputs, node.path);

/** How many places use each tensor (outputs of the graph count). */
export function countUses(graph: Graph): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const count = (x: Tensor): void => void uses.set(x, (uses.get(x) ?? 0) + 1);
  for (const node of nodesOf(graph)) node.inputs.forEach(count);
  for (const output of graph.outputs.values()) count(output);
  return uses;
}

/** One line a node, for people. */
export function describeGraph(graph: Graph): string {
  const names = new Map<Tensor, string>();
  const lines: string[] = [];
  for (const node of nodesOf(graph)) {
    const outputs = node.outputs.map((x) => {
      const name = `%${names.size}`;
      names.set(x, name);
      return `${name} ${x.dtype}${describeShape(x.shape)}`;
    });
    const place = node.path === "" ? "" : `  # ${node.path}`;
    lines.push(`${outputs.join(", ")} = ${node.op}(${node.inputs.map((x) => names.get(x)).join(", ")})${place}`);
  }
  for (const [name, x] of graph.outputs) lines.push(`return ${name} = ${names.get(x)}`);
  return lines.join("\n");
}

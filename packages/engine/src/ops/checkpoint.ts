/**
 * Recomputation, also called gradient checkpointing (Chen et al. 2016, "Training deep nets with sublinear memory cost"): what a
 * function computes inside is not kept for the gradient but computed again when the gradient needs it. Less memory, more time.
 */
import { pullback } from "../gradient.js";
import { rewrite, topologicalOrder } from "../graph/graph.js";
import { definePrimitive } from "../graph/primitive.js";
import { apply, type Tensor, traceMark } from "../graph/tensor.js";

/** Runs `fn`, keeping only its result and what it captured; its inner values are computed again for the gradient. */
export function checkpoint(fn: () => Tensor): Tensor {
  const mark = traceMark();
  const result = fn();
  const captured = new Set<Tensor>();
  for (const node of topologicalOrder([result])) {
    if (node.serial < mark) continue;
    for (const x of node.inputs) if (x.node.serial < mark) captured.add(x);
  }
  return result.node.serial < mark ? result : apply("checkpoint", [result, ...captured]);
}

definePrimitive({
  name: "checkpoint",
  summary: "its first input unchanged; the gradient recomputes it from the others",
  infer: ([result]) => [{ shape: result!.shape, dtype: result!.dtype }],
  gradient({ cotangent, inputs: [result, ...captured] }) {
    // What is captured waits for the cotangent, so that nothing merges the second computation with the first. Leaves (parameters) are
    // held anyway and would be copied: they need not wait where something else does.
    const isLeaf = (x: Tensor): boolean => x.node.inputs.length === 0;
    const leavesWait = captured.every(isLeaf);
    const delayed = new Map(
      captured.map((x) => [x, isLeaf(x) && !leavesWait ? x : apply("barrier", [x, cotangent])] as const),
    );
    const again = replay(result!, delayed);
    const differentiable = captured.filter((x) => x.dtype === "float32");
    const found = pullback(
      [again],
      [cotangent],
      differentiable.map((x) => delayed.get(x)!),
      { independent: true },
    );
    return [undefined, ...captured.map((x) => (x.dtype === "float32" ? found[differentiable.indexOf(x)] : undefined))];
  },
  lower: ({ inputs }) => [inputs[0]!],
  evaluate: ({ inputs: [result] }) => [result!.data],
});

/** The computation of `result` once more, on replacements of what it captured. */
function replay(result: Tensor, replacements: ReadonlyMap<Tensor, Tensor>): Tensor {
  const graph = rewrite({ outputs: new Map([["result", result]]) }, (node) =>
    node.outputs.some((x) => replacements.has(x)) ? node.outputs.map((x) => replacements.get(x) ?? x) : undefined,
  );
  return graph.outputs.get("result")!;
}

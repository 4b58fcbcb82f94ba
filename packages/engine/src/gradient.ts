/**
 * Reverse-mode differentiation of a traced graph. Gradients are built of the same primitives as everything else, so they can be
 * differentiated again: a gradient penalty is the gradient of a function of a gradient.
 */
import { ShapeError } from "./errors.js";
import { topologicalOrder } from "./graph/graph.js";
import { withPath } from "./graph/place.js";
import { primitiveOf } from "./graph/primitive.js";
import { full, type Node, scalar, type Tensor } from "./graph/tensor.js";
import { describeShape } from "./shape.js";
import { flattenTree, type Tree, unflattenLike } from "./tree.js";

/**
 * The gradients of a scalar with respect to tensors of its graph, in their order; zeros where it does not depend on one.
 * Operations without a derivative (comparisons, floor, whole numbers) pass nothing on.
 * @throws {ShapeError} where `output` is not a float32 scalar.
 */
export function gradients(output: Tensor, withRespectTo: readonly Tensor[]): Tensor[] {
  if (output.rank !== 0 || output.dtype !== "float32") {
    throw new ShapeError(
      `gradients: a float32 scalar is differentiated, got ${output.dtype} ${describeShape(output.shape)}`,
      {
        hint: "Reduce it first, with .mean() or .sum().",
      },
    );
  }
  return pullback([output], [scalar(1)], withRespectTo);
}

/**
 * Vector-Jacobian products: carries the cotangents of `outputs` back to the tensors in `withRespectTo`. Where one of those was computed
 * from another, the other's gradient includes the way through it, unless they are `independent`: then each counts as given.
 */
export function pullback(
  outputs: readonly Tensor[],
  outputCotangents: readonly Tensor[],
  withRespectTo: readonly Tensor[],
  { independent = false }: { readonly independent?: boolean } = {},
): Tensor[] {
  const order = topologicalOrder(outputs);
  const wanted = new Set(withRespectTo);
  const depends = new Set<Node>();
  for (const node of order) {
    if (
      node.outputs.some((x) => wanted.has(x)) ||
      (node.op !== "stopGradient" && node.inputs.some((x) => depends.has(x.node)))
    )
      depends.add(node);
  }
  const cotangents = new Map<Tensor, Tensor>();
  outputs.forEach((output, i) => {
    const sum = cotangents.get(output);
    cotangents.set(output, sum === undefined ? outputCotangents[i]! : sum.add(outputCotangents[i]!));
  });
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    if (!node.inputs.some((x) => depends.has(x.node))) continue;
    if (independent && node.outputs.some((x) => wanted.has(x))) continue;
    const received = node.outputs.map((x) => cotangents.get(x));
    if (received.every((x) => x === undefined)) continue;
    withPath(node.path, () => {
      propagate(node, received, cotangents, depends);
    });
  }
  return withRespectTo.map((x) => cotangents.get(x) ?? full(x.shape, 0));
}

function propagate(
  node: Node,
  received: readonly (Tensor | undefined)[],
  cotangents: Map<Tensor, Tensor>,
  depends: ReadonlySet<Node>,
): void {
  const { gradient } = primitiveOf(node.op);
  if (gradient === undefined) return;
  const contributions = gradient({
    inputs: node.inputs,
    outputs: node.outputs,
    cotangents: received,
    cotangent: received[0] ?? full(node.outputs[0]!.shape, 0),
    attributes: node.attributes,
  });
  node.inputs.forEach((x, i) => {
    const contribution = contributions[i];
    if (contribution === undefined || !depends.has(x.node)) return;
    const sum = cotangents.get(x);
    cotangents.set(x, sum === undefined ? contribution : sum.add(contribution));
  });
}

/** Turns a scalar function of a tree into one that returns the tree of its gradients. */
export const grad =
  <T extends Tree<Tensor>>(fn: (tree: T) => Tensor) =>
  (tree: T): T =>
    valueAndGrad(fn)(tree).grads;

/** The value and the gradients in one trace. */
export const valueAndGrad =
  <T extends Tree<Tensor>>(fn: (tree: T) => Tensor) =>
  (tree: T): { value: Tensor; grads: T } => {
    const value = fn(tree);
    const leaves = flattenTree<Tensor>(tree).map(([, leaf]) => leaf);
    // `unflattenLike` keeps the structure of `tree`; its type is that of the input.
    return { value, grads: unflattenLike<Tensor, Tensor>(tree, gradients(value, leaves)) as T };
  };

/** Algebra: removes work that changes nothing. */
import { rewrite } from "../graph/graph.js";
import { apply, type Node, type Tensor } from "../graph/tensor.js";
import { equalShapes, reducedShape } from "../shape.js";
import { type Pass, scalarValue } from "./pass.js";

type Rule = (node: Node, inputs: readonly Tensor[]) => Tensor | undefined;

const identity: Rule = (node, [x]) => (node.op === "stopGradient" || node.op === "checkpoint" ? x : undefined);

const isFullShape = (x: Tensor, node: Node): boolean => equalShapes(x.shape, node.outputs[0]!.shape);

/** x + 0, x − 0, x · 1, x / 1, −(−x), (x · a) · b. */
const arithmetic: Rule = (node, [a, b]) => {
  const keeps = (x: Tensor | undefined): Tensor | undefined =>
    x !== undefined && isFullShape(x, node) ? x : undefined;
  const [left, right] = [a === undefined ? undefined : scalarValue(a), b === undefined ? undefined : scalarValue(b)];
  switch (node.op) {
    case "add":
      if (right === 0) return keeps(a);
      if (left === 0) return keeps(b);
      // The two halves of the gradient of a square.
      return a === b && a!.dtype === "float32" ? a!.mul(2) : undefined;
    case "sub":
      return right === 0 ? keeps(a) : b!.node.op === "neg" ? a!.add(b!.node.inputs[0]!) : undefined;
    case "mul":
      if (right === 1) return keeps(a);
      if (left === 1) return keeps(b);
      // A number is kept as a rank-0 factor on the right: it then fuses, and is never stretched.
      if (left !== undefined && right === undefined) return keeps(b)?.mul(left);
      if (right !== undefined && b!.rank > 0) return keeps(a)?.mul(right);
      if (right !== undefined && a!.node.op === "mul" && a!.dtype === "float32") {
        const inner = scalarValue(a!.node.inputs[1]!);
        if (inner !== undefined) return keeps(a!.node.inputs[0]!)?.mul(inner * right);
      }
      return undefined;
    case "div":
      return right === 1 ? keeps(a) : undefined;
    case "neg":
      return a!.node.op === "neg" ? a!.node.inputs[0] : undefined;
    default:
      return undefined;
  }
};

/** Elementwise operations stretch their operands themselves: an explicit broadcast of one is not needed. */
const BROADCASTING = new Set([
  "add",
  "sub",
  "mul",
  "div",
  "pow",
  "maximum",
  "minimum",
  "equal",
  "less",
  "lessEqual",
  "select",
]);

const broadcast: Rule = (node, inputs) => {
  if (node.op === "broadcastTo") return isFullShape(inputs[0]!, node) ? inputs[0] : undefined;
  if (!BROADCASTING.has(node.op)) return undefined;
  const shape = node.outputs[0]!.shape;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i]!;
    if (x.node.op !== "broadcastTo") continue;
    const others = inputs.filter((_, j) => j !== i);
    if (others.some((other) => equalShapes(other.shape, shape))) {
      const operands = inputs.map((each, j) => (j === i ? x.node.inputs[0]! : each));
      return applyLike(node, operands);
    }
  }
  return undefined;
};

/** The sum of a one-element-a-line scatter is what was scattered. */
const scatterSum: Rule = (node, [x]) => {
  if (node.op !== "reduceSum" || x!.node.op !== "scatterAlong") return undefined;
  const { axes, keepDims } = node.attributes as { axes: readonly number[]; keepDims: boolean };
  const axis = x!.node.attributes.axis;
  const updates = x!.node.inputs[0]!;
  if (axes.length !== 1 || axes[0] !== axis || updates.shape[axis as number] !== 1) return undefined;
  return keepDims ? updates : updates.reshape(reducedShape(updates.shape, axes, false));
};

/** The sum over what was only stretched is a product. */
const broadcastSum: Rule = (node, [x]) => {
  if (node.op !== "reduceSum" || x!.node.op !== "broadcastTo" || x!.dtype !== "float32") return undefined;
  const value = scalarValue(x!);
  if (value === undefined) return undefined;
  const { axes } = node.attributes as { axes: readonly number[] };
  const count = axes.reduce((product, axis) => product * x!.shape[axis]!, 1);
  return x!.node.inputs[0]!.mul(count).reshape(new Array<number>(0)).broadcastTo(node.outputs[0]!.shape);
};

const applyLike = (node: Node, inputs: readonly Tensor[]): Tensor => apply(node.op, inputs, node.attributes);

const rules: readonly Rule[] = [identity, arithmetic, broadcast, scatterSum, broadcastSum];

export const simplify: Pass = {
  name: "simplify",
  apply: (graph) =>
    rewrite(graph, (node, inputs) => {
      for (const rule of rules) {
        const result = rule(node, inputs);
        if (result !== undefined) return [result];
      }
      return undefined;
    }),
};

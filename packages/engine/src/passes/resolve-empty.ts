/**
 * Resolves operations on tensors without elements, in one place for all of them: ONNX Runtime refuses or mishandles several (a
 * product over an axis of size 0, Pad, TopK, Softmax and CumSum of nothing, a reduction to something). What has no elements becomes a
 * constant without elements, and what is computed from nothing alone (a sum, a product, a scatter, padding) becomes the constant that
 * its definition gives.
 */
import { allocate, type HostTensor, sizeOf } from "../dtype.js";
import { rewrite } from "../graph/graph.js";
import { primitiveOf, type ValueSpec } from "../graph/primitive.js";
import { apply, concat, constant, full, type Node, type Tensor } from "../graph/tensor.js";
import type { Pass } from "./pass.js";

const isEmpty = (x: ValueSpec): boolean => sizeOf(x.shape) === 0;

const empty = ({ dtype, shape }: ValueSpec): Tensor => constant({ dtype, shape, data: allocate(dtype, 0) });

/** The first input passes these unchanged, whatever the others are. */
const PASSING = new Set(["barrier", "checkpoint", "stopGradient"]);

/** What is left of an operation of which some input is empty and some output is not. */
function resolve(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  if (PASSING.has(node.op)) return [inputs[0]!];
  if (node.op === "concat") {
    return [
      concat(
        inputs.filter((x) => !isEmpty(x)),
        node.attributes.axis as number,
      ),
    ];
  }
  if (node.op === "fusedMatmul" && inputs.length === 3) {
    const bare = apply("fusedMatmul", inputs.slice(0, 2), node.attributes).node;
    return [resolve(bare, bare.inputs)[0]!.add(inputs[2]!)];
  }
  // No element of an empty input can be told from another: whatever the other inputs hold, the definition gives the same.
  const values = primitiveOf(node.op).evaluate({
    inputs: inputs.map(({ shape }) => ({ shape, data: new Float64Array(sizeOf(shape)) })),
    outputSpecs: node.outputs,
    attributes: node.attributes,
  });
  return node.outputs.map((spec, i) => toConstant(spec, values[i]!));
}

function toConstant({ dtype, shape }: ValueSpec, values: Float64Array): Tensor {
  const first = values[0];
  if (first !== undefined && values.every((value) => Object.is(value, first))) return full(shape, first, dtype);
  const data = allocate(dtype, values.length);
  data.set(values);
  const value: HostTensor = { dtype, shape, data };
  return constant(value);
}

export const resolveEmpty: Pass = {
  name: "resolveEmpty",
  apply: (graph) =>
    rewrite(graph, (node, inputs) => {
      if (inputs.length === 0) return undefined;
      if (node.outputs.every(isEmpty)) return node.outputs.map(empty);
      return inputs.some(isEmpty) ? resolve(node, inputs) : undefined;
    }),
};

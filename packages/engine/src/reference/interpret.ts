/**
 * The reference interpreter: evaluates a graph primitive by primitive in float64, exactly as each is defined. It is slow and
 * obvious, and it is the oracle that gradients, passes and devices are tested against.
 */
import type { HostTensor } from "../dtype.js";
import { ArgumentError } from "../errors.js";
import { topologicalOrder } from "../graph/graph.js";
import type { Dense } from "../graph/primitive.js";
import { primitiveOf } from "../graph/primitive.js";
import type { Tensor } from "../graph/tensor.js";

/** Values for the leaves of a graph: inputs by name, random tensors by path. */
export type Bindings = Readonly<Record<string, HostTensor | Dense | Float64Array>>;

/** The values of tensors, in float64. @throws {ArgumentError} where a leaf has no value. */
export function interpret(outputs: readonly Tensor[], bindings: Bindings = {}): Dense[] {
  const values = new Map<Tensor, Dense>();
  for (const node of topologicalOrder(outputs)) {
    if (node.op === "input" || node.op === "random") {
      const name = String(node.attributes[node.op === "input" ? "name" : "path"]);
      const bound = bindings[name];
      if (bound === undefined) throw new ArgumentError(`interpret: no value was given for the ${node.op} "${name}"`);
      const data = "data" in bound ? Float64Array.from(bound.data) : Float64Array.from(bound);
      values.set(node.outputs[0]!, { shape: node.outputs[0]!.shape, data });
      continue;
    }
    const results = primitiveOf(node.op).evaluate({
      inputs: node.inputs.map((x) => values.get(x)!),
      outputSpecs: node.outputs,
      attributes: node.attributes,
    });
    node.outputs.forEach((output, i) => {
      values.set(output, { shape: output.shape, data: results[i]! });
    });
  }
  return outputs.map((output) => values.get(output)!);
}

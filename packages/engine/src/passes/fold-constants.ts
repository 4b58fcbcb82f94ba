/** Computes small operations on constants once, while compiling, with the float64 definitions. */
import { allocate, type HostTensor, sizeOf } from "../dtype.js";
import { rewrite } from "../graph/graph.js";
import { primitiveOf } from "../graph/primitive.js";
import { constant } from "../graph/tensor.js";
import type { Pass } from "./pass.js";

/** Results larger than this stay computed at run time: constants are stored in the model. */
const LARGEST = 4096;

export const foldConstants: Pass = {
  name: "foldConstants",
  apply: (graph) =>
    rewrite(graph, (node, inputs) => {
      if (inputs.length === 0 || !inputs.every((x) => x.node.op === "constant")) return undefined;
      // A stretched scalar stays a scalar: operations broadcast it for nothing.
      if (node.op === "broadcastTo" || node.op === "barrier") return undefined;
      if ([...node.outputs, ...inputs].some((x) => sizeOf(x.shape) > LARGEST)) return undefined;
      const dense = inputs.map((x) => {
        const value = x.node.attributes.value as HostTensor;
        return { shape: value.shape, data: Float64Array.from(value.data) };
      });
      const results = primitiveOf(node.op).evaluate({
        inputs: dense,
        outputSpecs: node.outputs,
        attributes: node.attributes,
      });
      return node.outputs.map((spec, i) => {
        const data = allocate(spec.dtype, sizeOf(spec.shape));
        data.set(results[i]!);
        return constant({ dtype: spec.dtype, shape: spec.shape, data });
      });
    }),
};

/** Merges nodes that compute the same thing: the same operation with equal attributes on the same inputs. Barriers stay apart. */
import type { HostTensor } from "../dtype.js";
import { copyOnto, rewrite } from "../graph/graph.js";
import type { Node, Tensor } from "../graph/tensor.js";
import type { Pass } from "./pass.js";

/** Constants up to this size are compared by their contents, larger ones by identity. */
const COMPARED = 1024;

/** The numbers as text, which tells 0 from −0. */
const contentsOf = ({ data }: HostTensor): string => Array.from(data, (x) => (Object.is(x, -0) ? "-0" : x)).join(",");

export const commonSubexpressions: Pass = {
  name: "commonSubexpressions",
  apply(graph) {
    const known = new Map<string, readonly Tensor[]>();
    const identities = new Map<object, number>();
    const identityOf = (value: object): number => {
      if (!identities.has(value)) identities.set(value, identities.size);
      return identities.get(value)!;
    };
    const keyOf = (node: Node, inputs: readonly Tensor[]): string => {
      const operands = inputs.map((x) => `${identityOf(x.node)}.${x.index}`).join(",");
      if (node.op === "constant") {
        const value = node.attributes.value as HostTensor;
        const contents = value.data.length <= COMPARED ? contentsOf(value) : `#${identityOf(value.data)}`;
        return `constant|${value.dtype}|${value.shape.join(",")}|${contents}`;
      }
      return `${node.op}|${operands}|${JSON.stringify(node.attributes)}`;
    };
    return rewrite(graph, (node, inputs) => {
      if (node.op === "barrier") return undefined;
      const key = keyOf(node, inputs);
      const first = known.get(key);
      if (first !== undefined) return first;
      const outputs = inputs.some((x, i) => x !== node.inputs[i]) ? copyOnto(node, inputs).outputs : node.outputs;
      known.set(key, outputs);
      return outputs;
    });
  },
};

/** A network's state as the tensors of one safetensors file, and back: buffers stand beside the parameters, under a name of their own. */
import { flattenTree, type HostTensor, treeFromPaths } from "@atelier/engine";
import type { ModelState } from "../training/subject.js";

const BUFFERS = "buffers.";

export const weightsOf = ({ params, buffers }: ModelState): ReadonlyMap<string, HostTensor> =>
  new Map([
    ...flattenTree<HostTensor>(params),
    ...flattenTree<HostTensor>(buffers).map(([path, tensor]) => [`${BUFFERS}${path}`, tensor] as const),
  ]);

export function stateOf(weights: ReadonlyMap<string, HostTensor>): ModelState {
  const params = [...weights].filter(([path]) => !path.startsWith(BUFFERS));
  const buffers = [...weights]
    .filter(([path]) => path.startsWith(BUFFERS))
    .map(([path, tensor]) => [path.slice(BUFFERS.length), tensor] as const);
  return { params: treeFromPaths(new Map(params)), buffers: treeFromPaths(new Map(buffers)) };
}

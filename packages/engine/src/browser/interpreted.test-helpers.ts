/** The same training in float64: the traced step, before any pass, evaluated step after step by the reference interpreter. */
import {
  flattenTree,
  type HostTensor,
  hostTensor,
  input,
  mapTree,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { type Dense, interpret } from "@atelier/engine/reference";
import {
  batches,
  CALLS,
  DROPOUT,
  initialParameters,
  keysFrom,
  REPEAT,
  step,
  type Trained,
} from "./training.test-helpers.js";

const inputLike = ({ shape, dtype }: HostTensor, name: string): Tensor => input(name, shape, dtype);

export function interpretTraining(): Omit<Trained, "milliseconds"> {
  const initial = initialParameters();
  const { tokens, targets } = batches(0, 1);
  const traced = step({
    params: mapTree(initial, inputLike, "params") as TreeRecord<Tensor>,
    batch: {
      tokens: input("tokens", tokens.shape.slice(1), "int32"),
      targets: input("targets", targets.shape.slice(1), "int32"),
    },
  });
  const trained = flattenTree<Tensor>(traced.params, "params");
  let params: Readonly<Record<string, HostTensor | Dense>> = Object.fromEntries(
    flattenTree<HostTensor>(initial, "params"),
  );
  const losses: number[] = [];
  for (let i = 0; i < CALLS * REPEAT; i++) {
    const { base, from } = keysFrom(i);
    const kept = new Uint8Array(DROPOUT.size);
    base
      .at(from)
      .split(DROPOUT.path)
      .bernoulli(kept, 1 - DROPOUT.rate);
    const [loss, ...updated] = interpret([traced.loss, ...trained.map(([, x]) => x)], {
      ...params,
      ...batches(i, 1),
      [DROPOUT.path]: hostTensor(kept),
    });
    losses.push(loss!.data[0]!);
    params = Object.fromEntries(trained.map(([path], k) => [path, updated[k]!]));
  }
  return { losses, params: trained.flatMap(([path]) => [...params[path]!.data]) };
}

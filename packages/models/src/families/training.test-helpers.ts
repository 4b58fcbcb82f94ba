/** Trains a family of one network and one phase, as the trainer does: parameters by AdamW, buffers as the phase leaves them. */
import {
  compile,
  gradients,
  type HostTensor,
  hostScalar,
  leavesOf,
  mapTree,
  RandomKey,
  Scope,
  State,
  scalar,
  type Tensor,
  type TreeRecord,
  unflattenLike,
} from "@atelier/engine";
import type { TrainableFamily } from "../family.js";
import { adamw } from "../optimisers/index.js";

export interface Trained {
  readonly params: TreeRecord<HostTensor>;
  readonly buffers: TreeRecord<HostTensor>;
  /** The loss and the metrics of the last step. */
  readonly last: Readonly<Record<string, number>>;
}

type Training<Leaf> = {
  readonly params: TreeRecord<Leaf>;
  readonly buffers: TreeRecord<Leaf>;
  readonly optimiser: TreeRecord<Leaf>;
  readonly count: Leaf;
};

export async function trainFamily(
  { networks, phases }: TrainableFamily,
  batchOf: (step: number) => Readonly<Record<string, HostTensor>>,
  { steps, learningRate, seed = 1 }: { readonly steps: number; readonly learningRate: number; readonly seed?: number },
): Promise<Trained> {
  const [name, network] = Object.entries(networks)[0]!;
  const optimiser = adamw({ learningRate, weightDecay: 0 });
  const one = scalar(1);
  const step = compile(
    ({ state, batch }: { state: Training<Tensor>; batch: TreeRecord<Tensor> }) => {
      const { params, buffers } = state;
      const scope = Scope.over({ params, buffers }, { training: true });
      const { loss, metrics = {} } = phases[0]!.loss({ [name]: scope }, batch);
      const grads = unflattenLike<Tensor, Tensor>(params, gradients(loss, leavesOf<Tensor>(params)));
      const updated = optimiser.update({
        params,
        grads: grads as TreeRecord<Tensor>,
        state: state.optimiser,
        count: state.count,
        schedule: one,
        gradientScale: one,
        apply: one,
      });
      const moved = mapTree<Tensor, Tensor>(buffers, (old, path) => scope.updatedBuffers.get(path) ?? old);
      return {
        state: {
          params: updated.params,
          buffers: moved as TreeRecord<Tensor>,
          optimiser: updated.state,
          count: state.count.add(1),
        },
        metrics: { loss, ...metrics },
      };
    },
    { donate: ["state"] },
  );
  const key = RandomKey.fromSeed(seed);
  const declared = Scope.declare(network, key.split("initialise"));
  let state = new State<Training<HostTensor>>({
    ...declared,
    optimiser: optimiser.init(declared.params),
    count: hostScalar(0),
  });
  let last: Record<string, number> = {};
  for (let i = 0; i < steps; i++) {
    const result = await step({ state, batch: batchOf(i) }, { keys: key.at(i) });
    state = result.state as State<Training<HostTensor>>;
    const metrics = result.metrics as Readonly<Record<string, HostTensor>>;
    last = Object.fromEntries(Object.entries(metrics).map(([metric, { data }]) => [metric, data[0]!]));
  }
  await step.release();
  const { params, buffers } = state.read();
  return { params, buffers, last };
}

/**
 * Trains a GAN phase by phase, as the trainer does, and looks at what it makes. Its data are points in the plane, as pictures of one
 * pixel.
 */
import {
  compile,
  gradients,
  type HostTensor,
  hostScalar,
  hostTensor,
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
import { adamw } from "../../optimisers/index.js";
import type { GanConfiguration } from "./configuration.js";
import { gan } from "./gan.js";
import { ganGenerate } from "./networks.js";

type Trees<Leaf> = { readonly [network: string]: TreeRecord<Leaf> };
type Training<Leaf> = {
  readonly params: Trees<Leaf>;
  readonly buffers: Trees<Leaf>;
  readonly optimiser: Trees<Leaf>;
  /** How often the optimiser of each network was applied. */
  readonly updates: { readonly [network: string]: Leaf };
  readonly steps: Leaf;
};

export interface GanTraining {
  readonly steps: number;
  readonly rates: { readonly generator: number; readonly discriminator: number };
  readonly seed?: number;
  /** Called with the state after each step. */
  readonly onStep?: (state: Training<HostTensor>) => void;
}

export interface TrainedGan {
  readonly params: Trees<HostTensor>;
  readonly buffers: Trees<HostTensor>;
  /** The figures of every step, `phase.figure`. */
  readonly history: readonly Readonly<Record<string, number>>[];
}

/** One step over phases, each seeing what those before it made; a phase has its turn at 0, `every`, 2 × `every`, … */
export function ganStep(c: GanConfiguration, rates: GanTraining["rates"]) {
  const { phases } = gan(c);
  const one = scalar(1);
  const optimisers: Readonly<Record<string, ReturnType<typeof adamw>>> = {
    generator: adamw({ learningRate: rates.generator, betas: [0, 0.99], weightDecay: 0 }),
    discriminator: adamw({ learningRate: rates.discriminator, betas: [0, 0.99], weightDecay: 0 }),
  };
  const step = ({ state, batch }: { state: Training<Tensor>; batch: TreeRecord<Tensor> }) => {
    const params = { ...state.params };
    const buffers = { ...state.buffers };
    const optimiser = { ...state.optimiser };
    const updates = { ...state.updates };
    const metrics: Record<string, Tensor> = {};
    for (const phase of phases) {
      const scopes = Object.fromEntries(
        Object.keys(params).map((name) => [
          name,
          Scope.over(
            { params: params[name]!, buffers: buffers[name]! },
            { training: true, draws: `${phase.name}.${name}.` },
          ),
        ]),
      );
      const result = phase.loss(scopes, batch);
      metrics[`${phase.name}.loss`] = result.loss;
      for (const [name, value] of Object.entries(result.metrics ?? {})) metrics[`${phase.name}.${name}`] = value;
      const turn = state.steps.div(phase.every).floor().mul(phase.every).equal(state.steps).cast("float32");
      for (const name of phase.trains) {
        const grads = unflattenLike<Tensor, Tensor>(
          params[name]!,
          gradients(result.loss, leavesOf<Tensor>(params[name]!)),
        );
        const updated = optimisers[name]!.update({
          params: params[name]!,
          grads: grads as TreeRecord<Tensor>,
          state: optimiser[name]!,
          count: updates[name]!,
          schedule: one,
          gradientScale: one,
          apply: turn,
        });
        params[name] = updated.params;
        optimiser[name] = updated.state;
        updates[name] = updates[name]!.add(turn);
      }
      for (const [name, { updatedBuffers }] of Object.entries(scopes)) {
        const moved = mapTree<Tensor, Tensor>(buffers[name]!, (old, path) => updatedBuffers.get(path) ?? old);
        buffers[name] = moved as TreeRecord<Tensor>;
      }
    }
    return {
      state: { params, buffers, optimiser, updates, steps: state.steps.add(1) } satisfies Training<Tensor>,
      metrics,
    };
  };
  const initial = (key: RandomKey): Training<HostTensor> => {
    const declared = Object.entries(gan(c).networks).map(
      ([name, network]) => [name, Scope.declare(network, key.split(name))] as const,
    );
    return {
      params: Object.fromEntries(declared.map(([name, { params }]) => [name, params])),
      buffers: Object.fromEntries(declared.map(([name, { buffers }]) => [name, buffers])),
      optimiser: Object.fromEntries(declared.map(([name, { params }]) => [name, optimisers[name]!.init(params)])),
      updates: Object.fromEntries(declared.map(([name]) => [name, hostScalar(0)])),
      steps: hostScalar(0),
    };
  };
  return { step, initial };
}

export async function trainGan(
  c: GanConfiguration,
  batchOf: (step: number) => Readonly<Record<string, HostTensor>>,
  { steps, rates, seed = 1, onStep }: GanTraining,
): Promise<TrainedGan> {
  const { step, initial } = ganStep(c, rates);
  const run = compile(step, { donate: ["state"], threads: 1 });
  const key = RandomKey.fromSeed(seed);
  let state = new State(initial(key.split("initialise")));
  const history: Readonly<Record<string, number>>[] = [];
  for (let i = 0; i < steps; i++) {
    const result = await run({ state, batch: batchOf(i) }, { keys: key.at(i) });
    state = result.state;
    onStep?.(state.read());
    const metrics = Object.entries(result.metrics as Readonly<Record<string, HostTensor>>);
    history.push(Object.fromEntries(metrics.map(([name, { data }]) => [name, data[0]!])));
  }
  await run.release();
  const { params, buffers } = state.read();
  return { params, buffers, history };
}

/** Pictures of a trained generator: (count, C, H, W) */
export async function sampleGan(
  c: GanConfiguration,
  { params, buffers }: TrainedGan,
  count: number,
): Promise<HostTensor> {
  const run = compile((given: { params: TreeRecord<Tensor>; buffers: TreeRecord<Tensor>; z: Tensor }) => ({
    x: ganGenerate(Scope.over(given), c, given.z),
  }));
  const z = hostTensor(RandomKey.fromSeed(77).normal(new Float32Array(count * c.latent)), [count, c.latent]);
  const { x } = await run({ params: params.generator!, buffers: buffers.generator!, z });
  await run.release();
  return x;
}

export const MODES = 8;
export const pointShape = [2, 1, 1] as const;
const DEVIATION = 0.05;

const centre = (mode: number): readonly [number, number] => {
  const angle = (2 * Math.PI * mode) / MODES;
  return [Math.cos(angle), Math.sin(angle)];
};

/** Points around eight places on a circle, each as often: (rows, 2, 1, 1) */
export function ring(step: number, rows = 128): { readonly x: HostTensor } {
  const key = RandomKey.fromSeed(5).at(step);
  const noise = key.split("noise").normal(new Float32Array(2 * rows), 0, DEVIATION);
  const data = noise.map((off, i) => off + centre(key.at(i >> 1).integer(MODES))[i % 2]!);
  return { x: hostTensor(data, [rows, ...pointShape]) };
}

/** How many points are nearest to each of the eight places, and how many lie within four deviations of the circle. */
export function modesOf({ data, shape }: HostTensor): { readonly counts: number[]; readonly onCircle: number } {
  const counts = new Array<number>(MODES).fill(0);
  let onCircle = 0;
  for (let i = 0; i < shape[0]!; i++) {
    const distances = counts.map((_, mode) => {
      const [x, y] = centre(mode);
      return Math.hypot(data[2 * i]! - x, data[2 * i + 1]! - y);
    });
    counts[distances.indexOf(Math.min(...distances))]!++;
    if (Math.abs(Math.hypot(data[2 * i]!, data[2 * i + 1]!) - 1) < 4 * DEVIATION) onCircle++;
  }
  return { counts, onCircle };
}

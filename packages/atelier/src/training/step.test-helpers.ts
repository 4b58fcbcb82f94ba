/** Toy families for the suites of the training step: regression by one matrix, and two networks against each other. */
import {
  type CallOptions,
  compile,
  flattenTree,
  type HostTensor,
  hostTensor,
  normal,
  RandomKey,
  type Scope,
  State,
  softplus,
  type Tensor,
  type TreeRecord,
  zeros,
} from "@atelier/engine";
import { adamw, constantRate, type Optimiser, type Phase, type TrainableFamily } from "@atelier/models";
import { initialState, type StepMetrics, type TrainingPlan, type TrainingState, trainingStep } from "./step.js";

export type Batch = TreeRecord<HostTensor>;
type HostState = TrainingState<HostTensor>;

/** x W + b. x: (N, 2) → (N, 3) */
export const affine = (scope: Scope, x: Tensor): Tensor =>
  x.matmul(scope.param("weight", [2, 3], normal(0.5))).add(scope.param("bias", [3], zeros));

const squaredError = (prediction: Tensor, target: Tensor): Tensor => prediction.sub(target).square().mean();

/** Minimises mean (x W + b − y)². */
export const regressionPhase = (network: string, every = 1): Phase => ({
  name: `fit-${network}`,
  every,
  trains: [network],
  loss: (scopes, { x, y }) => ({ loss: squaredError(affine(scopes[network]!, x as Tensor), y as Tensor) }),
});

const declareAffine = (scope: Scope): void => {
  scope.param("weight", [2, 3], normal(0.5));
  scope.param("bias", [3], zeros);
};

/** Networks of one matrix each, and phases over them. */
export const affineFamily = (networks: readonly string[], phases: readonly Phase[]): TrainableFamily => ({
  name: "affine",
  can: ["score"],
  networks: Object.fromEntries(networks.map((name) => [name, declareAffine])),
  phases,
});

export const regression = affineFamily(["line"], [regressionPhase("line")]);

/** A generator that shifts and scales noise, and a discriminator that is one line (Goodfellow et al. 2014, non-saturating). */
export function toyGan(order: readonly ("discriminator" | "generator")[]): TrainableFamily {
  const made = (scope: Scope, like: Tensor): Tensor =>
    scope
      .random("noise", like.shape, { kind: "normal", mean: 0, standardDeviation: 1 })
      .mul(scope.param("scale", [1], normal(1)))
      .add(scope.param("shift", [1], zeros));
  const judged = (scope: Scope, x: Tensor): Tensor =>
    x.mul(scope.param("slope", [1], normal(1))).add(scope.param("offset", [1], zeros));
  const phases: Record<string, Phase> = {
    discriminator: {
      name: "discriminator",
      every: 1,
      trains: ["discriminator"],
      loss: ({ generator, discriminator }, { real }) => {
        const truth = softplus(judged(discriminator!, real as Tensor).neg()).mean();
        return { loss: truth.add(softplus(judged(discriminator!, made(generator!, real as Tensor))).mean()) };
      },
    },
    generator: {
      name: "generator",
      every: 1,
      trains: ["generator"],
      loss: ({ generator, discriminator }, { real }) => {
        const fooled = judged(discriminator!, made(generator!, real as Tensor));
        return { loss: softplus(fooled.neg()).mean(), metrics: { verdict: fooled.mean() } };
      },
    },
  };
  return {
    name: "toy-gan",
    can: ["generate"],
    networks: {
      generator: (scope) => {
        scope.param("scale", [1], normal(1));
        scope.param("shift", [1], zeros);
      },
      discriminator: (scope) => {
        scope.param("slope", [1], normal(1));
        scope.param("offset", [1], zeros);
      },
    },
    phases: order.map((name) => phases[name]!),
  };
}

/** A plan with AdamW for every network unless told otherwise. */
export const planFor = (
  family: TrainableFamily,
  optimiser: Optimiser = adamw({ learningRate: 0.05, betas: [0.9, 0.95], weightDecay: 0.1 }),
  more: Partial<TrainingPlan> = {},
): TrainingPlan => ({
  family,
  optimisers: Object.fromEntries(Object.keys(family.networks).map((name) => [name, optimiser])),
  schedule: constantRate,
  ...more,
});

/** Batch t of a regression: `rows` of x (N, 2) and y (N, 3). */
export function regressionBatch(t: number, rows = 4): { x: HostTensor; y: HostTensor } {
  const key = RandomKey.fromSeed(11).at(t);
  return {
    x: hostTensor(key.split("x").normal(new Float32Array(rows * 2)), [rows, 2]),
    y: hostTensor(key.split("y").normal(new Float32Array(rows * 3)), [rows, 3]),
  };
}

/** Rows [from, to) of every tensor of a batch. */
export const rowsOf = (batch: { x: HostTensor; y: HostTensor }, from: number, to: number): Batch =>
  Object.fromEntries(
    Object.entries(batch).map(([name, { data, shape }]) => {
      const width = shape[1]!;
      return [name, hostTensor(Float32Array.from(data.subarray(from * width, to * width)), [to - from, width])];
    }),
  );

export interface Trace {
  /** The state before the first step and after each. */
  readonly states: readonly HostState[];
  readonly metrics: readonly StepMetrics<HostTensor>[];
  readonly last: HostState;
}

/** Makes one step a batch. */
export async function follow(
  plan: TrainingPlan,
  batches: readonly Batch[],
  { from, keys }: { readonly from?: HostState; readonly keys?: (t: number) => CallOptions } = {},
): Promise<Trace> {
  const step = compile(trainingStep(plan), { donate: ["state"] });
  const states = [from ?? initialState(plan, RandomKey.fromSeed(3))];
  const metrics: StepMetrics<HostTensor>[] = [];
  for (const [t, batch] of batches.entries()) {
    const result = await step({ state: new State(states[t]!), batch }, keys?.(t));
    states.push(result.state.read());
    metrics.push(result.metrics);
  }
  await step.release();
  return { states, metrics, last: states.at(-1)! };
}

/** Every number of a tree, by path. */
export const numbersOf = (tree: unknown): Map<string, number[]> =>
  new Map(
    flattenTree<HostTensor>(tree as TreeRecord<HostTensor>).map(([path, { data }]) => [path, [...data].map(Number)]),
  );

/** Every bit of a tree, by path. */
export const bitsOf = (tree: unknown): Record<string, number[]> =>
  Object.fromEntries(
    flattenTree<HostTensor>(tree as TreeRecord<HostTensor>).map(([path, { data }]) => [
      path,
      [...new Uint32Array(data.buffer, data.byteOffset, data.length)],
    ]),
  );

/** The largest difference between two trees of one structure. */
export function difference(a: unknown, b: unknown): number {
  const others = numbersOf(b);
  let worst = 0;
  for (const [path, values] of numbersOf(a)) {
    values.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - others.get(path)![i]!));
    });
  }
  return worst;
}

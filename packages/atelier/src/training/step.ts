/**
 * One training step, traced: every phase's loss and gradients, clipping, accumulation, the optimisers, the moving average. The step
 * owns no numbers; `initialState` makes them and the compiled step carries them.
 *
 * A non-finite gradient leaves the state exactly as it was, counters included, and is reported in the metrics.
 */
import {
  ArgumentError,
  type HostTensor,
  hostScalar,
  leavesOf,
  mapTree,
  pullback,
  type RandomKey,
  Scope,
  scalar,
  type Tensor,
  type TreeRecord,
  unflattenLike,
  zipTrees,
} from "@atelier/engine";
import {
  clipFactor,
  globalNorm,
  movingAverage,
  type Optimiser,
  type Phase,
  type Schedule,
  type TrainableFamily,
  zerosLike,
} from "@atelier/models";

export interface TrainingPlan {
  readonly family: TrainableFamily;
  /** One optimiser a network, by its name. */
  readonly optimisers: Readonly<Record<string, Optimiser>>;
  readonly schedule: Schedule;
  /** Largest norm of a phase's gradients; larger ones are scaled down to it. */
  readonly clip?: number | undefined;
  /** How many batches make one update; their gradients are averaged. */
  readonly accumulate?: number | undefined;
  /** Decay of the moving average of the parameters; none is kept without it. */
  readonly averageDecay?: number | undefined;
}

type Trees<Leaf> = { readonly [name: string]: TreeRecord<Leaf> };

/** Everything that training changes. `average` and `accumulated` are empty unless the plan asks for them. */
export type TrainingState<Leaf> = {
  readonly params: Trees<Leaf>;
  readonly buffers: Trees<Leaf>;
  readonly optimiser: Trees<Leaf>;
  readonly average: Trees<Leaf>;
  readonly accumulated: Trees<Leaf>;
  readonly counters: { readonly batches: Leaf; readonly updates: Leaf };
};

/** Metrics of one step: `loss`, `gradientNorm` (before clipping), `finite` (1 or 0), and what the family's phases add. */
export type StepMetrics<Leaf> = { readonly [name: string]: Leaf };

/** Fresh parameters and optimiser state; the same key gives the same bits. */
export function initialState(
  plan: TrainingPlan,
  key: RandomKey,
  given: Trees<HostTensor> = {},
): TrainingState<HostTensor> {
  const params: Record<string, TreeRecord<HostTensor>> = {};
  const buffers: Record<string, TreeRecord<HostTensor>> = {};
  const optimiser: Record<string, TreeRecord<HostTensor>> = {};
  for (const [name, network] of Object.entries(plan.family.networks)) {
    const declared = Scope.declare(network, key.split(name));
    params[name] = given[name] ?? declared.params;
    buffers[name] = declared.buffers;
    optimiser[name] = optimiserOf(plan, name).init(params[name]);
  }
  return {
    params,
    buffers,
    optimiser,
    average: plan.averageDecay === undefined ? {} : params,
    accumulated: (plan.accumulate ?? 1) > 1 ? accumulators(plan, params) : {},
    counters: { batches: hostScalar(0), updates: hostScalar(0) },
  };
}

/** One tree of zeros a phase, in the shape of the parameters that it trains. */
function accumulators(plan: TrainingPlan, params: Trees<HostTensor>): Trees<HostTensor> {
  return Object.fromEntries(plan.family.phases.map((phase) => [phase.name, zerosLike(pick(params, phase.trains))]));
}

/**
 * @param phases those whose turn it may be; the others are left out of the graph, and their networks stay as they are. A phase that is in it
 * still asks the counter whether it has its turn
 */
export function trainingStep(plan: TrainingPlan, phases: readonly Phase[] = plan.family.phases) {
  return ({ state, batch }: { state: TrainingState<Tensor>; batch: TreeRecord<Tensor> }) => {
    const every = plan.accumulate ?? 1;
    const { batches, updates } = state.counters;
    const schedule = plan.schedule(updates);
    // The last batch of an accumulation is the one that updates.
    const complete = every === 1 ? scalar(1) : divisible(batches.add(1), every);

    const trees = { params: { ...state.params }, optimiser: { ...state.optimiser }, buffers: { ...state.buffers } };
    const accumulated: Record<string, TreeRecord<Tensor>> = {};
    const metrics: Record<string, Tensor> = {};
    let finite = scalar(1);
    for (const [index, phase] of plan.family.phases.entries()) {
      if (!phases.includes(phase)) {
        if (every > 1) accumulated[phase.name] = state.accumulated[phase.name]!;
        continue;
      }
      const result = phaseGradients(phase, trees.params, trees.buffers, batch);
      Object.assign(trees.buffers, result.buffers);
      const own = plan.family.phases.length === 1 ? "" : `${phase.name}.`;
      metrics[`${own}loss`] = result.loss;
      for (const [name, value] of Object.entries(result.metrics)) metrics[`${own}${name}`] = value;

      let grads = result.grads;
      if (every > 1) {
        grads = zipTrees<Tensor, Tensor>(
          ([a, g]) => a!.add(g!),
          state.accumulated[phase.name]!,
          grads,
        ) as TreeRecord<Tensor>;
      }
      const norm = globalNorm(grads).mul(1 / every);
      metrics[`${own}gradientNorm`] = norm;
      // Comparisons with NaN are false, and an overflow to infinity is not below the largest number.
      const sound = norm.less(LARGEST).cast("float32");
      finite = finite.mul(sound);
      const turn = phase.every === 1 ? complete : complete.mul(divisible(updates, phase.every));
      const apply = sound.mul(turn);
      const clip = plan.clip === undefined ? scalar(1) : clipFactor(norm, plan.clip);
      for (const name of phase.trains) {
        const updated = optimiserOf(plan, name).update({
          params: trees.params[name]!,
          grads: grads[name] as TreeRecord<Tensor>,
          state: trees.optimiser[name]!,
          schedule,
          gradientScale: sound.greater(0).select(clip.mul(1 / every), 0),
          apply,
          count: updatesOf(name, plan.family.phases, index, updates),
        });
        trees.params[name] = updated.params;
        trees.optimiser[name] = updated.state;
      }
      if (every > 1) {
        const empty = complete.greater(0);
        accumulated[phase.name] = mapTree<Tensor, Tensor>(grads, (g) => empty.select(0, g)) as TreeRecord<Tensor>;
      }
    }
    const applied = complete.mul(finite);
    // Optimisers undo a phase of their own; where a later phase is the bad one, the earlier ones have moved already.
    const kept = (after: Trees<Tensor>, before: Trees<Tensor>): Trees<Tensor> =>
      plan.family.phases.length === 1 ? after : chosen(finite, after, before);
    const params = kept(trees.params, state.params);
    const average =
      plan.averageDecay === undefined ? {} : movingAverage(state.average, params, applied.mul(1 - plan.averageDecay));
    metrics.finite = finite;
    return {
      state: {
        params,
        buffers: chosen(finite, trees.buffers, state.buffers),
        optimiser: kept(trees.optimiser, state.optimiser),
        average: average as Trees<Tensor>,
        accumulated: chosen(finite, accumulated, state.accumulated),
        counters: { batches: batches.add(finite), updates: updates.add(applied) },
      } satisfies TrainingState<Tensor>,
      metrics: metrics as StepMetrics<Tensor>,
    };
  };
}

/** The largest float32. */
const LARGEST = 3.4028234663852886e38;

const divisible = (count: Tensor, by: number): Tensor =>
  count.sub(count.div(by).floor().mul(by)).equal(0).cast("float32");

/** How often the optimiser of a network was applied before phase number `index` of this update. */
function updatesOf(network: string, phases: readonly Phase[], index: number, updates: Tensor): Tensor {
  return phases
    .map(({ every, trains }, i) => {
      if (!trains.includes(network)) return undefined;
      // A phase has its turn at 0, every, 2 × every, …; those up to now are counted where it stands before this one.
      if (every === 1) return i < index ? updates.add(1) : updates;
      return updates
        .add(i < index ? every : every - 1)
        .div(every)
        .floor();
    })
    .filter((count) => count !== undefined)
    .reduce((a, b) => a.add(b));
}

/** One of two trees of the same structure, leaf by leaf. */
const chosen = (flag: Tensor, whenOne: Trees<Tensor>, whenZero: Trees<Tensor>): Trees<Tensor> =>
  zipTrees<Tensor, Tensor>(
    ([a, b]) => (a === b ? a! : flag.greater(0).select(a!, b!)),
    whenOne,
    whenZero,
  ) as Trees<Tensor>;

const pick = <Leaf>(trees: Trees<Leaf>, names: readonly string[]): TreeRecord<Leaf> =>
  Object.fromEntries(names.map((name) => [name, trees[name]!]));

function optimiserOf(plan: TrainingPlan, network: string): Optimiser {
  const optimiser = plan.optimisers[network];
  if (optimiser === undefined) throw new ArgumentError(`The network "${network}" has no optimiser`);
  return optimiser;
}

/** The loss of a phase, the gradients of the networks it trains, and the buffers it changed. */
export function phaseGradients(
  phase: Phase,
  params: Trees<Tensor>,
  buffers: Trees<Tensor>,
  batch: TreeRecord<Tensor>,
): { loss: Tensor; metrics: Readonly<Record<string, Tensor>>; grads: TreeRecord<Tensor>; buffers: Trees<Tensor> } {
  const scopes = Object.fromEntries(
    Object.keys(params).map((name) => [
      name,
      Scope.over(
        { params: params[name]!, buffers: buffers[name] ?? {} },
        { training: true, draws: `${phase.name}.${name}.` },
      ),
    ]),
  );
  const { loss, metrics = {} } = phase.loss(scopes, batch);
  const trained = pick(params, phase.trains);
  const grads = unflattenLike<Tensor, Tensor>(trained, pullback([loss], [scalar(1)], leavesOf<Tensor>(trained)));
  const changed = Object.fromEntries(
    Object.entries(scopes)
      .filter(([, scope]) => scope.updatedBuffers.size > 0)
      .map(([name, scope]) => [
        name,
        mapTree<Tensor, Tensor>(
          buffers[name]!,
          (old, path) => scope.updatedBuffers.get(path) ?? old,
        ) as TreeRecord<Tensor>,
      ]),
  );
  return { loss, metrics, grads: grads as TreeRecord<Tensor>, buffers: changed };
}

/**
 * The trainer: owns the compiled step and the state it carries, runs steps in chunks, turns the state into a checkpoint and back, and
 * finds out which parameter went wrong when a loss is no longer a number.
 *
 * Batches and random numbers are functions of the seed and the step alone, so that a run that was killed and resumed makes the same
 * steps, bit for bit, as one that was not.
 */
import {
  AtelierError,
  allocate,
  type Compiled,
  compile,
  type Device,
  equalShapes,
  FormatError,
  flattenTree,
  type HostTensor,
  hostTensor,
  mapTree,
  type RandomKey,
  State,
  type Tensor,
  type TreeRecord,
  zipTrees,
} from "@atelier/engine";
import type { Phase } from "@atelier/models";
import type { BatchSource } from "../families/text-family.js";
import {
  initialState,
  phaseGradients,
  type StepMetrics,
  type TrainingPlan,
  type TrainingState,
  trainingStep,
} from "./step.js";
import type { ModelState } from "./subject.js";

/** A loss or gradient that is not finite. The state is that of the last good step. */
export class NonFiniteError extends AtelierError {
  readonly code = "NON_FINITE";
}

export interface TrainerOptions {
  readonly plan: TrainingPlan;
  readonly batches: BatchSource;
  readonly key: RandomKey;
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
}

/** What a chunk of steps came to. Where a family has several phases, their losses are added, of those that had their turn. */
export interface ChunkMetrics {
  /** The mean over the batches of the chunk. */
  readonly loss: number;
  /** The largest, before clipping. */
  readonly gradientNorm: number;
  /** The loss of each batch. */
  readonly losses: Float32Array;
  /** What else the phases tell, by name: means over the batches that they saw. Where there are several phases, their names stand before. */
  readonly figures: Readonly<Record<string, number>>;
}

type Step = Compiled<
  { state: TrainingState<Tensor>; batch: TreeRecord<Tensor> },
  { state: TrainingState<Tensor>; metrics: StepMetrics<Tensor> },
  "state"
>;

/** Steps in a row in which the same phases have their turn. */
interface Turn {
  readonly phases: readonly Phase[];
  readonly from: number;
  readonly steps: number;
}

export class Trainer {
  readonly #options: TrainerOptions;
  /** A compiled step for each set of phases that have their turn together, by their names: what has none costs nothing. */
  readonly #compiled = new Map<string, Step>();
  #state: State<TrainingState<HostTensor>>;
  #done: number;

  constructor(options: TrainerOptions, from?: { readonly step: number; readonly state: TrainingState<HostTensor> }) {
    this.#options = options;
    this.#state = new State(from?.state ?? initialState(options.plan, options.key.split("initialise")));
    this.#done = from?.step ?? 0;
  }

  /** Steps made so far. */
  get done(): number {
    return this.#done;
  }

  /** The numbers as they stand; not to be written to. */
  get state(): TrainingState<HostTensor> {
    return this.#state.read();
  }

  /** What the model of a network is made of: the moving average of its parameters where one is kept, and its buffers. */
  modelOf(network: string, state = this.state): ModelState {
    const { params, average, buffers } = state;
    const kept = this.#options.plan.averageDecay === undefined ? params : average;
    return { params: kept[network]!, buffers: buffers[network]! };
  }

  /** Traces and compiles the step for chunks of `count`, without making any. */
  async prepare(count: number): Promise<void> {
    const batch = (steps: number) => this.#stack(0, steps * (this.#options.plan.accumulate ?? 1));
    for (const { phases, steps } of this.#turns(count)) {
      await this.#stepOf(phases).prepare({ state: this.#state, batch: batch(steps) });
    }
  }

  /** The next `count` steps. The phases of one step are those whose `every` divides its number; where none does, all look on. */
  #turns(count: number): Turn[] {
    const all = this.#options.plan.family.phases;
    const turns: Turn[] = [];
    for (let step = this.#done; step < this.#done + count; step++) {
      const due = all.filter(({ every }) => step % every === 0);
      const phases = due.length === 0 ? all : due;
      const last = turns.at(-1);
      if (last === undefined || namesOf(last.phases) !== namesOf(phases)) turns.push({ phases, from: step, steps: 1 });
      else turns[turns.length - 1] = { ...last, steps: last.steps + 1 };
    }
    return turns;
  }

  #stepOf(phases: readonly Phase[]): Step {
    const names = namesOf(phases);
    const { plan, device, threads } = this.#options;
    const step =
      this.#compiled.get(names) ??
      compile(trainingStep(plan, phases), { donate: ["state"], repeat: true, device, threads });
    this.#compiled.set(names, step);
    return step;
  }

  /** Makes `count` steps, those of one turn in one call of the runtime. @throws {NonFiniteError} */
  async advance(count: number): Promise<ChunkMetrics> {
    const turns: ChunkMetrics[] = [];
    for (const turn of this.#turns(count)) turns.push(await this.#advance(turn));
    return turns.length === 1 ? turns[0]! : merged(turns);
  }

  async #advance({ phases, from: first, steps }: Turn): Promise<ChunkMetrics> {
    const accumulate = this.#options.plan.accumulate ?? 1;
    const before = this.state;
    const from = first * accumulate;
    const { state, metrics } = await this.#stepOf(phases)(
      { state: this.#state, batch: this.#stack(from, steps * accumulate) },
      { keys: { base: this.#options.key.split("step"), from } },
    );
    const finite = metrics.finite!.data;
    const bad = finite.findIndex((flag: number) => flag === 0);
    if (bad >= 0) {
      this.#state = new State(before);
      throw await this.#diagnose(before, from, bad, phases);
    }
    this.#state = state;
    this.#done += steps;
    const single = this.#options.plan.family.phases.length === 1;
    const ofPhases = (metric: string): HostTensor["data"][] =>
      phases.map(({ name }) => metrics[single ? metric : `${name}.${metric}`]!.data);
    const losses = ofPhases("loss").reduce((sums, phase) => sums.map((sum, i) => sum + phase[i]!)) as Float32Array;
    return {
      losses,
      loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      gradientNorm: Math.max(...ofPhases("gradientNorm").flatMap((norms) => [...norms])),
      figures: figuresOf(metrics),
    };
  }

  async release(): Promise<void> {
    for (const step of this.#compiled.values()) await step.release();
  }

  /** The batches of `count` steps, each tensor with a leading axis for them. */
  #stack(from: number, count: number): TreeRecord<HostTensor> {
    const batches = Array.from({ length: count }, (_, i) => this.#options.batches(from + i));
    return zipTrees<HostTensor, HostTensor>(stacked, ...batches) as TreeRecord<HostTensor>;
  }

  /** Repeats the chunk up to the bad batch and looks at every gradient of that one. */
  async #diagnose(
    before: TrainingState<HostTensor>,
    from: number,
    bad: number,
    phases: readonly Phase[],
  ): Promise<NonFiniteError> {
    const { plan, key } = this.#options;
    const base = key.split("step");
    let state = new State(before);
    for (let i = 0; i < bad; i++) {
      const next = await this.#stepOf(phases)(
        { state, batch: this.#stack(from + i, 1) },
        { keys: { base, from: from + i } },
      );
      state = next.state;
    }
    const { params, buffers } = state.read();
    const inspect = compile(
      (inputs: {
        params: TrainingState<Tensor>["params"];
        buffers: TrainingState<Tensor>["buffers"];
        batch: TreeRecord<Tensor>;
      }) => {
        const results = phases.map((phase) => phaseGradients(phase, inputs.params, inputs.buffers, inputs.batch));
        return {
          losses: results.map(({ loss }) => loss),
          // NaN and infinity survive neither: 0 · x is 0 for every number.
          gradients: results.map(
            ({ grads }) => mapTree<Tensor, Tensor>(grads, (g) => g.mul(0).sum()) as TreeRecord<Tensor>,
          ),
        };
      },
    );
    const batch = this.#options.batches(from + bad);
    const found = await inspect({ params, buffers, batch }, { keys: base.at(from + bad) });
    await inspect.release();
    const gradients = found.gradients as readonly TreeRecord<HostTensor>[];
    const brokenParameter = flattenTree<HostTensor>(params).find(([, { data }]) => !data.every(Number.isFinite));
    const badGradient = gradients.flatMap((tree) => flattenTree<HostTensor>(tree)).find(([, sum]) => sum.data[0] !== 0);
    let where = "no single gradient is at fault";
    if (brokenParameter !== undefined) where = `the parameter "${brokenParameter[0]}" has become infinite or NaN`;
    else if (badGradient !== undefined) where = `the first bad gradient is that of "${badGradient[0]}"`;
    const lossIsFinite = (found.losses as readonly HostTensor[]).every(({ data }) => Number.isFinite(data[0]));
    const step = Math.floor((from + bad) / (plan.accumulate ?? 1)) + 1;
    return new NonFiniteError(
      `The ${lossIsFinite ? "gradient" : "loss"} is no longer finite at step ${step}; ${where}`,
      {
        hint: "Lower the learning rate, or clip gradients (training.clip).",
      },
    );
  }
}

/** What phases measure beside the loss and the gradient's norm of all; of several phases, those of each as well. */
const figuresOf = (metrics: StepMetrics<HostTensor>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(metrics)
      .filter(([name]) => !/^(loss|gradientNorm|finite)$/.test(name))
      .map(([name, { data }]) => [name, Array.from(data, Number).reduce((sum, value) => sum + value, 0) / data.length]),
  );

const namesOf = (phases: readonly Phase[]): string => phases.map(({ name }) => name).join();

/** Several turns as one chunk. */
function merged(turns: readonly ChunkMetrics[]): ChunkMetrics {
  const losses = Float32Array.from(turns.flatMap((turn) => [...turn.losses]));
  const names = [...new Set(turns.flatMap(({ figures }) => Object.keys(figures)))];
  const mean = (name: string): number => {
    const among = turns.filter(({ figures }) => figures[name] !== undefined);
    const batches = among.reduce((sum, turn) => sum + turn.losses.length, 0);
    return among.reduce((sum, turn) => sum + turn.figures[name]! * turn.losses.length, 0) / batches;
  };
  return {
    losses,
    loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    gradientNorm: Math.max(...turns.map(({ gradientNorm }) => gradientNorm)),
    figures: Object.fromEntries(names.map((name) => [name, mean(name)])),
  };
}

/** Tensors of one shape, laid on one another. */
function stacked(tensors: readonly HostTensor[]): HostTensor {
  const [{ data, shape, dtype }] = tensors as readonly [HostTensor];
  const all = allocate(dtype, tensors.length * data.length);
  tensors.forEach((tensor, i) => {
    all.set(tensor.data, i * data.length);
  });
  return hostTensor(all, [tensors.length, ...shape]);
}

/** The state as flat maps, one a tree, which checkpoints store. */
export function stateToTrees(state: TrainingState<HostTensor>): Record<string, ReadonlyMap<string, HostTensor>> {
  return Object.fromEntries(
    Object.entries(state).map(([name, tree]) => [
      name,
      new Map(flattenTree<HostTensor>(tree as TreeRecord<HostTensor>)),
    ]),
  );
}

/** The inverse of `stateToTrees`, checked against what the plan needs. @throws {FormatError} */
export function stateFromTrees(
  trees: Readonly<Record<string, ReadonlyMap<string, HostTensor>>>,
  like: TrainingState<HostTensor>,
): TrainingState<HostTensor> {
  const rebuilt = Object.fromEntries(
    Object.entries(like).map(([name, tree]) => {
      const found = trees[name];
      const filled = mapTree<HostTensor, HostTensor>(tree as TreeRecord<HostTensor>, (leaf, path) => {
        const tensor = found?.get(path);
        if (tensor === undefined || tensor.dtype !== leaf.dtype || !equalShapes(tensor.shape, leaf.shape)) {
          throw new FormatError(`The checkpoint has no fitting "${name}/${path}"`, {
            hint: "The recipe was changed since; start a new run instead of resuming.",
          });
        }
        return tensor;
      });
      return [name, filled];
    }),
  );
  // Key by key what `like` has, each leaf checked.
  return rebuilt as unknown as TrainingState<HostTensor>;
}

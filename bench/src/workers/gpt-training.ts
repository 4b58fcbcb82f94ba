/** Training a GPT with the product's own traced step, batch by batch, and evaluating it on a whole split: what both workers are made of. */

import { initialState, type TrainingPlan, trainingStep } from "@atelier/atelier";
import {
  compile,
  type HostTensor,
  hostTensor,
  leavesOf,
  RandomKey,
  Scope,
  State,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { countParameters, type GptConfiguration, gptLoss } from "@atelier/models";

export interface GptTrainingSettings {
  readonly configuration: GptConfiguration;
  readonly plan: TrainingPlan;
  /** Windows in a batch. */
  readonly batch: number;
  /** What to draw batches from. */
  readonly tokens: Int32Array;
  readonly seed: number;
  readonly threads: number;
}

export interface GptTraining {
  readonly parameters: number;
  /** Tracing, differentiating, optimising and compiling the step. */
  readonly compileMilliseconds: number;
  /** One step on a random batch; the loss in nats, before the update. */
  step(): Promise<number>;
  /** Mean loss over all of `tokens`, in windows that do not overlap, from the first; and over how many predictions. */
  evaluate(tokens: Int32Array): Promise<{ readonly loss: number; readonly predictions: number }>;
}

const evaluationWindows = 128;

export async function startGptTraining(settings: GptTrainingSettings): Promise<GptTraining> {
  const { configuration, plan, batch, tokens, threads } = settings;
  const length = configuration.context;
  const key = RandomKey.fromSeed(settings.seed);
  let state = new State(initialState(plan, key.split("parameters")));
  const parameters = countParameters(leavesOf(state.read().params));

  const started = performance.now();
  const takeStep = compile(trainingStep(plan), { donate: ["state"], threads });
  await takeStep.prepare({ state, batch: windowsAt(tokens, new Array<number>(batch).fill(0), length) });
  const compileMilliseconds = performance.now() - started;

  // Compiled when it is first called: a run that never evaluates does not pay for it.
  const lossOf = compile(
    ({ params, inputs, targets }: { params: TreeRecord<Tensor>; inputs: Tensor; targets: Tensor }) => ({
      loss: gptLoss(Scope.over({ params }), configuration, inputs, targets),
    }),
    { threads },
  );

  let steps = 0;
  return {
    parameters,
    compileMilliseconds,
    async step() {
      const draw = key.split("batches").at(steps);
      const starts = Array.from({ length: batch }, (_, row) => draw.at(row).integer(tokens.length - length));
      const result = await takeStep({ state, batch: windowsAt(tokens, starts, length) });
      state = result.state;
      steps += 1;
      return firstOf(result.metrics.loss);
    },
    async evaluate(split) {
      const params = state.read().params.gpt!;
      const windows = Math.floor((split.length - 1) / length);
      const starts = Array.from({ length: windows }, (_, window) => window * length);
      let total = 0;
      for (let first = 0; first < windows; first += evaluationWindows) {
        const some = starts.slice(first, first + evaluationWindows);
        const { loss } = await lossOf({ params, ...windowsAt(split, some, length) });
        total += firstOf(loss) * some.length;
      }
      return { loss: total / windows, predictions: windows * length };
    },
  };
}

/** Windows of `tokens` from each start, and the same one later: (starts, length) each. */
function windowsAt(
  tokens: Int32Array,
  starts: readonly number[],
  length: number,
): { readonly inputs: HostTensor; readonly targets: HostTensor } {
  const inputs = new Int32Array(starts.length * length);
  const targets = new Int32Array(starts.length * length);
  starts.forEach((start, row) => {
    inputs.set(tokens.subarray(start, start + length), row * length);
    targets.set(tokens.subarray(start + 1, start + 1 + length), row * length);
  });
  const shape = [starts.length, length];
  return { inputs: hostTensor(inputs, shape), targets: hostTensor(targets, shape) };
}

function firstOf(tensor: HostTensor | undefined): number {
  return tensor?.data[0] ?? Number.NaN;
}

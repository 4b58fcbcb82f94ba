/** Makes the `Stepper` of a training plan over random pictures: the product's own step, compiled, and run batch by batch. */

import { initialState, type TrainingPlan, trainingStep } from "@atelier/atelier";
import { compile, type HostTensor, hostTensor, leavesOf, RandomKey } from "@atelier/engine";
import { countParameters } from "@atelier/models";
import { WorkerError } from "../errors.js";
import { pictureShape } from "./picture-sizes.js";
import type { Stepper } from "./step-worker.js";
import { versions } from "./versions.js";

const PICTURES = 1024;
const NUMBERS = pictureShape.reduce((product, n) => product * n, 1);

/** Inputs of the step by name: `batch` pictures that were drawn for it, and whatever belongs to them. */
type Batches = (drawn: HostTensor, key: RandomKey) => Record<string, HostTensor>;

export interface PlanStepperOptions {
  /** Pictures in a batch. */
  readonly batch: number;
  readonly inputs: Batches;
  /** The metric that is read. */
  readonly loss: string;
  readonly threads: number;
}

export async function createPlanStepper(
  plan: TrainingPlan,
  { batch, inputs, loss: read, threads }: PlanStepperOptions,
): Promise<Stepper> {
  const key = RandomKey.fromSeed(1337);
  const pictures = key.split("pictures").uniform(new Float32Array(PICTURES * NUMBERS), -1, 1);
  const first = initialState(plan, key.split("weights"));
  const parameters = countParameters(leavesOf<HostTensor>(first.params));
  const batchAt = (step: number): Record<string, HostTensor> => {
    const drawn = key.split("batches").at(step);
    const chosen = new Float32Array(batch * NUMBERS);
    for (let row = 0; row < batch; row++) {
      const at = drawn.at(row).integer(PICTURES) * NUMBERS;
      chosen.set(pictures.subarray(at, at + NUMBERS), row * NUMBERS);
    }
    return inputs(hostTensor(chosen, [batch, ...pictureShape]), drawn);
  };

  const run = compile(trainingStep(plan), { donate: ["state"], threads });
  const started = performance.now();
  await run.prepare({ state: first, batch: batchAt(0) });
  const compileMilliseconds = performance.now() - started;
  let state: Awaited<ReturnType<typeof run>>["state"] | typeof first = first;
  let taken = 0;
  return {
    description: `Atelier on ONNX Runtime, fp32, ${threads} threads, ${parameters.toLocaleString("en")} parameters`,
    versions: versions(),
    compileMilliseconds,
    parameters,
    async steps(count) {
      let loss = Number.NaN;
      for (let i = 0; i < count; i++) {
        const result = await run({ state, batch: batchAt(taken) }, { keys: key.split("draws").at(taken) });
        taken++;
        state = result.state;
        const metric = result.metrics[read];
        if (metric === undefined) throw new WorkerError(`The step has no metric ${read}.`);
        loss = metric.data[0]!;
      }
      return loss;
    },
  };
}

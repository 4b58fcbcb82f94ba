/**
 * Makes the `Stepper` that the rows about picture networks measure: flow matching on random pictures (Lipman et al. 2022), the target being
 * the velocity from picture to noise, through the product's own training step. peers/torch_pictures.py is the same in PyTorch.
 */

import { initialState, type TrainingPlan, trainingStep } from "@atelier/atelier";
import {
  ArgumentError,
  compile,
  type HostTensor,
  hostTensor,
  input,
  leavesOf,
  RandomKey,
  type Scope,
  Tensor,
} from "@atelier/engine";
import { adamw, constantRate, countParameters, embedConditions, type TrainableFamily } from "@atelier/models";
import {
  conditioningWidth,
  type PictureNetwork,
  type PictureSizeName,
  pictureNetworks,
  pictureShape,
} from "./picture-sizes.js";
import type { Stepper } from "./step-worker.js";
import { versions } from "./versions.js";

const PICTURES = 1024;
const NUMBERS = pictureShape.reduce((product, n) => product * n, 1);

export async function createPictureStepper(name: PictureSizeName, threads: number): Promise<Stepper> {
  const network = pictureNetworks[name];
  const { batch } = network;
  const plan: TrainingPlan = {
    family: flowMatching(network),
    optimisers: { denoiser: adamw({ learningRate: 1e-4 }) },
    schedule: constantRate,
    clip: 1,
  };
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
    const time = drawn.split("time").uniform(new Float32Array(batch), 0, 1);
    return { pictures: hostTensor(chosen, [batch, ...pictureShape]), time: hostTensor(time) };
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
        loss = result.metrics.loss!.data[0]!;
      }
      return loss;
    },
  };
}

/** The mean squared error of the velocity noise − picture, predicted from a mixture of the two at a random time. */
function flowMatching({ batch, apply }: PictureNetwork): TrainableFamily {
  const predict = (scope: Scope, x: Tensor, time: Tensor): Tensor => {
    const conditioning = embedConditions(scope, [], {}, { width: conditioningWidth, time: time.mul(1000) });
    return scope.at("network", (s) => apply(s, x, conditioning));
  };
  return {
    name: "flow-matching",
    can: [],
    networks: {
      denoiser: (scope) =>
        predict(scope, input("x", [batch, ...pictureShape], "float32"), input("time", [batch], "float32")),
    },
    phases: [
      {
        name: "velocity",
        every: 1,
        trains: ["denoiser"],
        loss: ({ denoiser }, { pictures, time }) => {
          if (denoiser === undefined || !(pictures instanceof Tensor) || !(time instanceof Tensor)) {
            throw new ArgumentError("flow-matching: a batch has pictures (B, C, H, W) and times (B)");
          }
          const noise = denoiser.random("noise", pictures.shape, { kind: "normal", mean: 0, standardDeviation: 1 });
          const velocity = noise.sub(pictures);
          const mixed = pictures.add(velocity.mul(time.reshape([batch, 1, 1, 1])));
          return { loss: predict(denoiser, mixed, time).sub(velocity).square().mean() };
        },
      },
    ],
  };
}

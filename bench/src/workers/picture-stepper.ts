/**
 * Makes the `Stepper` that the rows about picture networks measure: flow matching on random pictures (Lipman et al. 2022), the target being
 * the velocity from picture to noise, through the product's own training step. peers/torch_pictures.py is the same in PyTorch.
 */

import { ArgumentError, hostTensor, input, type Scope, Tensor } from "@atelier/engine";
import { adamw, constantRate, embedConditions, type TrainableFamily } from "@atelier/models";
import {
  conditioningWidth,
  type PictureNetwork,
  type PictureSizeName,
  pictureNetworks,
  pictureShape,
} from "./picture-sizes.js";
import { createPlanStepper } from "./plan-stepper.js";
import type { Stepper } from "./step-worker.js";

export function createPictureStepper(name: PictureSizeName, threads: number): Promise<Stepper> {
  const network = pictureNetworks[name];
  const { batch } = network;
  const plan = {
    family: flowMatching(network),
    optimisers: { denoiser: adamw({ learningRate: 1e-4 }) },
    schedule: constantRate,
    clip: 1,
  };
  return createPlanStepper(plan, {
    batch,
    inputs: (pictures, key) => ({
      pictures,
      time: hostTensor(key.split("time").uniform(new Float32Array(batch), 0, 1)),
    }),
    loss: "loss",
    threads,
  });
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

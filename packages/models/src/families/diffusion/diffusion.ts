/**
 * The diffusion family (Ho et al. 2020; Karras et al. 2022; flow matching: Lipman et al. 2023): a network learns to take noise of any level
 * from a picture, and a sampler makes a picture of noise by taking it away little by little.
 *
 * B: batch, C, H, W: channels, height and width.
 *
 * @example
 * const family = diffusion(diffusionConfiguration({ shape: [1, 28, 28] }));
 */
import { ArgumentError, input, type Scope, type Tensor } from "@atelier/engine";
import { diffusionTransformer } from "../../backbones/diffusion-transformer.js";
import { unet } from "../../backbones/unet.js";
import { conditionInputs, embedConditions } from "../../conditions/index.js";
import type { TrainableFamily } from "../../family.js";
import { type ConditionValues, picturesOf } from "../picture-batch.js";
import type { DiffusionConfiguration } from "./configuration.js";
import { denoisingLoss, drawRatio } from "./loss.js";
import { precondition, timeOf } from "./prediction.js";

export function diffusion(configuration: DiffusionConfiguration): TrainableFamily {
  const [, height, width] = configuration.shape;
  return {
    name: "diffusion",
    can: ["generate", "edit"],
    networks: {
      denoiser: (scope) =>
        diffusionLoss(
          scope,
          configuration,
          input("x", [1, ...configuration.shape], "float32"),
          conditionInputs(configuration.conditions, 1, [height, width]),
        ),
    },
    phases: [
      {
        name: "denoising",
        every: 1,
        trains: ["denoiser"],
        loss: ({ denoiser: scope }, batch) => {
          if (scope === undefined) throw new ArgumentError('diffusion: the network "denoiser" is missing');
          const { x, values } = picturesOf("diffusion", batch);
          return { loss: diffusionLoss(scope, configuration, x, values) };
        },
      },
    ],
  };
}

/** The loss at noise levels and noise that are drawn as `time` or `level` and `noise`, its mean over the batch. x: (B, C, H, W) */
export function diffusionLoss(
  scope: Scope,
  c: DiffusionConfiguration,
  x: Tensor,
  values: ConditionValues = {},
): Tensor {
  const ratio = drawRatio(scope, c, x.shape[0]!); // (B, 1, 1, 1)
  const noise = scope.random("noise", x.shape, { kind: "normal", mean: 0, standardDeviation: 1 });
  return denoisingLoss(c, x.mul(1 / c.dataDeviation), noise, ratio, (noised) =>
    predict(scope, c, noised, ratio, values),
  );
}

/**
 * The denoiser: what pictures are likely to have been before noise of the deviation σ was added.
 *
 * @param x (B, C, H, W)
 * @param sigma (B), above 0
 * @param values by the names of the conditions, shaped as `Condition` says
 * @param absent by the name of a condition, (B) bool: true in rows that do without it, as guidance needs them
 * @returns (B, C, H, W)
 */
export function diffusionDenoise(
  scope: Scope,
  c: DiffusionConfiguration,
  x: Tensor,
  sigma: Tensor,
  values: ConditionValues = {},
  absent?: Readonly<Record<string, Tensor>>,
): Tensor {
  const ratio = sigma.mul(1 / c.dataDeviation).reshape([-1, 1, 1, 1]);
  const coefficients = precondition(c.prediction, ratio);
  const predicted = predict(scope, c, x.mul(coefficients.in.mul(1 / c.dataDeviation)), ratio, values, absent);
  return x.mul(coefficients.skip).add(predicted.mul(coefficients.out.mul(c.dataDeviation)));
}

/** F(c_in x; c_noise). x: (B, C, H, W), ratio: (B, 1, 1, 1) → (B, C, H, W) */
function predict(
  scope: Scope,
  { backbone, conditions, shape: [channels, height, width] }: DiffusionConfiguration,
  x: Tensor,
  ratio: Tensor,
  values: ConditionValues,
  absent?: Readonly<Record<string, Tensor>>,
): Tensor {
  const conditioning = embedConditions(scope.at("conditions"), conditions, values, {
    // As wide as a transformer; four times the channels of a U-Net (Ho et al. 2020, the authors' code).
    width: backbone.kind === "unet" ? 4 * backbone.channels : backbone.width,
    size: [height, width],
    time: timeOf(ratio).reshape([-1]),
    absent,
  });
  return scope.at("network", (s) =>
    backbone.kind === "unet"
      ? unet(s, { ...backbone, output: channels }, x, conditioning)
      : diffusionTransformer(s, { ...backbone, output: channels }, x, conditioning),
  );
}

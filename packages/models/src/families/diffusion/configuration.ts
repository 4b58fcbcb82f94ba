/** The settings of a diffusion model, their defaults, and the checks that catch impossible ones before anything is built. */
import { ArgumentError } from "@atelier/engine";
import type { DiffusionTransformerConfiguration } from "../../backbones/diffusion-transformer.js";
import type { UnetConfiguration } from "../../backbones/unet.js";
import { type Condition, checkConditions } from "../../conditions/index.js";
import { checkShape, type GridShape, requireWhole } from "../grid-network.js";
import { type Prediction, predictions } from "./prediction.js";
import {
  cosineSchedule,
  type DiscreteSchedule,
  discreteSigmas,
  karrasSigmas,
  linearSchedule,
  type SigmaRange,
} from "./schedules.js";

export interface DiffusionConfiguration {
  /** Channels, height and width of a picture, or of the latent grid of another model. */
  readonly shape: GridShape;
  readonly backbone: DiffusionBackbone;
  readonly prediction: Prediction;
  readonly noise: TrainingNoise;
  readonly weighting: LossWeighting;
  /** The deviation of the data's values around their mean, σ_data. Noise levels of continuous kinds are in proportion to it. */
  readonly dataDeviation: number;
  readonly conditions: readonly Condition[];
}

export type DiffusionBackbone =
  | ({ readonly kind: "unet" } & Omit<UnetConfiguration, "output">)
  | ({ readonly kind: "diffusion-transformer" } & Omit<DiffusionTransformerConfiguration, "output">);

/** How noise levels are drawn while training. */
export type TrainingNoise =
  /** Of `linearSchedule`, each step as often. */
  | { readonly kind: "linear"; readonly steps: number; readonly first: number; readonly last: number }
  /** Of `cosineSchedule`, each step as often. */
  | { readonly kind: "cosine"; readonly steps: number }
  /**
   * log (σ / σ_data) is normal (Karras et al. 2022, section 5: mean −0.5, deviation 1.2 in these units). The time of flow matching is then
   * logit-normal (Esser et al. 2024, "Scaling rectified flow transformers", section 3.1: mean 0, deviation 1).
   */
  | { readonly kind: "log-normal"; readonly mean: number; readonly standardDeviation: number }
  /** The time of flow matching is uniform (Lipman et al. 2023), over the range that is sampled. */
  | { readonly kind: "uniform-time" };

/** What is averaged over noise levels. */
export type LossWeighting =
  /** The squared error of what the network predicts */
  | { readonly kind: "prediction" }
  /** The squared error of ε (Ho et al. 2020, equation 14) */
  | { readonly kind: "epsilon" }
  /** 1 / σ² + 1 / σ_data² times the squared error of x₀ (Karras et al. 2022, table 1). With `v` it is that of the prediction. */
  | { readonly kind: "edm" }
  /** min(SNR, γ) times the squared error of x₀ (Hang et al. 2023, "Efficient diffusion training via min-SNR weighting strategy"; their γ is 5) */
  | { readonly kind: "min-snr"; readonly gamma: number };

export type DiffusionSize = Pick<DiffusionConfiguration, "shape">;

/**
 * A complete configuration. What is left out is as in Karras et al. 2022 (table 1; `v` is their preconditioning), for pictures in [−1, 1],
 * with a U-Net small enough for processors, which attends at its lowest level.
 *
 * @throws {ArgumentError} naming the setting that cannot be; those of the backbone when the network is first built
 */
export function diffusionConfiguration(
  settings: DiffusionSize & Partial<DiffusionConfiguration>,
): DiffusionConfiguration {
  checkShape("diffusion", settings.shape);
  const lowest = Math.ceil(settings.shape[1] / 4);
  const c: DiffusionConfiguration = {
    backbone: { kind: "unet", channels: 32, multipliers: [1, 2, 4], blocks: 1, attention: [lowest] },
    prediction: "v",
    noise: { kind: "log-normal", mean: -0.5, standardDeviation: 1.2 },
    weighting: { kind: "prediction" },
    dataDeviation: 0.5,
    conditions: [],
    ...settings,
  };
  checkConditions(c.conditions);
  if (!predictions.includes(c.prediction)) {
    refuse("prediction", `must be one of ${predictions.join(", ")}, got ${c.prediction}`);
  }
  requirePositive("dataDeviation", c.dataDeviation);
  if (c.weighting.kind === "min-snr") requirePositive("weighting.gamma", c.weighting.gamma);
  if (c.noise.kind === "log-normal") {
    requirePositive("noise.standardDeviation", c.noise.standardDeviation);
    if (!Number.isFinite(c.noise.mean)) refuse("noise.mean", `must be a number, got ${c.noise.mean}`);
  }
  trainingSchedule(c.noise);
  if (c.backbone.kind === "unet") requireWhole("diffusion", { "backbone.channels": c.backbone.channels });
  else requireWhole("diffusion", { "backbone.width": c.backbone.width });
  return c;
}

/** The steps of kinds of noise that have steps; undefined for continuous ones. */
export function trainingSchedule(noise: TrainingNoise): DiscreteSchedule | undefined {
  if (noise.kind === "linear") return linearSchedule(noise);
  if (noise.kind === "cosine") return cosineSchedule(noise);
  return undefined;
}

/** The noise levels between which a model is sampled: those of its training, or 0.004 to 160 σ_data (Karras et al. 2022, table 1). */
export function sigmaRange({ noise, dataDeviation }: DiffusionConfiguration): SigmaRange {
  const schedule = trainingSchedule(noise);
  if (schedule === undefined) return { min: 0.004 * dataDeviation, max: 160 * dataDeviation };
  return { min: schedule.sigmas[0]!, max: schedule.sigmas.at(-1)! };
}

/**
 * The noise levels that suit a model, for so many steps of a sampler: evenly over the steps that it was trained on, as Karras et al. have
 * it where there are none.
 *
 * @throws {ArgumentError} for fewer than one step
 */
export function diffusionSigmas(c: DiffusionConfiguration, steps: number): Float64Array {
  const schedule = trainingSchedule(c.noise);
  return schedule === undefined ? karrasSigmas(steps, sigmaRange(c)) : discreteSigmas(schedule, steps);
}

function requirePositive(setting: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) refuse(setting, `must be a number above 0, got ${value}`);
}

function refuse(setting: string, problem: string): never {
  throw new ArgumentError(`diffusion: ${setting} ${problem}`, { hint: `Change "${setting}" in the recipe.` });
}

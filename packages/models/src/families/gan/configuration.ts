/** The settings of a GAN, their defaults, and the checks that catch impossible ones before anything is built. */
import { ArgumentError } from "@atelier/engine";
import { type Condition, checkConditions } from "../../conditions/index.js";
import {
  type ConvolutionalNetwork,
  checkShape,
  type GridShape,
  type MlpNetwork,
  requireWhole,
} from "../grid-network.js";
import { type Augmentation, augmentations } from "./augmentation.js";

export interface GanConfiguration {
  /** Channels, height and width of a picture. */
  readonly shape: GridShape;
  /** Width of the vector that a picture is drawn from. */
  readonly latent: number;
  readonly generator: GanNetwork;
  /** Without batch norm, since every picture is judged by itself. */
  readonly discriminator: GanNetwork;
  /** `tanh` keeps pictures in (−1, 1); `linear` leaves that to be learnt. */
  readonly output: "linear" | "tanh";
  readonly loss: GanLoss;
  /** Divides the discriminator's weights by their largest singular value (Miyato et al. 2018). */
  readonly spectralNorm: boolean;
  /** None without it. */
  readonly augmentation?: AdaptiveAugmentation | undefined;
  /** What pictures are made and judged beside: labels, vectors or words. */
  readonly conditions: readonly Condition[];
}

/** As in DCGAN (Radford et al. 2015), of residual blocks without norms as in R3GAN, or perceptrons. */
export type GanNetwork = MlpNetwork | ConvolutionalNetwork | ResidualNetwork;

export interface ResidualNetwork {
  readonly kind: "residual";
  /** Channels of each level, the picture's own size first; every further level halves height and width. */
  readonly channels: readonly number[];
  /** Residual blocks of each level; 1 by default. */
  readonly blocks?: number | undefined;
  /** How many times as many channels a block has inside; 2 by default. */
  readonly expansion?: number | undefined;
  /** Into how many groups a block's inner convolution falls (its cardinality, Xie et al. 2017); 1 by default. */
  readonly groups?: number | undefined;
}

export type GanLoss =
  /**
   * Non-saturating (Goodfellow et al. 2014, section 3), with γ/2 · |∇D|² on real pictures (R1, Mescheder et al. 2018) in every n-th step
   * alone, n times as strong there (Karras et al. 2020, "Analyzing and improving the image quality of StyleGAN", section 3.1: every 16).
   * No penalty with γ = 0.
   */
  | { readonly kind: "non-saturating"; readonly gamma: number; readonly every: number }
  /**
   * Wasserstein with λ · (|∇D| − 1)² between real and generated pictures (Gulrajani et al. 2017, algorithm 1: λ = 10). The generator is
   * trained in every n-th step (5 in the paper), the discriminator in each, on a batch of its own.
   */
  | { readonly kind: "wasserstein"; readonly penalty: number; readonly discriminatorSteps: number }
  /** Each real picture against a generated one, with γ/2 · |∇D|² on both (R1 and R2; Huang et al. 2024, section 2). */
  | { readonly kind: "relativistic"; readonly gamma: number };

/** Adaptive discriminator augmentation (Karras et al. 2020, "Training generative adversarial networks with limited data"). */
export interface AdaptiveAugmentation {
  readonly kinds: readonly Augmentation[];
  /** The probability of each kind rises while more than this is r, the mean sign of what is said of real pictures, and falls else. */
  readonly target: number;
  /** Real pictures that it takes to rise from 0 to 1; the paper's 500,000 are for trainings of millions. */
  readonly ramp: number;
}

export type GanSize = Pick<GanConfiguration, "shape">;

/**
 * A complete configuration. What is left out is R3GAN's loss and generator, and a discriminator of strided convolutions, which takes a
 * fraction of the time of one of residual blocks.
 *
 * @throws {ArgumentError} naming the setting that cannot be
 */
export function ganConfiguration(settings: GanSize & Partial<GanConfiguration>): GanConfiguration {
  const c: GanConfiguration = {
    latent: 64,
    generator: { kind: "residual", channels: [8, 32, 64] },
    discriminator: { kind: "convolutional", channels: [32, 64, 128], activation: "leaky-relu" },
    output: "linear",
    loss: { kind: "relativistic", gamma: 0.5 },
    spectralNorm: false,
    conditions: [],
    ...settings,
  };
  checkShape("gan", c.shape);
  requireWhole("gan", { latent: c.latent });
  checkGanNetwork("generator", c.generator, c.shape);
  checkGanNetwork("discriminator", c.discriminator, c.shape);
  checkLoss(c.loss);
  checkAugmentation(c.augmentation);
  checkConditions(c.conditions);
  for (const { name, role, drop } of c.conditions) {
    if (role === "grid") refuse(`conditions.${name}`, "is a grid, and a GAN takes labels, vectors and words");
    if (drop !== 0) refuse(`conditions.${name}.drop`, `must be 0, got ${drop}: a GAN is not guided`);
  }
  if (c.spectralNorm && c.discriminator.kind === "convolutional" && (c.discriminator.blocks ?? 0) > 0) {
    refuse("discriminator.blocks", "must be 0 with spectralNorm: they begin as zeros, which have no norm");
  }
  return c;
}

function checkGanNetwork(name: "generator" | "discriminator", network: GanNetwork, shape: GridShape): void {
  const isMlp = network.kind === "mlp";
  const [setting, widths] = isMlp ? ["hidden", network.hidden] : ["channels", network.channels];
  if (widths.length === 0 && !isMlp) refuse(`${name}.channels`, "needs one level or more");
  widths.forEach((width, i) => {
    requireWhole("gan", { [`${name}.${setting}[${i}]`]: width });
  });
  if (isMlp) return;
  requireWhole("gan", { [`${name}.blocks`]: network.blocks ?? 0 }, 0);
  if (network.kind === "convolutional") {
    if (name === "generator" || network.norm !== "batch") return;
    refuse("discriminator.norm", 'cannot be "batch": every picture is judged by itself');
  }
  const { channels, expansion = 2, groups = 1 } = network;
  requireWhole("gan", { [`${name}.expansion`]: expansion, [`${name}.groups`]: groups });
  const uneven = channels.find((n) => (n * expansion) % groups !== 0);
  if (uneven !== undefined) {
    refuse(`${name}.groups`, `of ${groups} do not divide the ${uneven * expansion} channels inside a block`);
  }
  const [, height, width] = shape;
  const halvings = channels.length - 1;
  if ([height, width].some((n) => n % 2 ** halvings !== 0)) {
    refuse(
      `${name}.channels`,
      `has ${channels.length} levels, and ${height} × ${width} pixels do not bear ${halvings} halvings`,
    );
  }
}

function checkLoss(loss: GanLoss): void {
  if (loss.kind === "wasserstein") {
    requireWhole("gan", { "loss.discriminatorSteps": loss.discriminatorSteps });
    requireNumber("loss.penalty", loss.penalty);
    return;
  }
  requireNumber("loss.gamma", loss.gamma);
  if (loss.kind === "non-saturating") requireWhole("gan", { "loss.every": loss.every });
}

function checkAugmentation(augmentation: AdaptiveAugmentation | undefined): void {
  if (augmentation === undefined) return;
  const { kinds, target, ramp } = augmentation;
  if (kinds.length === 0) refuse("augmentation.kinds", "needs one or more; leave augmentation out for none");
  const odd = kinds.find((kind, i) => !augmentations.includes(kind) || kinds.indexOf(kind) !== i);
  if (odd !== undefined) refuse("augmentation.kinds", `may have each of ${augmentations.join(", ")} once, got ${odd}`);
  if (!(target > -1 && target < 1)) refuse("augmentation.target", `must be between −1 and 1, got ${target}`);
  requireWhole("gan", { "augmentation.ramp": ramp });
}

function requireNumber(setting: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value))) refuse(setting, `must be a number from 0 up, got ${value}`);
}

function refuse(setting: string, problem: string): never {
  throw new ArgumentError(`gan: ${setting} ${problem}`, { hint: `Change "${setting}" in the recipe.` });
}

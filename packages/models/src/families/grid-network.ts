/**
 * The networks that families of pictures choose between, from a picture to a vector and back: perceptrons over all values at once, or
 * convolutions.
 *
 * B: batch, C, H, W: channels, height and width of a picture, Z: width of a vector.
 */
import { ArgumentError, type Scope, type Tensor } from "@atelier/engine";
import { type ConvolutionalConfiguration, convDecoder, convEncoder } from "../backbones/convolutional.js";
import { mlp } from "../backbones/mlp.js";
import type { PictureActivation } from "../backbones/settings.js";
import type { Conditioning } from "../conditions/index.js";
import type { Field } from "../likelihoods/index.js";

export type GridNetwork = MlpNetwork | ConvolutionalNetwork;

export interface MlpNetwork {
  readonly kind: "mlp";
  /** Widths of the hidden layers on the way in; the way out has them the other way round. */
  readonly hidden: readonly number[];
  /** `relu` by default. */
  readonly activation?: PictureActivation | undefined;
}

export interface ConvolutionalNetwork {
  readonly kind: "convolutional";
  /** Channels of each level, the picture's own size first; every level halves height and width. */
  readonly channels: readonly number[];
  /** Residual blocks at the smallest size; 0 by default. */
  readonly blocks?: number | undefined;
  /** `none` by default. A group norm takes away what a group of channels has in common, which a latent vector may have put there. */
  readonly norm?: ConvolutionalConfiguration["norm"] | undefined;
  /** `silu` by default. */
  readonly activation?: PictureActivation | undefined;
}

export type GridShape = readonly [channels: number, height: number, width: number];

/** A network's settings as the backbone takes them. */
export const convolutional = ({
  channels,
  blocks = 0,
  norm = "none",
  activation = "silu",
}: ConvolutionalNetwork): ConvolutionalConfiguration => ({ channels, blocks, norm, activation });

/** x: (B, C, H, W) → (B, width) */
export function encodeGrid(
  scope: Scope,
  network: GridNetwork,
  x: Tensor,
  width: number,
  conditioning: Conditioning = {},
): Tensor {
  if (network.kind === "convolutional") {
    return convEncoder(scope, { ...convolutional(network), output: { vector: width } }, x, conditioning);
  }
  const { hidden, activation = "relu" } = network;
  return mlp(scope, { hidden, activation, output: [width] }, x, conditioning);
}

/** z: (B, Z) → (B, …shape) */
export function decodeGrid(
  scope: Scope,
  network: GridNetwork,
  z: Tensor,
  shape: GridShape,
  conditioning: Conditioning = {},
): Tensor {
  if (network.kind === "convolutional") {
    return convDecoder(scope, { ...convolutional(network), output: shape }, z, conditioning);
  }
  const { hidden, activation = "relu" } = network;
  return mlp(scope, { hidden: [...hidden].reverse(), activation, output: shape }, z, conditioning);
}

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;

/** @throws {ArgumentError} naming the family's setting that is no whole number from 1 up */
export function requireWhole(family: string, settings: Readonly<Record<string, number>>, least = 1): void {
  for (const [setting, value] of Object.entries(settings)) {
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new ArgumentError(`${family}: ${setting} must be a whole number from ${least} up, got ${value}`, {
      hint: `Change "${setting}" in the recipe.`,
    });
  }
}

/** @throws {ArgumentError} for sizes that no picture has */
export function checkShape(family: string, shape: GridShape): void {
  if (!shape.every(isCount)) throw new ArgumentError(`${family}: there is no picture of ${shape.join(" × ")}`);
}

/** @throws {ArgumentError} for sizes that no picture has, and fields that do not add up to the channels */
export function checkGrid(family: string, shape: GridShape, fields: readonly Field[]): void {
  checkShape(family, shape);
  const channels = fields.reduce((sum, field) => sum + field.channels, 0);
  if (channels !== shape[0]) {
    throw new ArgumentError(`${family}: the fields have ${channels} channels together, and the picture ${shape[0]}`);
  }
}

/** @throws {ArgumentError} naming what cannot be */
export function checkNetwork(family: string, network: GridNetwork): void {
  const isMlp = network.kind === "mlp";
  const [setting, widths] = isMlp ? ["hidden", network.hidden] : ["channels", network.channels];
  if ((widths.length === 0 && !isMlp) || !widths.every(isCount)) {
    throw new ArgumentError(`${family}: network.${setting} are whole numbers from 1 up, got [${widths.join(", ")}]`, {
      hint: `Change "network.${setting}" in the recipe.`,
    });
  }
  if (!isMlp) requireWhole(family, { "network.blocks": network.blocks ?? 0 }, 0);
}

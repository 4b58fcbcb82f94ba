/** The settings of a VQ-VAE, their defaults, and the checks that catch impossible ones before anything is built. */
import { ArgumentError } from "@atelier/engine";
import { type ContinuousLikelihood, type Field, gridLikelihood } from "../../likelihoods/index.js";
import { type ConvolutionalNetwork, checkGrid, checkNetwork, type GridShape, requireWhole } from "../grid-network.js";

export interface VqConfiguration {
  /** Channels, height and width of a picture. */
  readonly shape: GridShape;
  /** What the channels are, as the codec says. */
  readonly fields: readonly Field[];
  /** How many codes there are. */
  readonly codes: number;
  /** Width of a code. */
  readonly width: number;
  readonly network: ConvolutionalNetwork;
  /** How continuous fields are distributed; others are categorical. */
  readonly likelihood: ContinuousLikelihood;
  /** Weight of the commitment loss, which holds the encoder to the codes it chose. */
  readonly commitment: number;
  /** What the averages over batches, of which codes are made, keep of themselves. */
  readonly decay: number;
  /** Codes used less often than this share of the even one are taken anew from the batch; 0 for never. */
  readonly revival: number;
}

export type VqSize = Pick<VqConfiguration, "shape" | "fields" | "codes" | "width">;

/**
 * What is left out is as in van den Oord et al. 2017: β = 0.25 and a decay of 0.99 (appendix A.1), two halvings, residual blocks, and
 * squared errors: a Gaussian whose deviation is such that they are divided by about the variance of natural pictures (0.063 where the
 * range is 1), as the authors' code has it.
 *
 * @throws {ArgumentError} naming the setting that cannot be
 */
export function vqConfiguration(settings: VqSize & Partial<VqConfiguration>): VqConfiguration {
  const c: VqConfiguration = {
    network: { kind: "convolutional", channels: [64, 128], blocks: 2 },
    likelihood: { kind: "gaussian", standardDeviation: 0.178 },
    commitment: 0.25,
    decay: 0.99,
    revival: 0.1,
    ...settings,
  };
  checkGrid("vq", c.shape, c.fields);
  checkNetwork("vq", c.network);
  gridLikelihood(c.fields, c.likelihood);
  requireWhole("vq", { width: c.width });
  requireWhole("vq", { codes: c.codes }, 2);
  const refuse = (setting: string, range: string, value: number): never => {
    throw new ArgumentError(`vq: ${setting} must lie in ${range}, got ${value}`, {
      hint: `Change "${setting}" in the recipe.`,
    });
  };
  if (!(c.commitment >= 0 && Number.isFinite(c.commitment))) refuse("commitment", "[0, ∞)", c.commitment);
  if (!(c.decay >= 0 && c.decay < 1)) refuse("decay", "[0, 1)", c.decay);
  if (!(c.revival >= 0 && c.revival < 1)) refuse("revival", "[0, 1)", c.revival);
  return c;
}

/** The grid of codes that a picture becomes: a stream of height · width tokens, each one of `size`. */
export interface CodeGrid {
  readonly height: number;
  readonly width: number;
  readonly size: number;
}

/** Every level of the network halves, rounding up. */
export function vqCodes({ shape: [, height, width], network, codes }: VqConfiguration): CodeGrid {
  const halved = (n: number): number => network.channels.reduce((size) => Math.ceil(size / 2), n);
  return { height: halved(height), width: halved(width), size: codes };
}

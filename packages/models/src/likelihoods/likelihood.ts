/**
 * Likelihoods: how probable a grid (a picture, the columns of a table) is under what a network says about it. Which one follows from the
 * fields of the codec, so that a family never looks at what its numbers stand for.
 *
 * B: rows of the batch, S: the other axes of a grid (height and width of a picture).
 */
import type { Scope, Tensor } from "@atelier/engine";

/** A span of channels of a grid, as codecs describe it. */
export interface Field {
  readonly name: string;
  readonly channels: number;
  readonly kind: "continuous" | "categorical" | "ordinal";
  /** The least and the greatest value that a channel takes. */
  readonly range: readonly [low: number, high: number];
  /** How many evenly spaced values there are from one end of the range to the other; absent where any number can occur. */
  readonly levels?: number | undefined;
}

export interface Likelihood {
  /** Channels of the grid. */
  readonly channels: number;
  /** Channels of the parameters that a network has to give. */
  readonly outputs: number;
  /** x as an encoder is to see it: Bernoulli values in [0, 1], classes one by one; any channels. (B, channels, …S) → (B, any, …S) */
  encoderInput(x: Tensor): Tensor;
  /** log p(x), in nats, summed over all of a grid: parameters (B, outputs, …S), x (B, channels, …S) → (B) */
  logProbability(parameters: Tensor, x: Tensor): Tensor;
  /**
   * The grid to show: the mean (of a discretised logistic the location, of classes the most probable one), brought back into the range of the
   * field. (B, outputs, …S) → (B, channels, …S)
   */
  mean(parameters: Tensor): Tensor;
  /** A grid drawn at random: (B, outputs, …S) → (B, channels, …S). The scope names the draw. */
  sample(scope: Scope, parameters: Tensor): Tensor;
}

/** Sums over all axes but the first: (B, …) → (B) */
export const sumOfEach = (x: Tensor): Tensor => x.reshape([x.shape[0]!, -1]).sum(1);

/** From the range of a field to [0, 1]. */
export const toUnit = (x: Tensor, [low, high]: Field["range"]): Tensor =>
  x.mul(1 / (high - low)).add(-low / (high - low));

/** From [0, 1] to the range of a field. */
export const fromUnit = (x: Tensor, [low, high]: Field["range"]): Tensor => x.mul(high - low).add(low);

/** x, brought back to the range where it lies outside. */
export const within = (x: Tensor, [low, high]: Field["range"]): Tensor => x.maximum(low).minimum(high);

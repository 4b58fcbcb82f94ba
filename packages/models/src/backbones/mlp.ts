/** A multilayer perceptron: a picture, or any tensor, as a plain list of numbers. */
import { concat, type Initializer, type Scope, type Tensor, uniform } from "@atelier/engine";
import type { Conditioning } from "../conditions/embed.js";
import { linear } from "../layers/linear.js";
import { activate, type PictureActivation, requireCounts } from "./settings.js";

export interface MlpConfiguration {
  /** Widths of the hidden layers; none for an affine map. */
  readonly hidden: readonly number[];
  readonly activation: PictureActivation;
  /** Shape of the result without its batch: [width], or [C, H, W] for a picture. */
  readonly output: readonly number[];
}

/**
 * x: (B, …) → (B, …output). A conditioning vector is added to every hidden layer through a layer of its own; a grid joins the input.
 *
 * @throws {ArgumentError} naming the setting that cannot be
 */
export function mlp(
  scope: Scope,
  { hidden, activation, output }: MlpConfiguration,
  x: Tensor,
  { vector, grid }: Conditioning = {},
): Tensor {
  requireCounts("mlp", { hidden }, 0);
  requireCounts("mlp", { output });
  const batch = x.shape[0]!;
  let h = x.reshape([batch, -1]); // (B, N)
  if (grid !== undefined) h = concat([h, grid.reshape([batch, -1])], 1);
  for (const [i, width] of hidden.entries()) {
    h = scope.at("layers").at(i, (s) => {
      const mapped = linear(s, h, width, { bias: true, weight: spread(h.shape[1]!) });
      if (vector === undefined) return activate(mapped, activation);
      const asked = linear(s.at("condition"), vector, width, { bias: false, weight: spread(vector.shape[1]!) });
      return activate(mapped.add(asked), activation);
    });
  }
  const count = output.reduce((product, n) => product * n, 1);
  const result = linear(scope.at("output"), h, count, { bias: true, weight: spread(h.shape[1]!) });
  return result.reshape([batch, ...output]);
}

/** PyTorch's weights of a linear layer. They begin smaller than those that keep the variance, and end at a lower loss in a VAE. */
const spread = (fanIn: number): Initializer => uniform(1 / Math.sqrt(fanIn));

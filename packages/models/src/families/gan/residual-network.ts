/**
 * Residual networks without norms, as R3GAN has them (Huang et al. 2024, "The GAN is dead; long live the GAN! A modern GAN baseline",
 * section 3): blocks of three convolutions (1 × 1, 3 × 3 in groups, 1 × 1) that begin as zeros, with the scale of fix-up initialisation
 * (Zhang et al. 2019) in the place of norms, and bilinear interpolation and averages between levels. Leaky ReLU has the slope 0.2.
 *
 * B: batch, Z: width of a vector, C: channels.
 */
import {
  averagePool,
  concat,
  type Initializer,
  normal,
  resizeBilinear,
  type Scope,
  type Tensor,
  zeros,
} from "@atelier/engine";
import { activate, keeping } from "../../backbones/settings.js";
import { convolution } from "../../layers/convolution.js";
import { linear } from "../../layers/linear.js";
import type { GridShape } from "../grid-network.js";
import type { ResidualNetwork } from "./configuration.js";

/**
 * A basis of the smallest pictures, mixed by z, grows level by level. vector joins z.
 * z: (B, Z), vector: (B, any width) → (B, …shape)
 */
export function residualGenerator(
  scope: Scope,
  network: ResidualNetwork,
  z: Tensor,
  [channels, height, width]: GridShape,
  vector?: Tensor,
): Tensor {
  const levels = network.channels.length;
  const smallest = 2 ** (levels - 1);
  const lowest = network.channels[levels - 1]!;
  const given = vector === undefined ? z : concat([z, vector], 1);
  let h = scope.at("basis", (s) => {
    const basis = s.param("pictures", [lowest, height / smallest, width / smallest], normal(1));
    const mixed = linear(s, given, lowest, { bias: false, weight: keeping(given.shape[1]!) }); // (B, C)
    return mixed.reshape([-1, lowest, 1, 1]).mul(basis);
  });
  for (let level = levels - 1; level >= 0; level--) {
    h = scope.at("levels").at(level, (s) => {
      const fitted = withChannels(s.at("channels"), h, network.channels[level]!);
      const factor = 2 ** level;
      return blocksOf(s, network, resizeBilinear(fitted, [height / factor, width / factor]), zeros);
    });
  }
  return convolution(scope.at("output"), h, { channels, kernel: 1, weight: scaled(1) });
}

/**
 * The other way round. `last` fills the last convolution of every block: zeros, unless something divides by their norm.
 * x: (B, C, H, W) → (B, outputs)
 */
export function residualDiscriminator(
  scope: Scope,
  network: ResidualNetwork,
  x: Tensor,
  outputs: number,
  last: Initializer = zeros,
): Tensor {
  let h = convolution(scope.at("input"), x, { channels: network.channels[0]!, kernel: 1, weight: scaled(1) });
  for (const [level, channels] of network.channels.entries()) {
    h = scope.at("levels").at(level, (s) => {
      const halved = level === 0 ? h : averagePool(h, { kernel: 2 });
      return blocksOf(s, network, withChannels(s.at("channels"), halved, channels), last);
    });
  }
  const [, channels, height, width] = h.shape as [number, number, number, number];
  // One weighted sum over places for each channel.
  const weights = scope.at("basis").param("weight", [channels, height, width], normal(1 / Math.sqrt(height * width)));
  const summed = h.mul(weights).sum([2, 3]); // (B, C)
  return linear(scope.at("output"), summed, outputs, { bias: false, weight: keeping(channels) });
}

/** Another number of channels at every place; x itself where it has that many. */
const withChannels = (scope: Scope, x: Tensor, channels: number): Tensor =>
  x.shape[1] === channels ? x : convolution(scope, x, { channels, kernel: 1, bias: false, weight: scaled(1) });

/** What keeps the variance behind a leaky ReLU of slope 0.2 (He et al. 2015). */
const GAIN = Math.sqrt(2 / (1 + 0.2 ** 2));

/** x: (B, C, H, W) → the same shape, x itself at first where `last` is zeros */
function blocksOf(scope: Scope, network: ResidualNetwork, x: Tensor, last: Initializer): Tensor {
  const { blocks = 1, expansion = 2, groups = 1 } = network;
  const [outer, inner] = [x.shape[1]!, x.shape[1]! * expansion];
  // Fix-up: L^(−1 / (2m − 2)) for L blocks of m = 3 layers in the whole network (Zhang et al. 2019, section 3).
  const weight = scaled(GAIN * (blocks * network.channels.length) ** -0.25);
  let h = x;
  for (let i = 0; i < blocks; i++) {
    h = scope.at("blocks").at(i, (s) => {
      const wide = convolution(s.at("conv1"), h, { channels: inner, kernel: 1, weight });
      const middle = { channels: inner, kernel: 3, padding: 1, groups, weight };
      const seen = convolution(s.at("conv2"), activate(wide, "leaky-relu"), middle);
      const narrow = { channels: outer, kernel: 1, bias: false, weight: last };
      return h.add(convolution(s.at("conv3"), activate(seen, "leaky-relu"), narrow));
    });
  }
  return h;
}

/** Normal, with the deviation gain / √fan-in, of weights (outputs, …inputs). */
export const scaled =
  (gain: number): Initializer =>
  (key, shape) =>
    normal(gain / Math.sqrt(shape.slice(1).reduce((product, n) => product * n, 1)))(key, shape);

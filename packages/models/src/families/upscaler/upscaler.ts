/**
 * Super-resolution by a residual network: convolutions without norms at the small size (Lim et al. 2017, "Enhanced deep residual networks
 * for single image super-resolution", EDSR), whose channels become pixels at the end (Shi et al. 2016). What it makes is added to the small
 * picture enlarged by bilinear interpolation, so that it begins as that.
 *
 * It learns from large pictures alone: the small ones are made of them, as `upscalerSmall` says.
 *
 * B: batch, C, H, W: channels, height and width of the large picture, h, w: those of the small one, F: channels of the network.
 *
 * @example
 * const family = upscaler(upscalerConfiguration({ shape: [3, 64, 64], factor: 2 }));
 */
import {
  ArgumentError,
  averagePool,
  concat,
  type Initializer,
  input,
  resizeBilinear,
  type Scope,
  type Tensor,
  zeros,
} from "@atelier/engine";
import type { TrainableFamily } from "../../family.js";
import { convolution } from "../../layers/convolution.js";
import { pixelShuffle } from "../../layers/pixel-shuffle.js";
import { picturesOf } from "../picture-batch.js";
import type { UpscalerConfiguration } from "./configuration.js";

/** ε of the Charbonnier penalty: 10⁻³ of a range of 1 (Lai et al. 2017, section 3.3), and the range is 2. */
const EPSILON = 2e-3;

export function upscaler(configuration: UpscalerConfiguration): TrainableFamily {
  const { shape, factor } = configuration;
  const [channels, height, width] = shape;
  return {
    name: "upscaler",
    can: ["upscale"],
    networks: {
      upscaler: (scope) =>
        upscalerEnlarge(
          scope,
          configuration,
          input("small", [1, channels, height / factor, width / factor], "float32"),
        ),
    },
    phases: [
      {
        name: "enlarging",
        every: 1,
        trains: ["upscaler"],
        loss: ({ upscaler: scope }, batch) => {
          if (scope === undefined) throw new ArgumentError('upscaler: the network "upscaler" is missing');
          return upscalerLoss(scope, configuration, picturesOf("upscaler", batch).x);
        },
      },
    ],
  };
}

/**
 * The mean of √(error² + ε²) over all values, a smooth |error| (Charbonnier; Lai et al. 2017, "Deep Laplacian pyramid networks for fast and
 * accurate super-resolution", equation 1). Metric: the mean squared error of values in [0, 1]. x: (B, C, H, W) in [−1, 1]
 */
export function upscalerLoss(
  scope: Scope,
  c: UpscalerConfiguration,
  x: Tensor,
): { readonly loss: Tensor; readonly metrics: Readonly<Record<string, Tensor>> } {
  const squares = upscalerEnlarge(scope, c, upscalerSmall(c, x)).sub(x).square();
  return {
    loss: squares
      .add(EPSILON ** 2)
      .sqrt()
      .mean(),
    metrics: { squaredError: squares.mean().mul(0.25) },
  };
}

/**
 * The small picture of a large one: the mean of every `factor`×`factor` square, rounded to one of 256 levels as a file has them. Of pictures
 * with opacity a colour counts as much as it can be seen. x: (B, C, H, W) in [−1, 1] → (B, C, h, w)
 */
export function upscalerSmall({ factor }: UpscalerConfiguration, x: Tensor): Tensor {
  // Of whole numbers, so that a mean halfway between two levels is exactly that, and is rounded up.
  const levels = levelsOf(x);
  const mean = (y: Tensor): Tensor => averagePool(y, { kernel: factor });
  if (x.shape[1] !== 4) return valuesOf(mean(levels).add(0.5).floor());
  const [colour, opacity] = levels.split([3, 1], 1);
  const share = mean(opacity!);
  // The bound is below any opacity that there is: what nothing is seen of is black.
  const seen = mean(colour!.mul(opacity!)).div(share.maximum(1 / 32));
  return valuesOf(concat([seen, share], 1).add(0.5).floor());
}

/** Each value at the nearest of 256 levels in [−1, 1]: what is left of it in a file. */
const toLevels = (x: Tensor): Tensor => valuesOf(levelsOf(x));

/** [−1, 1] → whole numbers from 0 to 255 */
const levelsOf = (x: Tensor): Tensor => x.add(1).mul(127.5).add(0.5).floor().maximum(0).minimum(255);
const valuesOf = (levels: Tensor): Tensor => levels.div(127.5).sub(1);

/** small: (B, C, h, w) of any size → (B, C, factor · h, factor · w), not bounded */
export function upscalerEnlarge(scope: Scope, c: UpscalerConfiguration, small: Tensor): Tensor {
  const [, channels, height, width] = small.shape as [number, number, number, number];
  const conv = (name: Scope, x: Tensor, to: number, weight?: Initializer): Tensor =>
    convolution(name, x, { channels: to, kernel: 3, padding: 1, ...(weight === undefined ? {} : { weight }) });
  const first = conv(scope.at("input"), small, c.channels); // (B, F, h, w)
  let h = first;
  for (let i = 0; i < c.blocks; i++) {
    const block = scope.at("blocks").at(i);
    h = h.add(conv(block.at("conv2"), conv(block.at("conv1"), h, c.channels).relu(), c.channels));
  }
  h = first.add(conv(scope.at("joined"), h, c.channels));
  const detail = conv(scope.at("output"), h, channels * c.factor ** 2, zeros);
  return resizeBilinear(small, [c.factor * height, c.factor * width]).add(pixelShuffle(detail, c.factor));
}

/** The same as a picture: each value at one of 256 levels in [−1, 1]. */
export const upscalerPicture = (scope: Scope, c: UpscalerConfiguration, small: Tensor): Tensor =>
  toLevels(upscalerEnlarge(scope, c, small));

/** How far away, in small pixels, a pixel can be that has a say in what an enlarged one becomes: one for every convolution in a row. */
export const upscalerReach = ({ blocks }: Pick<UpscalerConfiguration, "blocks">): number => 2 * blocks + 3;

/**
 * Convolutional encoder and decoder in the manner of DCGAN (Radford et al. 2015): every level halves, or doubles, height and width, with a
 * norm and an activation. The decoder doubles by transposed convolutions of 4 × 4, whose taps overlap evenly, so that they leave little
 * of a checkerboard (Odena et al. 2016, "Deconvolution and checkerboard artifacts"), at a third of the time of convolutions after
 * repeating pixels.
 *
 * B: batch, Z: width of a vector.
 */
import type { Scope, Tensor } from "@atelier/engine";
import type { Conditioning } from "../conditions/embed.js";
import { batchNorm } from "../layers/batch-norm.js";
import { convolution, transposedConvolution } from "../layers/convolution.js";
import { linear } from "../layers/linear.js";
import { film, pictureNorm } from "./picture-norm.js";
import { resnetBlock } from "./resnet-block.js";
import {
  activate,
  keeping,
  type PictureActivation,
  refuse,
  requireCounts,
  requirePictures,
  withGrid,
} from "./settings.js";

/** What an encoder and its mirrored decoder have in common. */
export interface ConvolutionalConfiguration {
  /** Channels of each level, from the picture inwards; every level has half the height and width of the one before. */
  readonly channels: readonly number[];
  readonly norm: "group" | "batch" | "none";
  readonly activation: PictureActivation;
  /** Residual blocks at the smallest size; 0 by default. */
  readonly blocks?: number;
}

export interface ConvEncoderConfiguration extends ConvolutionalConfiguration {
  /** Width of the resulting vector, or channels of the resulting grid. */
  readonly output: { readonly vector: number } | { readonly grid: number };
}

export interface ConvDecoderConfiguration extends ConvolutionalConfiguration {
  /** Shape of the resulting picture: [C, H, W]. */
  readonly output: readonly [channels: number, height: number, width: number];
}

/**
 * Pictures to vectors or to grids of 1 / 2^levels of their height and width (rounded up). A conditioning vector scales and shifts every
 * level; a grid joins the input.
 *
 * x: (B, C, H, W) → (B, output.vector) or (B, output.grid, h, w)
 *
 * @throws {ArgumentError} naming the setting that cannot be
 */
export function convEncoder(
  scope: Scope,
  c: ConvEncoderConfiguration,
  x: Tensor,
  conditioning: Conditioning = {},
): Tensor {
  requirePictures("convEncoder", x);
  check("convEncoder", c);
  const output = "vector" in c.output ? c.output.vector : c.output.grid;
  requireCounts("convEncoder", { output });
  let h = withGrid(x, conditioning);
  for (const [level, channels] of c.channels.entries()) {
    h = scope.at("levels").at(level, (s) => {
      const halved = convolution(s, h, { channels, kernel: 3, stride: 2, padding: 1 });
      return activate(normalised(s, c, halved, conditioning), c.activation);
    });
  }
  h = residual(scope, c, h, conditioning);
  return scope.at("output", (s) => {
    if ("grid" in c.output) return convolution(s, h, { channels: output, kernel: 1 });
    const flat = h.reshape([h.shape[0]!, -1]);
    return linear(s, flat, output, { bias: true, weight: keeping(flat.shape[1]!) });
  });
}

/**
 * The encoder mirrored: vectors or small grids to pictures. A conditioning vector scales and shifts every level, and a grid joins what each
 * level reads.
 *
 * x: (B, Z), or (B, Z, h, w) with the height and width that the encoder makes of such pictures → (B, …output)
 *
 * @throws {ArgumentError} naming the setting that cannot be
 */
export function convDecoder(
  scope: Scope,
  c: ConvDecoderConfiguration,
  x: Tensor,
  conditioning: Conditioning = {},
): Tensor {
  check("convDecoder", c);
  requireCounts("convDecoder", { output: c.output });
  const [output, ...size] = c.output;
  /** Height and width at every level, the picture's own first. */
  const sizes = [size];
  for (const _ of c.channels) sizes.push(sizes.at(-1)!.map((n) => Math.ceil(n / 2)) as [number, number]);
  const [height, width] = sizes.at(-1)!;
  const inner = c.channels.at(-1)!;

  let h = scope.at("input", (s) => {
    if (x.rank === 2) {
      const mapped = linear(s, x, inner * height! * width!, { bias: true, weight: keeping(x.shape[1]!) });
      return mapped.reshape([x.shape[0]!, inner, height!, width!]);
    }
    if (x.shape[2] !== height || x.shape[3] !== width) {
      refuse("convDecoder", "output", `of ${size.join(" × ")} pixels needs a grid of ${height} × ${width}`);
    }
    return convolution(s, x, { channels: inner, kernel: 1 });
  });
  h = residual(scope, c, h, conditioning);
  for (let level = c.channels.length - 1; level >= 0; level--) {
    h = scope.at("levels").at(level, (s) => {
      const active = withGrid(activate(normalised(s, c, h, conditioning), c.activation), conditioning);
      // The last level writes the picture.
      const channels = level === 0 ? output : c.channels[level - 1]!;
      const doubled = transposedConvolution(s, active, { channels, kernel: 4, stride: 2, padding: 1 });
      return cropped(doubled, sizes[level]!); // odd sizes are one less than twice as many
    });
  }
  return h;
}

/** The upper left part of pictures. */
const cropped = (x: Tensor, size: readonly number[]): Tensor =>
  size.reduce((y, n, i) => (n === y.shape[i + 2] ? y : y.slice(i + 2, 0, n)), x);

function residual(
  scope: Scope,
  { blocks = 0 }: ConvolutionalConfiguration,
  x: Tensor,
  { vector }: Conditioning,
): Tensor {
  let h = x;
  for (let i = 0; i < blocks; i++) {
    h = resnetBlock(scope.at("blocks").at(i), h, vector, { channels: h.shape[1]! });
  }
  return h;
}

/** The norm of a level, and what the conditioning vector makes of it. */
function normalised(scope: Scope, { norm }: ConvolutionalConfiguration, x: Tensor, { vector }: Conditioning): Tensor {
  return scope.at("norm", (s) => {
    if (norm === "group") return pictureNorm(s, x, vector);
    return film(s, norm === "batch" ? batchNorm(s, x) : x, vector);
  });
}

function check(name: string, c: ConvolutionalConfiguration): void {
  requireCounts(name, { channels: c.channels });
  if (c.blocks !== undefined && (!Number.isSafeInteger(c.blocks) || c.blocks < 0)) {
    refuse(name, "blocks", `must be a whole number from 0 up, got ${c.blocks}`);
  }
}

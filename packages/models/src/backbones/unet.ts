/**
 * The U-Net of diffusion models (Ho et al. 2020, appendix B; Dhariwal and Nichol 2021, section 3): residual blocks at falling and then at
 * rising resolution, each of the latter reading what one of the former wrote, with attention where the picture is small.
 *
 * B: batch, C: channels.
 */
import { concat, layerNorm, resizeNearest, type Scope, silu, type Tensor, zeros } from "@atelier/engine";
import type { Conditioning } from "../conditions/embed.js";
import { convolution } from "../layers/convolution.js";
import { pixelShuffle, pixelUnshuffle } from "../layers/pixel-shuffle.js";
import { crossAttention, selfAttention } from "./multi-head-attention.js";
import { pictureNorm } from "./picture-norm.js";
import { resnetBlock } from "./resnet-block.js";
import { refuse, requireCounts, requirePictures, withGrid } from "./settings.js";

export interface UnetConfiguration {
  /**
   * Side of the squares of pixels that become channels first of all, and pixels again in the end; 1 by default. What follows is of the
   * squares: a step costs a fraction, and fine detail comes of few numbers (Luhman and Luhman 2022, "Improving diffusion model efficiency
   * through patching"). Divides height and width.
   */
  readonly patch?: number | undefined;
  /** Channels of the first level. */
  readonly channels: number;
  /** One factor of the channels for each level; every level has half the height and width of the one before. */
  readonly multipliers: readonly number[];
  /** Residual blocks of a level on the way down; one more on the way up. */
  readonly blocks: number;
  /** Heights, in squares, at which every residual block is followed by attention; the middle always has it. */
  readonly attention: readonly number[];
  /** Channels of a head of attention, 64 by default; where there are fewer, there is one head. */
  readonly headWidth?: number;
  /** Inside residual blocks; 0 by default. */
  readonly dropout?: number;
  /** Channels of the result. */
  readonly output: number;
}

const NAME = "unet";

/**
 * x: (B, channels, H, W) of any size → (B, output, H, W), zeros at first. A conditioning vector scales and shifts every residual block, tokens
 * are attended to wherever there is attention, and a grid joins the input.
 *
 * @throws {ArgumentError} naming the setting that cannot be
 */
export function unet(scope: Scope, c: UnetConfiguration, x: Tensor, conditioning: Conditioning): Tensor {
  check(c, x);
  const { vector } = conditioning;
  const { patch = 1 } = c;
  const attentive = (h: Tensor): boolean => c.attention.includes(h.shape[2]!);
  /** A residual block and, where it belongs, attention. */
  const stage = (name: string, h: Tensor, channels: number): Tensor =>
    scope.at(name, (s) => {
      const mixed = resnetBlock(s.at("resnet"), h, vector, { channels, dropout: c.dropout });
      return attentive(mixed) ? attentionBlock(s.at("attention"), c, mixed, conditioning) : mixed;
    });

  const squares = pixelUnshuffle(withGrid(x, conditioning), patch);
  let h = convolution(scope.at("input"), squares, { channels: c.channels, kernel: 3, padding: 1 });
  const skips = [h];
  for (const [level, multiplier] of c.multipliers.entries()) {
    for (let i = 0; i < c.blocks; i++) {
      h = stage(`down.${level}.${i}`, h, c.channels * multiplier);
      skips.push(h);
    }
    if (level < c.multipliers.length - 1) {
      const half = { channels: h.shape[1]!, kernel: 3, stride: 2, padding: 1 };
      h = convolution(scope.at(`down.${level}.smaller`), h, half);
      skips.push(h);
    }
  }

  h = scope.at("middle", (s) => {
    const channels = h.shape[1]!;
    const first = resnetBlock(s.at("resnet1"), h, vector, { channels, dropout: c.dropout });
    const attended = attentionBlock(s.at("attention"), c, first, conditioning);
    return resnetBlock(s.at("resnet2"), attended, vector, { channels, dropout: c.dropout });
  });

  for (const [level, multiplier] of [...c.multipliers.entries()].reverse()) {
    for (let i = 0; i <= c.blocks; i++) {
      h = stage(`up.${level}.${i}`, concat([h, skips.pop()!], 1), c.channels * multiplier);
    }
    if (level > 0) {
      // To the size of what comes next, which is not twice this one where that is odd.
      const size = skips.at(-1)!.shape.slice(2);
      h = convolution(scope.at(`up.${level}.larger`), resizeNearest(h, size), {
        channels: h.shape[1]!,
        kernel: 3,
        padding: 1,
      });
    }
  }
  const made = scope.at("output", (s) => {
    const last = { channels: c.output * patch ** 2, kernel: 3, padding: 1, weight: zeros };
    return convolution(s, silu(pictureNorm(s.at("norm"), h)), last);
  });
  return pixelShuffle(made, patch);
}

/** Pixels attend to each other, then to the tokens, if there are any. (B, C, H, W) → (B, C, H, W), the identity at first */
function attentionBlock(
  scope: Scope,
  { headWidth = 64 }: UnetConfiguration,
  x: Tensor,
  { tokens }: Conditioning,
): Tensor {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const heads = Math.max(1, channels / headWidth);
  const pixels = (of: Tensor): Tensor => of.reshape([batch, channels, height * width]).transpose([0, 2, 1]); // (B, H · W, C)
  let change = selfAttention(scope.at("self"), pixels(pictureNorm(scope.at("norm"), x)), { heads, output: zeros });
  if (tokens !== undefined) {
    const read = layerNorm(pixels(x).add(change));
    change = change.add(crossAttention(scope.at("cross"), read, tokens, { heads, output: zeros }));
  }
  return x.add(change.transpose([0, 2, 1]).reshape([batch, channels, height, width]));
}

function check(c: UnetConfiguration, x: Tensor): void {
  requirePictures(NAME, x);
  const { channels, multipliers, blocks, output, headWidth = 64, dropout = 0, patch = 1 } = c;
  requireCounts(NAME, { channels, multipliers, blocks, headWidth, output, patch });
  const [, , high, across] = x.shape as [number, number, number, number];
  if (high % patch !== 0 || across % patch !== 0) {
    refuse(NAME, "patch", `${patch} does not divide pictures of ${high} × ${across} pixels`);
  }
  requireCounts(NAME, { attention: c.attention }, 0);
  if (!(dropout >= 0 && dropout < 1)) refuse(NAME, "dropout", `must lie in [0, 1), got ${dropout}`);
  const heights = multipliers.map((_, level) => Math.ceil(high / patch / 2 ** level));
  for (const height of c.attention) {
    if (!heights.includes(height)) {
      refuse(NAME, "attention", `names the height ${height}; the levels have ${heights.join(", ")}`);
    }
  }
  for (const multiplier of multipliers) {
    const width = channels * multiplier;
    if (width > headWidth && width % headWidth !== 0) {
      refuse(NAME, "headWidth", `${headWidth} does not divide a level of ${width} channels into heads`);
    }
  }
}

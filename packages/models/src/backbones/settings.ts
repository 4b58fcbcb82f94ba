/** What the backbones for pictures share: checks of their settings, activations, and how grids join a picture. */
import {
  ArgumentError,
  concat,
  describeShape,
  equalShapes,
  gelu,
  type Initializer,
  normal,
  resizeBilinear,
  silu,
  type Tensor,
} from "@atelier/engine";
import type { Conditioning } from "../conditions/embed.js";

export type PictureActivation = "relu" | "leaky-relu" | "silu" | "gelu";

/** Leaky ReLU has the slope 0.2 below zero, as DCGAN (Radford et al. 2015). */
export function activate(x: Tensor, kind: PictureActivation): Tensor {
  switch (kind) {
    case "relu":
      return x.relu();
    case "leaky-relu":
      return x.maximum(x.mul(0.2));
    case "silu":
      return silu(x);
    case "gelu":
      return gelu(x);
  }
}

/** Weights that keep the variance of what they read, of a layer that reads so many numbers for each that it writes. */
export const keeping = (fanIn: number): Initializer => normal(1 / Math.sqrt(fanIn));

/** @throws {ArgumentError} */
export function refuse(backbone: string, setting: string, problem: string): never {
  throw new ArgumentError(`${backbone}: ${setting} ${problem}`, {
    hint: `Change "${setting}" in the model's settings.`,
  });
}

/** Whole numbers from 1 up; a list of them has at least `least` entries. @throws {ArgumentError} naming the setting */
export function requireCounts(
  backbone: string,
  settings: Readonly<Record<string, number | readonly number[]>>,
  least = 1,
): void {
  for (const [setting, value] of Object.entries(settings)) {
    const values = typeof value === "number" ? [value] : value;
    if (values.length < least) refuse(backbone, setting, `needs ${least} or more entries, got none`);
    for (const x of values) {
      if (!Number.isSafeInteger(x) || x < 1) refuse(backbone, setting, `must be a whole number from 1 up, got ${x}`);
    }
  }
}

/** @throws {ArgumentError} for anything but a batch of pictures (B, C, H, W) */
export function requirePictures(backbone: string, x: Tensor): void {
  if (x.rank !== 4) {
    throw new ArgumentError(`${backbone}: pictures (B, C, H, W) are needed, got ${describeShape(x.shape)}`);
  }
}

/** The picture with the conditioning's grid as further channels, resized where it has another size. */
export function withGrid(x: Tensor, { grid }: Conditioning): Tensor {
  if (grid === undefined) return x;
  const size = x.shape.slice(2);
  return concat([x, equalShapes(grid.shape.slice(2), size) ? grid : resizeBilinear(grid, size)], 1);
}

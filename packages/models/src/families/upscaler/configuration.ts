/** The settings of an upscaler, their defaults, and the checks that catch impossible ones before anything is built. */
import { ArgumentError } from "@atelier/engine";
import { checkShape, type GridShape, requireWhole } from "../grid-network.js";

export interface UpscalerConfiguration {
  /** Channels, height and width of the large pictures that it learns from. It enlarges pictures of any size. */
  readonly shape: GridShape;
  /** By how much height and width grow: 2 or 4. */
  readonly factor: number;
  /** Channels of the network. */
  readonly channels: number;
  /** Residual blocks. */
  readonly blocks: number;
}

export type UpscalerSize = Pick<UpscalerConfiguration, "shape">;

/** A complete configuration from the shape. @throws {ArgumentError} naming the setting that cannot be */
export function upscalerConfiguration(settings: UpscalerSize & Partial<UpscalerConfiguration>): UpscalerConfiguration {
  const c: UpscalerConfiguration = { factor: 2, channels: 32, blocks: 4, ...settings };
  checkShape("upscaler", c.shape);
  requireWhole("upscaler", { channels: c.channels });
  requireWhole("upscaler", { blocks: c.blocks }, 0);
  if (c.factor !== 2 && c.factor !== 4) {
    throw new ArgumentError(`upscaler: factor must be 2 or 4, got ${c.factor}`, {
      hint: 'Change "factor" in the recipe.',
    });
  }
  const [, height, width] = c.shape;
  if (height % c.factor !== 0 || width % c.factor !== 0) {
    throw new ArgumentError(`upscaler: a picture of ${width}×${height} has no small one of which it is ${c.factor} ×`, {
      hint: `Set codec.size to a multiple of ${c.factor}.`,
    });
  }
  return c;
}

/** The picture networks whose training steps are measured: a U-Net and a diffusion transformer for RGB pictures of 32 × 32 pixels. */

import type { Scope, Tensor } from "@atelier/engine";
import { type Conditioning, diffusionTransformer, unet } from "@atelier/models";

export const pictureSizeNames = ["unet", "dit"] as const;

export type PictureSizeName = (typeof pictureSizeNames)[number];

/** Width of the conditioning vector. */
export const conditioningWidth = 256;

export const pictureShape = [3, 32, 32] as const;

export interface PictureNetwork {
  readonly batch: number;
  readonly apply: (scope: Scope, x: Tensor, conditioning: Conditioning) => Tensor;
}

/** The U-Net but for its channels out. */
export const unetSettings = { channels: 64, multipliers: [1, 2], blocks: 2, attention: [16] } as const;

export const pictureNetworks: Readonly<Record<PictureSizeName, PictureNetwork>> = {
  unet: {
    batch: 32,
    apply: (scope, x, conditioning) => unet(scope, { ...unetSettings, output: 3 }, x, conditioning),
  },
  dit: {
    batch: 64,
    apply: (scope, x, conditioning) =>
      diffusionTransformer(scope, { patch: 4, layers: 6, heads: 4, width: 256, output: 3 }, x, conditioning),
  },
};

/** How pictures may be changed in training so that they stay what they are. What is left out is not done. */
import { z } from "zod";

export const augmentationSchema = z.strictObject({
  /** The probability that left and right are swapped. Not for writing or digits. */
  flip: z.number().min(0).max(1).optional(),
  /** Moves by up to so many whole pixels, each way in both directions. */
  shift: z.int().min(0).optional(),
  /** Turns by up to so many degrees, either way. */
  rotate: z.number().min(0).max(180).optional(),
  /** Makes larger or smaller by a factor of up to 1 + scale. */
  scale: z.number().min(0).max(4).optional(),
  /** Multiplies brightness by 1 - brightness to 1 + brightness, black being 0. */
  brightness: z.number().min(0).max(1).optional(),
  /** Multiplies the distance from the picture's mean brightness by 1 - contrast to 1 + contrast. */
  contrast: z.number().min(0).max(1).optional(),
  /** Multiplies the distance of each pixel from its grey by 1 - saturation to 1 + saturation. Grey pictures have none. */
  saturation: z.number().min(0).max(1).optional(),
  /** Hides a square of so many pixels, which may lie partly outside (cutout: DeVries & Taylor 2017). */
  cutout: z.int().min(0).optional(),
  /** What is beyond the border: the picture mirrored at its outermost pixels, or these pixels again. */
  border: z.enum(["reflect", "edge"]).default("reflect"),
});

export type Augmentation = Readonly<z.infer<typeof augmentationSchema>>;

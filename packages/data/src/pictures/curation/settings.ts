/**
 * What curation does with pictures. Every setting has a default or may be left out; what is left out is not checked. The defaults remove
 * copies and change nothing else.
 */
import { z } from "zod";

const pixels = z.int().min(1);

export const pictureCurationSchema = z.strictObject({
  /** Least pixels of the shorter side, and most of the longer one, as the file has them. */
  minSide: pixels.optional(),
  maxSide: pixels.optional(),
  /** Greatest ratio of the longer side to the shorter one, as the file has them. */
  maxAspect: z.number().min(1).optional(),
  /** Least contrast: the standard deviation of the values, as a share of their range (RMS contrast, Peli 1990). 0.01 is next to nothing. */
  minContrast: z.number().min(0).max(0.5).optional(),
  /** Removes pictures of which every pixel is that of an earlier one. */
  exact: z.boolean().default(true),
  /**
   * Removes pictures whose similarity to an earlier one (`similarity.ts`) is at least this, or `false` for none: 1 where they differ in
   * brightness and contrast at most, 0.75 where any 64th of them differs by a quarter of a standard deviation.
   */
  near: z.union([z.literal(false), z.number().min(0.5).max(1)]).default(0.75),
  /** Bits of the 64-bit perceptual hash in which pictures may differ to be compared at all. */
  distance: z.int().min(0).max(16).default(8),
});

/** Checked settings, with the defaults filled in. */
export type PictureCuration = Readonly<z.infer<typeof pictureCurationSchema>>;

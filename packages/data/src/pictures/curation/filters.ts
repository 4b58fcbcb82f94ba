/** The filters that look at one picture alone: its size and shape as the file had them, and its contrast. */
import type { Picture } from "../picture.js";
import { contrastOf } from "./contrast.js";
import type { PictureCuration } from "./settings.js";

/** Why a picture is removed. A broken one never came as far as the filters. */
export const pictureRemovalReasons = [
  "broken",
  "too-small",
  "too-large",
  "aspect",
  "uniform",
  "exact-duplicate",
  "near-duplicate",
] as const;
export type PictureRemovalReason = (typeof pictureRemovalReasons)[number];

export interface PictureObjection {
  readonly reason: PictureRemovalReason;
  /** What was found: `12×9 pixels`. */
  readonly found: string;
}

/**
 * The first objection to a picture, or undefined.
 * @param width and @param height as the file had them.
 */
export function objectionTo(
  picture: Picture,
  width: number,
  height: number,
  settings: PictureCuration,
): PictureObjection | undefined {
  const { minSide = 0, maxSide = Infinity, maxAspect = Infinity, minContrast = 0 } = settings;
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  const found = `${width}×${height} pixels`;
  if (shorter < minSide) return { reason: "too-small", found };
  if (longer > maxSide) return { reason: "too-large", found };
  if (longer > maxAspect * shorter) return { reason: "aspect", found };
  if (minContrast > 0) {
    const contrast = contrastOf(picture);
    if (contrast < minContrast) return { reason: "uniform", found: `a contrast of ${contrast.toFixed(3)}` };
  }
  return undefined;
}

/** All families of picture models. */
import { NotFoundError } from "../../storage/index.js";
import type { PictureFamily } from "../picture-family.js";
import { classifierFamily } from "./classifier.js";
import { diffusionFamily } from "./diffusion.js";
import { ganFamily } from "./gan.js";
import { upscalerFamily } from "./upscaler.js";
import { vaeFamily } from "./vae.js";
import { vqFamily } from "./vq.js";

export const pictureFamilies: readonly PictureFamily[] = [
  vaeFamily,
  vqFamily,
  ganFamily,
  diffusionFamily,
  upscalerFamily,
  classifierFamily,
];

/** @throws {NotFoundError} for one that this version does not know. */
export function pictureFamily(name: string): PictureFamily {
  const found = pictureFamilies.find((family) => family.name === name);
  if (found !== undefined) return found;
  throw new NotFoundError(`This version knows no family "${name}" for pictures`, {
    hint: `It knows ${pictureFamilies.map((family) => family.name).join(", ")}; a newer version may know more.`,
  });
}

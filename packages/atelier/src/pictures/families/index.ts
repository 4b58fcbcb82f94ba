/** All families of picture models. */
import { type ImageCodec, loadGridCodec } from "@atelier/data";
import { NotFoundError } from "../../storage/index.js";
import type { GridModel, PictureFamily } from "../picture-family.js";
import { classifierFamily } from "./classifier.js";
import { diffusionFamily } from "./diffusion.js";
import { vaeFamily } from "./vae.js";
import { vqFamily } from "./vq.js";

export const pictureFamilies: readonly PictureFamily[] = [vaeFamily, vqFamily, diffusionFamily, classifierFamily];

/** @throws {NotFoundError} for one that this version does not know. */
export function pictureFamily(name: string): PictureFamily {
  const found = pictureFamilies.find((family) => family.name === name);
  if (found !== undefined) return found;
  throw new NotFoundError(`This version knows no family "${name}" for pictures`, {
    hint: `It knows ${pictureFamilies.map((family) => family.name).join(", ")}; a newer version may know more.`,
  });
}

/** A saved model, from what its files hold. @throws {FormatError} */
export function restorePictureModel(family: string, configuration: unknown, codec: unknown, file: string): GridModel {
  const image: ImageCodec = loadGridCodec(codec);
  return pictureFamily(family).restore(configuration, image, file);
}

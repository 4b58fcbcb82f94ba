/** A saved model of pictures, from what its files hold: over pictures as they are, or over the latents of another model. */
import { loadGridCodec } from "@atelier/data";
import { pictureFamily } from "./families/index.js";
import { holdsLatents, LatentSpace } from "./latents/latent-space.js";
import type { GridModel } from "./picture-family.js";

/** @throws {FormatError} */
export function restorePictureModel(family: string, configuration: unknown, codec: unknown, file: string): GridModel {
  const latents = holdsLatents(codec) ? LatentSpace.load(codec) : undefined;
  return pictureFamily(family).restore(configuration, latents?.image ?? loadGridCodec(codec), file, latents);
}

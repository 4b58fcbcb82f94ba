/** Pixels as features: small, honest, and blind to everything that a trained network sees. Large pictures are averaged down first. */
import {
  ImageCodec as Codec,
  decodePictures,
  type ImageCodec,
  type ImageSettings,
  type PictureSet,
} from "@atelier/data";
import type { Extractor } from "./extractor.js";
import type { Values } from "./picture-family.js";

/** The longer side that pixels are compared at. */
const SIDE = 8;

/** The pictures of a set as another codec has them: resized as its settings say, where the sizes differ. */
export async function asPixels(pictures: PictureSet, codec: ImageCodec): Promise<Values> {
  const [channels, height, width] = codec.spec.shape;
  const all = Array.from({ length: pictures.length }, (_, i) => i);
  if (pictures.channels === channels && pictures.height === height && pictures.width === width) {
    return codec.encode(pictures.rows(all));
  }
  const records = all.map((i) => ({ name: pictures.names[i]!, read: async () => pictures.picture(i) }));
  const { set } = await decodePictures(records, codec.settings);
  return codec.encode(set.rows(all));
}

export function pixelFeatures(form: ImageCodec): Extractor {
  const [channels, height, width] = form.spec.shape;
  const scale = Math.min(1, SIDE / Math.max(height, width));
  const size: [number, number] = [Math.max(1, Math.round(scale * width)), Math.max(1, Math.round(scale * height))];
  const settings: ImageSettings = { ...form.settings, size, fit: "fill", filter: "linear" };
  const codec = new Codec(settings);
  return {
    description: `the pixels themselves, ${size[0]}×${size[1]}×${channels} (no trained network)`,
    resize: scale === 1 ? "none" : `linear to ${size[0]}×${size[1]}`,
    classes: [],
    extract: async (pictures) => ({ features: await asPixels(pictures, codec), width: size[0] * size[1] * channels }),
    release: async () => {},
  };
}

/** What a model of pictures learns from, row by row: the values of pictures, or what stands for them. */
import type { ImageCodec, PictureSet } from "@atelier/data";
import { type PlacedValues, pixelValues } from "./loss-baselines.js";
import type { Values } from "./picture-family.js";

export interface ValueRows extends PlacedValues {
  /** The rows of these pictures, one after another. */
  read(indices: ArrayLike<number>): Values;
}

/** The values of a set's pictures, read where they lie. */
export const pictureRows = (set: PictureSet, codec: ImageCodec): ValueRows => ({
  ...pixelValues(set),
  read: (indices) => codec.encode(set.rows(indices)),
});

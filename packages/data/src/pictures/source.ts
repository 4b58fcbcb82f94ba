/** What people say to name their pictures, in a recipe or on a command line, and what a program has in hand. */
import { z } from "zod";
import type { Picture } from "./picture.js";
import type { PictureSplit } from "./picture-set.js";

export const pictureFileSourceSchema = z.strictObject({
  /** A folder, a list of pictures (.csv, .tsv, .jsonl), an IDX or a CIFAR file, or one picture. */
  path: z.string().min(1),
  /** Goes into the card; default: "not stated". */
  licence: z.string().min(1).optional(),
});

const oneSourceSchema = z.union([z.string().min(1), pictureFileSourceSchema]);

/** A known name or a path, an object that says more, or a list of these, which are put one after another. */
export const pictureSourceSchema = z.union([oneSourceSchema, z.array(oneSourceSchema).min(1)]);

export type PictureFileSource = Readonly<z.infer<typeof pictureFileSourceSchema>>;

export interface GivenPicture {
  /** The bytes of a picture file, or a picture. */
  readonly picture: Uint8Array | Picture;
  /** Default: "picture 1" and so on. */
  readonly name?: string;
  readonly label?: string;
  readonly caption?: string;
  readonly split?: PictureSplit;
}

/** Pictures that a program has in hand. */
export interface GivenPictures {
  readonly pictures: readonly GivenPicture[];
  readonly name?: string;
  readonly origin?: string;
  readonly licence?: string;
}

export type OnePictureSource = string | PictureFileSource | GivenPictures;
export type PictureSource = OnePictureSource | readonly OnePictureSource[];

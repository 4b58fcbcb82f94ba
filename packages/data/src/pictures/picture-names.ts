/** Which files are pictures, by their names, and what the names of folders say. */
import { endingOf } from "../sources/file-kinds.js";
import type { PictureSplit } from "./picture-set.js";

const readable = new Set("png jpg jpeg jfif webp gif svg avif tif tiff".split(" "));
/** Pictures, but of formats that the prebuilt libvips does not read. */
const unreadable = new Set("bmp ico heic heif psd tga jp2 jxl dng cr2 nef arw raw xcf eps".split(" "));

const ending = (path: string): string => (/\.gz$/i.test(path) ? "" : endingOf(path));

export const isPicturePath = (path: string): boolean => readable.has(ending(path));

/** Why a file that is a picture by its name cannot be one here, or undefined. */
export const unreadablePicture = (path: string): string | undefined =>
  unreadable.has(ending(path)) ? `.${ending(path)} is not read: save it as PNG or JPEG` : undefined;

/** What "train", "test", "validation" and their likes stand for: what is not for training is for tests. */
export function splitNamed(name: string): PictureSplit | undefined {
  if (/^train(?:ing)?$/i.test(name)) return "train";
  return /^(?:test(?:ing)?|val|valid|validation|dev|eval|t10k)$/i.test(name) ? "test" : undefined;
}

/** All that a picture file shows, at its own size, and the metadata that it carries. */
import sharp from "sharp";
import { explain, mostPixels } from "./decode-one.js";
import type { Picture } from "./picture.js";

export interface PictureContents {
  /** `png`, `jpeg`, `webp`, `gif`, … */
  readonly format: string;
  /** One, or the frames of an animation, as colour with opacity. */
  readonly frames: readonly Picture[];
  /** The XMP packet. */
  readonly xmp: string | undefined;
}

/** @throws FormatError whose message goes on after the file's name: "is no picture of a known format". */
export async function readPicture(bytes: Uint8Array): Promise<PictureContents> {
  try {
    // The limit counts the pixels of all frames.
    const image = sharp(bytes, { animated: true, limitInputPixels: mostPixels, failOn: "error" });
    const { format, xmp, pages = 1 } = await image.metadata();
    const rgba = image.toColourspace("srgb").ensureAlpha().raw({ depth: "uchar" });
    const { data, info } = await rgba.toBuffer({ resolveWithObject: true });
    const size = data.length / pages;
    const picture = (i: number): Picture => ({
      width: info.width,
      height: size / info.width / 4,
      channels: 4,
      data: data.subarray(i * size, (i + 1) * size),
    });
    return { format, frames: Array.from({ length: pages }, (_, i) => picture(i)), xmp: xmp?.toString("utf8") };
  } catch (error) {
    throw explain(error);
  }
}

/** A picture as a file: PNG, WebP, JPEG or GIF. */
import { animate, encodePicture, type PictureMetadata } from "@atelier/data";
import { preview } from "../preview.js";
import type { Medium } from "./medium.js";
import type { PictureOutput, PictureRecord } from "./output.js";
import { comparePixels, formatOf, hashOfPixels, writePictureFile } from "./picture-file.js";

/** Without a file it is what a PNG would hold. */
const formatFor = (path: string | undefined): PictureRecord["format"] =>
  path === undefined ? "png" : formatOf(path, "picture");

function encode(
  { picture }: PictureOutput,
  format: PictureRecord["format"],
  metadata: PictureMetadata = {},
): Promise<Uint8Array> {
  return format === "gif" ? animate([picture], { format }) : encodePicture(picture, format, metadata);
}

export const picture: Medium<PictureOutput, PictureRecord> = {
  async record(output, path) {
    const format = formatFor(path);
    const sha256 = await hashOfPixels(await encode(output, format));
    return { media: "picture", format, sha256, ...(output.shown === undefined ? {} : { shown: output.shown }) };
  },
  write(path, output, sealed) {
    const format = formatFor(path);
    return writePictureFile(path, format, sealed, (metadata) => encode(output, format, metadata));
  },
  show: (output) => preview(output.picture),
  compare: async (again, { format, sha256 }, saved) => comparePixels(await encode(again, format), sha256, saved),
};

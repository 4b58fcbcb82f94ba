/** Pictures that follow each other, as a file: GIF, or WebP without loss. */
import { animate, type PictureMetadata } from "@atelier/data";
import { preview } from "../preview.js";
import type { Medium } from "./medium.js";
import type { AnimationOutput, AnimationRecord } from "./output.js";
import { comparePixels, formatOf, hashOfPixels, writePictureFile } from "./picture-file.js";

/** Without a file it is what a WebP would hold. */
const formatFor = (path: string | undefined): AnimationRecord["format"] =>
  path === undefined ? "webp" : formatOf(path, "animation");

const encode = (
  { frames, delay, loop = 0 }: AnimationOutput,
  format: AnimationRecord["format"],
  metadata: PictureMetadata = {},
): Promise<Uint8Array> => animate(frames, { format, delay, loop, ...metadata });

export const animation: Medium<AnimationOutput, AnimationRecord> = {
  async record(output, path) {
    const format = formatFor(path);
    return { media: "animation", format, sha256: await hashOfPixels(await encode(output, format)) };
  },
  write(path, output, sealed) {
    const format = formatFor(path);
    return writePictureFile(path, format, sealed, (metadata) => encode(output, format, metadata));
  },
  show: ({ frames }) => preview(frames[0]!),
  compare: async (again, { format, sha256 }, saved) => comparePixels(await encode(again, format), sha256, saved),
};

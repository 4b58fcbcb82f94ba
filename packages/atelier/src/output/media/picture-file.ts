/** What pictures and animations have in common as files: the format by the name's ending, provenance in the metadata, pixels compared. */
import { extname } from "node:path";
import { type Picture, type PictureMetadata, readPicture } from "@atelier/data";
import { ArgumentError, AtelierError } from "@atelier/engine/errors";
import { writeAtomic } from "../../storage/index.js";
import type { SealedProvenance } from "../provenance.js";
import { sha256Of } from "../sha256.js";
import type { Comparison, PixelDifference } from "./medium.js";
import type { PictureRecord } from "./output.js";
import { xmpOf } from "./xmp.js";

type Format = PictureRecord["format"];
const ENDINGS: Readonly<Record<string, Format>> = {
  ".png": "png",
  ".webp": "webp",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".gif": "gif",
};
const FORMATS = { picture: ["png", "webp", "jpeg", "gif"], animation: ["gif", "webp"] } as const;

/** @throws {ArgumentError} for an ending that names no format of this kind of media. */
export function formatOf<Kind extends keyof typeof FORMATS>(path: string, kind: Kind): (typeof FORMATS)[Kind][number] {
  const formats: readonly (typeof FORMATS)[Kind][number][] = FORMATS[kind];
  const ending = extname(path).toLowerCase();
  const found = formats.find((format) => format === ENDINGS[ending]);
  if (found !== undefined) return found;
  const what = kind === "picture" ? "A picture" : "An animation";
  const known = Object.keys(ENDINGS).filter((one) => formats.some((format) => format === ENDINGS[one]));
  throw new ArgumentError(
    `${what} cannot be written as ${ending === "" ? "a file without an ending" : ending}: ${path}`,
    {
      hint: `End the name with ${known.join(", ")}.`,
    },
  );
}

/** Bytes of XMP that a file has room for. In JPEG it is one segment, which libvips leaves out without a word where it is longer. */
const ROOM: Readonly<Record<Format, number>> = {
  png: Number.POSITIVE_INFINITY,
  webp: Number.POSITIVE_INFINITY,
  jpeg: 65_000,
  gif: 0,
};

/** @returns whether the provenance is in the file */
export async function writePictureFile(
  path: string,
  format: Format,
  sealed: SealedProvenance,
  encode: (metadata: PictureMetadata) => Promise<Uint8Array>,
): Promise<boolean> {
  const xmp = xmpOf(sealed);
  const room = Buffer.byteLength(xmp) <= ROOM[format];
  await writeAtomic(path, [await encode(room ? { xmp } : {})]);
  return room;
}

const hashOfFrames = (frames: readonly Picture[]): string =>
  sha256Of(`${frames.length} ${frames[0]?.width} ${frames[0]?.height}\n`, ...frames.map(({ data }) => data));

/** SHA-256 of a line with the number of frames, width and height, and of all frames as red, green, blue and opacity, row by row. */
export const hashOfPixels = async (bytes: Uint8Array): Promise<string> =>
  hashOfFrames((await readPicture(bytes)).frames);

/**
 * Both are compared as their files show them, so that what an encoding loses is lost of both.
 *
 * @param again the file written again. @param recorded hash of the pixels that were saved. @param saved the file that is there
 */
export async function comparePixels(
  again: Uint8Array,
  recorded: string,
  saved: Uint8Array | undefined,
): Promise<Comparison> {
  const now = (await readPicture(again)).frames;
  if (saved === undefined) {
    return { equal: hashOfFrames(now) === recorded, edited: false, contents: again, difference: undefined };
  }
  const before = await framesOf(saved);
  const difference = differenceOf(before, now);
  return { equal: difference === undefined, edited: hashOfFrames(before) !== recorded, contents: again, difference };
}

/** None of a file that is no longer a picture. */
async function framesOf(saved: Uint8Array): Promise<readonly Picture[]> {
  try {
    return (await readPicture(saved)).frames;
  } catch (error) {
    if (AtelierError.isInstance(error)) return [];
    throw error;
  }
}

function differenceOf(before: readonly Picture[], now: readonly Picture[]): PixelDifference | undefined {
  const [old, fresh] = [sizeOf(before), sizeOf(now)];
  if (old !== fresh) return { frame: 0, x: 0, y: 0, before: old, now: fresh };
  let first: PixelDifference | undefined;
  let [pixels, of] = [0, 0];
  for (const [frame, { width, height, data }] of before.entries()) {
    const other = now[frame]!.data;
    of += width * height;
    for (let i = 0; i < width * height; i++) {
      const [was, is] = [colourAt(data, i), colourAt(other, i)];
      if (was === is) continue;
      pixels++;
      first ??= { frame, x: i % width, y: Math.floor(i / width), before: hex(was), now: hex(is) };
    }
  }
  return first === undefined ? undefined : { ...first, pixels, of };
}

function sizeOf(frames: readonly Picture[]): string {
  const [first] = frames;
  if (first === undefined) return "no picture that can be read";
  return `${first.width}×${first.height}${frames.length === 1 ? "" : `, ${frames.length} frames`}`;
}

/** Red, green, blue and opacity as one number. */
const colourAt = (data: Uint8Array, i: number): number =>
  ((data[4 * i]! << 24) | (data[4 * i + 1]! << 16) | (data[4 * i + 2]! << 8) | data[4 * i + 3]!) >>> 0;

const hex = (colour: number): string => `#${colour.toString(16).padStart(8, "0")}`;

/**
 * One picture file to pixels of the wanted size, through libvips (sharp). What would decode to more pixels than anyone means is refused
 * by its header, before memory is taken for it.
 */
import { AtelierError, FormatError } from "@atelier/engine/errors";
import sharp, { type Metadata, type Sharp } from "sharp";
import { type ImageSettings, sizeOf } from "./image-settings.js";
import { checkPicture, type Picture } from "./picture.js";

// Results must not depend on what was decoded before, and the pictures are many: each takes one thread, several at a time.
sharp.cache(false);
sharp.concurrency(1);

/** 100 megapixels: above what cameras make, and 400 MB as decoded pixels. */
export const mostPixels = 100_000_000;

export interface DecodedPicture {
  /** (H, W, C) of the settings' size. */
  readonly data: Uint8Array;
  /** Before it was resized, upright. */
  readonly width: number;
  readonly height: number;
  /** What had to be done beyond resizing: "animated: only its first frame is used". */
  readonly notes: readonly string[];
}

const refuse = (reason: string, cause?: unknown): FormatError =>
  new FormatError(reason, { hint: "Leave the picture out, or save it again.", cause });

/**
 * Why sharp could not read a picture. Only its own words count: libvips adds those of whatever failed last, which, with several pictures
 * decoded at once, may have been another one.
 */
export function explain(error: unknown): FormatError {
  const message = error instanceof Error ? error.message : String(error);
  if (/unsupported image format/i.test(message)) return refuse("is no picture of a known format", error);
  if (/exceeds pixel limit/i.test(message)) return refuse(`would be drawn with more than ${mostPixels} pixels`, error);
  return refuse(/corrupt header/i.test(message) ? "has a broken header" : "is broken or cut off", error);
}

/** Formats by the endings of names. */
const formats: Readonly<Record<string, string>> = {
  ...{ png: "png", webp: "webp", gif: "gif", svg: "svg", avif: "avif" },
  ...{ jpg: "jpeg", jpeg: "jpeg", jfif: "jpeg", tif: "tiff", tiff: "tiff" },
};

const formatOf = ({ format, compression }: Metadata): string => (compression === "av1" ? "avif" : format);

function notesOn(about: Metadata, ending: string): string[] {
  const notes: string[] = [];
  const pages = about.pages ?? 1;
  const format = formatOf(about);
  if (pages > 1)
    notes.push(format === "tiff" ? "several pages: only the first is used" : "animated: only the first frame is used");
  if (about.space === "cmyk") notes.push("CMYK, converted to sRGB");
  if (about.depth !== "uchar") notes.push("more than 8 bits a channel, brought to 8");
  if ((about.orientation ?? 1) > 1) notes.push("turned upright as its EXIF orientation says");
  if (formats[ending] !== undefined && formats[ending] !== format)
    notes.push(`named .${ending}, but is ${format.toUpperCase()}`);
  return notes;
}

/** The dots per inch at which an SVG is drawn so that it needs no enlarging; 72 is its own size. */
function densityOf(about: Metadata, settings: ImageSettings): number {
  const { width, height } = sizeOf(settings);
  const x = width / about.width;
  const y = height / about.height;
  return Math.min(100_000, Math.max(1, 72 * (settings.fit === "contain" ? Math.min(x, y) : Math.max(x, y))));
}

function resized(image: Sharp, settings: ImageSettings): Sharp {
  const { fit, filter, background, channels } = settings;
  const margin = channels === 4 ? { r: 0, g: 0, b: 0, alpha: 0 } : background;
  const { width, height } = sizeOf(settings);
  const upright = channels === 4 ? image : image.flatten({ background });
  const fitted = upright.resize(width, height, { fit, kernel: filter, background: margin, fastShrinkOnLoad: false });
  if (channels === 1) return fitted.toColourspace("b-w");
  return channels === 3 ? fitted.toColourspace("srgb").removeAlpha() : fitted.toColourspace("srgb").ensureAlpha();
}

async function pixels(image: Sharp, settings: ImageSettings): Promise<Uint8Array> {
  const { data, info } = await resized(image, settings).raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  const { width, height } = sizeOf(settings);
  if (info.width !== width || info.height !== height || info.channels !== settings.channels)
    throw refuse(`decodes to ${info.width}×${info.height} with ${info.channels} channels`);
  return data;
}

/** A picture in hand to the settings' size and channels. Where it has both already, its bytes stay as they are. */
async function fromPicture(picture: Picture, settings: ImageSettings): Promise<DecodedPicture> {
  const { width, height, channels, data } = checkPicture(picture);
  const wanted = sizeOf(settings);
  const same = width === wanted.width && height === wanted.height && channels === settings.channels;
  const image = (): Sharp => sharp(data, { raw: { width, height, channels } });
  return { data: same ? data : await pixels(image(), settings), width, height, notes: [] };
}

async function fromFile(bytes: Uint8Array, settings: ImageSettings, ending: string): Promise<DecodedPicture> {
  if (bytes.length === 0) throw refuse("is an empty file");
  // Headers only: no limit, so that the refusal can name the count.
  const about = await sharp(bytes, { limitInputPixels: false }).metadata();
  const { autoOrient } = about;
  // A drawing has no pixels of its own.
  if (about.format !== "svg") {
    const count = about.width * about.height;
    if (count > mostPixels)
      throw refuse(`has ${about.width}×${about.height} = ${count} pixels, more than ${mostPixels}`);
    if (count === 1) throw refuse("has a single pixel");
  }
  const density = about.format === "svg" ? { density: densityOf(about, settings) } : {};
  const image = sharp(bytes, { limitInputPixels: mostPixels, failOn: "error", ...density });
  return {
    data: await pixels(image.autoOrient(), settings),
    width: autoOrient.width,
    height: autoOrient.height,
    notes: notesOn(about, ending),
  };
}

/**
 * A picture at the settings' size. The same bytes give the same pixels on one machine.
 * @param ending of the file's name, lower-case, to be told where it is wrong; "" where there is none.
 * @throws FormatError whose message goes on after the picture's name: "is broken or cut off".
 */
export async function decodeOne(
  content: Uint8Array | Picture,
  settings: ImageSettings,
  ending = "",
): Promise<DecodedPicture> {
  try {
    return content instanceof Uint8Array
      ? await fromFile(content, settings, ending)
      : await fromPicture(content, settings);
  } catch (error) {
    throw AtelierError.isInstance(error) ? error : explain(error);
  }
}

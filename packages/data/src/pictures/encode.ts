/** Pictures to files: PNG and WebP without loss, JPEG for photographs, and animations as GIF or WebP. All but GIF hold an XMP packet. */
import { ArgumentError } from "@atelier/engine/errors";
import sharp, { type Sharp } from "sharp";
import { checkPicture, type Picture } from "./picture.js";
import { withXmpChunk } from "./png-xmp.js";

export type PictureFormat = "png" | "webp" | "jpeg";

const rawImage = ({ width, height, channels, data }: Picture): Sharp =>
  sharp(data, { raw: { width, height, channels } }).toColourspace(channels === 1 ? "b-w" : "srgb");

export interface PictureMetadata {
  /** An XMP packet (ISO 16684-1), which JPEG holds up to 65,000 bytes of. */
  readonly xmp?: string | undefined;
}

const withMetadata = (image: Sharp, { xmp }: PictureMetadata): Sharp =>
  xmp === undefined ? image : image.withXmp(xmp);

/** A picture file. PNG and WebP bring every pixel back (WebP grey as colour); JPEG does not, and lays opacity on white. @throws ArgumentError. */
export async function encodePicture(
  picture: Picture,
  format: PictureFormat = "png",
  metadata: PictureMetadata = {},
): Promise<Uint8Array> {
  const plain = rawImage(checkPicture(picture));
  if (format === "png") {
    const png = await plain.png().toBuffer();
    return metadata.xmp === undefined ? png : withXmpChunk(png, metadata.xmp);
  }
  const image = withMetadata(plain, metadata);
  if (format === "jpeg")
    return image.flatten({ background: "#ffffff" }).jpeg({ quality: 92, chromaSubsampling: "4:4:4" }).toBuffer();
  // `exact`: what is under full transparency stays as it is.
  return image.webp({ lossless: true, exact: true }).toBuffer();
}

export interface Animation extends PictureMetadata {
  /** GIF has 256 colours a frame; WebP is without loss. Default: WebP. */
  readonly format?: "gif" | "webp";
  /** Milliseconds a frame is shown. Default: 100. */
  readonly delay?: number;
  /** How often it is shown; 0, the default, is without end. */
  readonly loop?: number;
}

/**
 * Pictures of one size as the frames of an animation. Equal ones that follow each other become one frame, shown for longer.
 * @throws ArgumentError where there are none, or they differ in size or channels.
 */
export async function animate(
  pictures: readonly Picture[],
  { format = "webp", delay = 100, loop = 0, ...metadata }: Animation = {},
): Promise<Uint8Array> {
  const [first] = pictures;
  if (first === undefined) throw new ArgumentError("There is no picture to animate", { hint: "Give at least one." });
  const { width, height, channels } = first;
  const frames = pictures.map((picture, i) => {
    checkPicture(picture, `Frame ${i + 1}`);
    if (picture.width === width && picture.height === height && picture.channels === channels) return picture.data;
    throw new ArgumentError(
      `Frame ${i + 1} is ${picture.width}×${picture.height}×${picture.channels}, the first ${width}×${height}×${channels}`,
      { hint: "Frames of an animation have one size." },
    );
  });
  // One tall picture that is cut into pages.
  const raw = { width, height: height * frames.length, channels, pageHeight: height };
  const image = withMetadata(sharp(Buffer.concat(frames), { raw }), metadata);
  const delays = new Array<number>(frames.length).fill(delay);
  return format === "gif"
    ? image.gif({ delay: delays, loop, effort: 7 }).toBuffer()
    : image.webp({ delay: delays, loop, lossless: true, exact: true }).toBuffer();
}

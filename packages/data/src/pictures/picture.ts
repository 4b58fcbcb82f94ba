/** A decoded picture: 8 bits a channel, rows from the top, channels interleaved, as screens and picture libraries have it. */
import { ArgumentError } from "@atelier/engine/errors";

/** Grey, red-green-blue, or red-green-blue with opacity (not premultiplied), in sRGB. */
export type PictureChannels = 1 | 3 | 4;

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: PictureChannels;
  /** (H, W, C), the top row first. */
  readonly data: Uint8Array;
}

export const isChannels = (count: number): count is PictureChannels => count === 1 || count === 3 || count === 4;

/** The picture itself, once its data has proved to be of its size. @throws ArgumentError where it has not. */
export function checkPicture(picture: Picture, what = "The picture"): Picture {
  const { width, height, channels, data } = picture;
  const positive = (count: number): boolean => Number.isInteger(count) && count > 0;
  if (!positive(width) || !positive(height) || !isChannels(channels)) {
    throw new ArgumentError(`${what} is ${width}×${height} with ${channels} channels`, {
      hint: "Width and height are whole numbers from 1; a picture has 1, 3 or 4 channels.",
    });
  }
  if (data.length !== width * height * channels) {
    throw new ArgumentError(
      `${what} has ${data.length} bytes, but ${width}×${height} with ${channels} channels takes ${width * height * channels}`,
      { hint: "Give one byte per pixel and channel, row after row." },
    );
  }
  return picture;
}

/**
 * Makes pictures of any size larger. What is larger than a window is done window by window: windows overlap by as much as a pixel can see,
 * so that it comes out as if it had been done in one piece, in memory that does not grow with it.
 */
import { ArgumentError, hostTensor } from "@atelier/engine";
import { type UpscalerConfiguration, upscalerPicture, upscalerReach } from "@atelier/models";
import type { Placement } from "../../families/text-family.js";
import type { ModelState } from "../../training/subject.js";
import { inBatches } from "../in-batches.js";
import type { PictureUpscaler, Values } from "../picture-family.js";
import { RowPass } from "../row-pass.js";

/** Side of a window, in pixels of the small picture: with 32 channels, each layer's values take 8 MB. */
const WINDOW = 256;

/** @param window its side; for tests */
export function upscalerTool(
  c: UpscalerConfiguration,
  state: ModelState,
  on: Placement,
  window = WINDOW,
): PictureUpscaler {
  const pass = new RowPass((scope, { small }) => ({ large: upscalerPicture(scope, c, small!) }), on);
  const [channels] = c.shape;
  const { factor } = c;
  const reach = upscalerReach(c);
  const side = Math.max(window, 2 * reach + 1);
  return {
    factor,
    async enlarge(pictures, { height, width }, options) {
      const each = channels * height * width;
      const count = pictures.length / each;
      if (!Number.isInteger(count)) {
        throw new ArgumentError(
          `${pictures.length} numbers are no whole number of pictures of ${width}×${height} with ${channels} channels`,
          { hint: `The model enlarges pictures of ${channels} channels.` },
        );
      }
      const tiles = windowsOf(height, side, reach).flatMap((y) => windowsOf(width, side, reach).map((x) => ({ x, y })));
      const large: Values = new Float32Array(pictures.length * factor ** 2);
      // One at a time: pictures that are worth enlarging fill the threads by themselves.
      await inBatches(
        count * tiles.length,
        async ({ from }) => {
          const [picture, { x, y }] = [Math.floor(from / tiles.length), tiles[from % tiles.length]!];
          const own = pictures.subarray(picture * each, (picture + 1) * each);
          const values = cut(own, { channels, height, width }, x, y);
          const small = hostTensor(values, [1, channels, y.length, x.length]);
          const made = await pass.run(state, 1, () => ({ small }));
          const target = large.subarray(picture * each * factor ** 2, (picture + 1) * each * factor ** 2);
          paste(made.large as Values, target, { channels, height, width }, factor, x, y);
        },
        options,
        1,
      );
      return large;
    },
    release: () => pass.release(),
  };
}

/** A stretch of one axis that is read, and the part of it that is kept. */
interface Window {
  readonly from: number;
  readonly length: number;
  readonly keepFrom: number;
  readonly keepTo: number;
}

interface Size {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Windows of one length that together keep an axis once, each pixel with all that it can see. @param reach less than half of `side` */
export function windowsOf(length: number, side: number, reach: number): Window[] {
  if (length <= side) return [{ from: 0, length, keepFrom: 0, keepTo: length }];
  const windows: Window[] = [];
  for (let kept = 0; kept < length; kept = windows.at(-1)!.keepTo) {
    const from = Math.min(Math.max(0, kept - reach), length - side);
    const keepTo = from + side === length ? length : from + side - reach;
    windows.push({ from, length: side, keepFrom: kept, keepTo });
  }
  return windows;
}

/** (C, H, W) → what is read of it */
function cut(values: Values, { channels, height, width }: Size, x: Window, y: Window): Values {
  if (x.length === width && y.length === height) return values;
  const out: Values = new Float32Array(channels * y.length * x.length);
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let row = y.from; row < y.from + y.length; row++, at += x.length) {
      const from = (channel * height + row) * width + x.from;
      out.set(values.subarray(from, from + x.length), at);
    }
  }
  return out;
}

/** Puts what is kept of an enlarged window into its place in the enlarged picture. */
function paste(
  made: Values,
  large: Values,
  { channels, height, width }: Size,
  factor: number,
  x: Window,
  y: Window,
): void {
  const [firstX, lastX] = [factor * x.keepFrom, factor * x.keepTo];
  for (let channel = 0; channel < channels; channel++) {
    for (let row = factor * y.keepFrom; row < factor * y.keepTo; row++) {
      const from = (channel * factor * y.length + row - factor * y.from) * factor * x.length - factor * x.from;
      large.set(
        made.subarray(from + firstX, from + lastX),
        (channel * factor * height + row) * factor * width + firstX,
      );
    }
  }
}

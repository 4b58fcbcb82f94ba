/** Pictures changed at random for training: the same batch and key give the same bits, and a row does not depend on the others. */
import { ArgumentError } from "@atelier/engine/errors";
import type { RandomKey } from "@atelier/engine/random";
import { retone } from "./colour.js";
import { place } from "./geometry.js";
import type { Augmentation } from "./settings.js";

/** The numbers drawn for each row, whatever the settings: one more setting in use then changes nothing else. New ones go to the end. */
const drawOrder = ["flip", "right", "down", "turn", "zoom", "brightness", "contrast", "saturation", "hole"] as const;
type Draw = (typeof drawOrder)[number];

/**
 * A changed copy of a batch of pictures.
 *
 * @param batch (B, C, H, W) in [-1, 1].
 * @param key of the step, `root.split("augment").at(step)`; row `i` draws from `key.at(i)`.
 * @throws ArgumentError where the batch is not of that shape.
 */
export function augment(
  batch: Float32Array,
  shape: readonly [rows: number, channels: number, height: number, width: number],
  settings: Augmentation,
  key: RandomKey,
): Float32Array<ArrayBuffer> {
  const [rows, channels, height, width] = shape;
  if (batch.length !== rows * channels * height * width) {
    throw new ArgumentError(`A batch of ${batch.length} numbers does not have the shape ${shape.join("×")}`, {
      hint: "Give pictures as (B, C, H, W), with their shape.",
    });
  }
  const { flip = 0, shift = 0, rotate = 0, scale = 0, cutout = 0, border } = settings;
  const { brightness = 0, contrast = 0, saturation = 0 } = settings;
  const out = new Float32Array(batch.length);
  const size = channels * height * width;
  const drawn = new Float32Array(drawOrder.length);
  for (let row = 0; row < rows; row++) {
    key.at(row).uniform(drawn);
    const draw = (place: Draw): number => drawn[drawOrder.indexOf(place)]!;
    const picture = out.subarray(row * size, (row + 1) * size);
    const placement = {
      flip: draw("flip") < flip,
      radians: (within(draw("turn"), rotate) * Math.PI) / 180,
      factor: (1 + scale) ** within(draw("zoom"), 1),
      right: wholeWithin(draw("right"), shift),
      down: wholeWithin(draw("down"), shift),
    };
    place(batch.subarray(row * size, (row + 1) * size), picture, { channels, height, width }, placement, border);
    retone(picture, channels, {
      brightness: 1 + within(draw("brightness"), brightness),
      contrast: 1 + within(draw("contrast"), contrast),
      saturation: 1 + within(draw("saturation"), saturation),
    });
    if (cutout > 0) hide(picture, height, width, Math.floor(draw("hole") * height * width), cutout);
  }
  return out;
}

/** A number drawn from [0, 1) brought to [-most, most). */
const within = (drawn: number, most: number): number => (2 * drawn - 1) * most;

/** The same for whole numbers, -most … most, all equally likely. */
const wholeWithin = (drawn: number, most: number): number => Math.floor(drawn * (2 * most + 1)) - most;

/** Sets a square about a pixel to 0, the middle of the range. */
function hide(picture: Float32Array, height: number, width: number, centre: number, side: number): void {
  const top = Math.floor(centre / width) - (side >> 1);
  const left = (centre % width) - (side >> 1);
  const from = Math.max(0, left);
  const to = Math.min(width, left + side);
  for (let base = 0; base < picture.length; base += height * width) {
    for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
      picture.fill(0, base + y * width + from, base + y * width + to);
    }
  }
}

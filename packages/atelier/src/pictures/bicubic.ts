/**
 * Bicubic enlarging, what an upscaler has to beat: cubic convolution with a = −½ (Keys 1981, "Cubic convolution interpolation for digital
 * image processing"), pixels taken for squares with their centres at halves, the edge going on beyond the border. It is written out here
 * since sharp's moves the picture by half a large pixel to the right and down, which would be an unfair bar.
 */
import { type Picture, PictureSet } from "@atelier/data";

/** The pictures of a set, `factor` times as wide and high, in whole levels. With opacity, a colour counts as much as it can be seen. */
export function enlargedBicubic(small: PictureSet, factor: number): PictureSet {
  const { channels, names, length } = small;
  const [width, height] = [factor * small.width, factor * small.height];
  const pixels = new Uint8Array(length * width * height * channels);
  for (let i = 0; i < length; i++) pixels.set(enlarged(small.picture(i), factor), i * width * height * channels);
  return new PictureSet({ width, height, channels, pixels, names });
}

/** (H, W, C) → (factor · H, factor · W, C), rounded to levels */
function enlarged({ width, height, channels, data }: Picture, factor: number): Uint8ClampedArray {
  const levels = Float64Array.from(data);
  if (channels === 4) eachPixel(levels, (opacity) => opacity / 255);
  const wide = stretched(levels, { lead: height, length: width, trail: channels }, factor);
  const large = stretched(wide, { lead: 1, length: height, trail: factor * width * channels }, factor);
  if (channels === 4) eachPixel(large, (opacity) => (opacity > 0 ? 255 / opacity : 0));
  return Uint8ClampedArray.from(large);
}

/** Multiplies colours by what follows from the opacity of their pixel. */
function eachPixel(levels: Float64Array, by: (opacity: number) => number): void {
  for (let at = 0; at < levels.length; at += 4) {
    const weight = by(levels[at + 3]!);
    for (let channel = 0; channel < 3; channel++) levels[at + channel]! *= weight;
  }
}

/** (lead, length, trail) → (lead, factor · length, trail) */
function stretched(
  values: Float64Array,
  { lead, length, trail }: Readonly<Record<"lead" | "length" | "trail", number>>,
  factor: number,
): Float64Array {
  const out = new Float64Array(factor * values.length);
  for (let to = 0; to < factor * length; to++) {
    const centre = (to + 0.5) / factor - 0.5;
    const first = Math.floor(centre) - 1;
    for (let from = first; from < first + 4; from++) {
      const weight = cubic(Math.abs(centre - from));
      const inside = Math.min(length - 1, Math.max(0, from));
      for (let i = 0; i < lead; i++) {
        const [source, target] = [(i * length + inside) * trail, (i * factor * length + to) * trail];
        for (let j = 0; j < trail; j++) out[target + j]! += weight * values[source + j]!;
      }
    }
  }
  return out;
}

/** Keys's kernel with a = −½ at a distance below 2 (equation 15). */
const cubic = (t: number): number => (t < 1 ? (1.5 * t - 2.5) * t * t + 1 : ((2.5 - 0.5 * t) * t - 4) * t + 2);

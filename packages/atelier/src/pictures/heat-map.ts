/**
 * Where in a picture something is large, as colours laid over it: viridis (van der Walt and Smith, 2015), in which equal steps of a number
 * look equally large, also to the colour-blind and in print.
 */
import type { Picture } from "@atelier/data";

/** Sixteen of its 256 colours, evenly spaced; between them it is nearly straight. */
const VIRIDIS = [
  0x440154, 0x481a6c, 0x472f7d, 0x414487, 0x39568c, 0x31688e, 0x2a788e, 0x23888e, 0x1f988b, 0x22a884, 0x35b779,
  0x54c568, 0x7ad151, 0xa5db36, 0xd2e21b, 0xfde725,
] as const;

/** Red, green and blue, from 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** From dark violet at 0 through green to yellow at 1; beyond them, the ends. */
export function viridis(value: number): Colour {
  const at = Math.max(0, Math.min(1, value)) * (VIRIDIS.length - 1);
  const below = Math.min(Math.floor(at), VIRIDIS.length - 2);
  const [a, b] = [VIRIDIS[below]!, VIRIDIS[below + 1]!];
  const between = (shift: number): number => {
    const [from, to] = [(a >> shift) & 255, (b >> shift) & 255];
    return Math.round(from + (at - below) * (to - from));
  };
  return [between(16), between(8), between(0)];
}

/** How much of the colours is seen; the rest is the picture in grey, so that one sees what they lie on. */
const OPACITY = 0.7;

/**
 * The picture in grey under the colours of a map.
 *
 * @param map (H, W), one number a pixel
 * @param most what is drawn yellow; 0 is drawn violet
 */
export function heatMap({ width, height, channels, data }: Picture, map: ArrayLike<number>, most: number): Picture {
  const out = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const at = i * channels;
    // Luma of Rec. 601, as for every grey picture here.
    const grey = channels === 1 ? data[at]! : 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    const colour = viridis(most > 0 ? map[i]! / most : 0);
    for (let c = 0; c < 3; c++) out[3 * i + c] = Math.round(OPACITY * colour[c]! + (1 - OPACITY) * grey);
  }
  return { width, height, channels: 3, data: out };
}

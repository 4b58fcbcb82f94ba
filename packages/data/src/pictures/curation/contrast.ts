/** How much a picture's values differ from one another: 0 where all of it is one grey. */
import type { Picture } from "../picture.js";

/**
 * RMS contrast (Peli 1990): the standard deviation of each channel, and of those the greatest, as a share of 255. A picture of one colour
 * has 0, whatever the colour; half black and half white has 0.5, the most there is.
 */
export function contrastOf({ channels, data }: Picture): number {
  const pixels = data.length / channels;
  let greatest = 0;
  for (let channel = 0; channel < channels; channel++) {
    let [sum, squares] = [0, 0];
    for (let i = channel; i < data.length; i += channels) {
      const value = data[i]!;
      sum += value;
      squares += value * value;
    }
    greatest = Math.max(greatest, squares / pixels - (sum / pixels) ** 2);
  }
  return Math.sqrt(greatest) / 255;
}

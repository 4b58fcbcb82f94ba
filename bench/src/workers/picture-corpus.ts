/**
 * Pictures to decode and curate, from a seed: drawings of coloured ovals and boxes on a transparent ground, as emoji are, with what curation
 * looks for planted among them. A file's name begins with what it is.
 */

import type { Picture } from "@atelier/data";
import type { RandomKey } from "@atelier/engine/random";

/** `near` copies are 6 % darker; of `broken` ones the second half is missing. */
export type PlantedPicture = "original" | "exact" | "near" | "broken";

/** How many of each: 3,800 together. */
export const pictureCounts: Readonly<Record<PlantedPicture, number>> = {
  original: 3640,
  exact: 80,
  near: 60,
  broken: 20,
};

/** Pixels of a side. */
export const side = 64;
const shapes = 8;

/** A drawing of its own for every key. */
export function drawing(key: RandomKey): Picture {
  const numbers = new Uint32Array(shapes * 8);
  key.bits(numbers);
  const data = new Uint8Array(side * side * 4);
  for (let shape = 0; shape < shapes; shape++) {
    const draw = (i: number, bound: number): number => Math.floor((numbers[shape * 8 + i]! / 2 ** 32) * bound);
    const [x, y, a, b] = [draw(0, side), draw(1, side), 4 + draw(2, side / 3), 4 + draw(3, side / 3)];
    const colour = [draw(4, 256), draw(5, 256), draw(6, 256), 255];
    const oval = draw(7, 2) === 0;
    for (let row = Math.max(0, y - b); row < Math.min(side, y + b); row++) {
      for (let column = Math.max(0, x - a); column < Math.min(side, x + a); column++) {
        if (oval && ((column - x) / a) ** 2 + ((row - y) / b) ** 2 > 1) continue;
        data.set(colour, (row * side + column) * 4);
      }
    }
  }
  return { width: side, height: side, channels: 4, data };
}

/** The same, a little darker. */
export const darker = ({ data, ...size }: Picture): Picture => ({
  ...size,
  data: data.map((value, i) => (i % 4 === 3 ? value : Math.round(value * 0.94))),
});

import { type PictureChannels, PictureSet } from "@atelier/data";
import { expect, it } from "vitest";
import { enlargedBicubic } from "./bicubic.js";

const set = (width: number, height: number, channels: PictureChannels, pixels: number[]): PictureSet =>
  new PictureSet({ width, height, channels, pixels: Uint8Array.from(pixels) });
const levelsOf = (pictures: PictureSet, place = 0): number[] => [...pictures.picture(place).data];

it("weighs pixels as Keys's kernel does at quarters, alike on both sides of a pixel", () => {
  const row = levelsOf(enlargedBicubic(set(9, 1, 1, [99, 99, 99, 99, 227, 99, 99, 99, 99]), 2)).slice(0, 18);
  // 128 more in the middle; equation 15 at 0.25, 0.75, 1.25 and 1.75, in 128ths.
  const beside = [111, 29, -9, -3].map((weight) => 99 + weight);
  expect(row).toEqual([99, 99, 99, 99, 99, ...[...beside].reverse(), ...beside, 99, 99, 99, 99, 99]);
});

/** 4×4 pixels. */
const PIXELS = [0, 60, 120, 40, 200, 30, 90, 255, 10, 10, 250, 130, 77, 140, 5, 66];
/**
 * PyTorch 2.13.0: `interpolate(mode="bicubic", antialias=True)`, which has a = −½ (without antialias it has −¾), of the pixels with their
 * edge repeated twice around them, that part cut off again.
 */
const TWICE = [
  [0, 0, 42, 82, 119, 107, 46, 18],
  [44, 46, 49, 67, 101, 109, 93, 85],
  [182, 144, 62, 34, 63, 116, 194, 230],
  [185, 140, 44, 29, 93, 158, 224, 255],
  [52, 34, 0, 49, 191, 236, 184, 160],
  [9, 11, 18, 75, 183, 203, 133, 101],
  [55, 71, 106, 105, 70, 58, 71, 77],
  [77, 99, 147, 119, 17, 0, 43, 67],
].flat();

it("is PyTorch's, bounded, with the edge going on beyond the border; for every channel and picture", () => {
  expect(levelsOf(enlargedBicubic(set(4, 4, 1, PIXELS), 2))).toEqual(TWICE);
  const colours = PIXELS.flatMap((level) => [level, 7, 255 - level]);
  const both = enlargedBicubic(set(4, 4, 3, [...new Array(48).fill(5), ...colours]), 2);
  expect(levelsOf(both, 0)).toEqual(new Array(192).fill(5));
  const blue = levelsOf(both, 1).filter((_, i) => i % 3 === 2);
  // What is halfway between levels is rounded to the even one.
  for (const [i, level] of blue.entries()) expect(Math.abs(255 - TWICE[i]! - level)).toBeLessThanOrEqual(1);
  expect(levelsOf(both, 1).filter((_, i) => i % 3 === 1)).toEqual(new Array(64).fill(7));
});

it("by four, keeps what is even, and the middle of what is symmetric", () => {
  const large = enlargedBicubic(set(2, 1, 1, [50, 150]), 4);
  expect([large.width, large.height]).toEqual([8, 4]);
  const row = levelsOf(large).slice(0, 8);
  row.forEach((level, i) => {
    expect(level + row[7 - i]!).toBe(200);
  });
});

it("counts colours as much as they can be seen: what is transparent does not darken its neighbours", () => {
  const seen = [200, 100, 50, 255];
  const large = levelsOf(enlargedBicubic(set(2, 1, 4, [...seen, 0, 0, 0, 0]), 2)).slice(0, 16);
  for (const x of [0, 1, 2]) expect(large.slice(4 * x, 4 * x + 3)).toEqual([200, 100, 50]);
  // In 128ths: 111 − 9 a quarter of a pixel from what is seen, 29 − 3 at three quarters; below 0 and above 255 there is nothing.
  expect([3, 7, 11, 15].map((at) => large[at])).toEqual([
    255,
    Math.round((102 / 128) * 255),
    Math.round((26 / 128) * 255),
    0,
  ]);
});

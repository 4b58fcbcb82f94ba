/** Pictures as half blocks: what each character is coloured with. */
import type { Picture } from "@atelier/data";
import { expect, it } from "vitest";
import { preview } from "./preview.js";

const grey = (width: number, data: readonly number[]): Picture => ({
  width,
  height: data.length / width,
  channels: 1,
  data: Uint8Array.from(data),
});
const cell = (above: string, below: string): string => `\u001b[38;2;${above};48;2;${below}m▀`;
const END = "\u001b[0m\n";

it("two rows of pixels are a row of characters, the upper in the letter's colour and the lower in the ground's", () => {
  const picture: Picture = { width: 1, height: 2, channels: 3, data: Uint8Array.of(1, 2, 3, 250, 251, 252) };
  expect(preview(picture)).toBe(`${cell("1;2;3", "250;251;252")}${END}`);
  expect(preview(grey(2, [10, 20, 30, 40]))).toBe(
    `${cell("10;10;10", "30;30;30")}${cell("20;20;20", "40;40;40")}${END}`,
  );
});

it("an odd last row stands on the terminal's own ground", () => {
  expect(preview(grey(1, [1, 2, 3]))).toBe(`${cell("1;1;1", "2;2;2")}${END}\u001b[38;2;3;3;3;49m▀${END}`);
});

it("what is transparent shows white", () => {
  const picture: Picture = { width: 1, height: 2, channels: 4, data: Uint8Array.of(0, 0, 0, 0, 100, 0, 0, 51) };
  // A fifth of the colour, four fifths of white.
  expect(preview(picture)).toBe(`${cell("255;255;255", "224;204;204")}${END}`);
});

it("a wide picture is made smaller by means, to the columns and never above 64", () => {
  const picture = grey(4, [0, 10, 100, 200, 20, 30, 40, 60]);
  expect(preview(picture, 2)).toBe(`\u001b[38;2;15;15;15;49m▀\u001b[38;2;100;100;100;49m▀${END}`);
  const wide = grey(1000, new Array<number>(1000 * 500).fill(7));
  for (const [columns, characters] of [
    [undefined, 64],
    [40, 40],
    [Number.POSITIVE_INFINITY, 64],
  ] as const) {
    const lines = preview(wide, columns).trimEnd().split("\n");
    expect(lines).toHaveLength(characters / 4);
    for (const line of lines) expect(line.match(/▀/g)).toHaveLength(characters);
    expect(new Set(preview(wide, columns).match(/\d+;\d+;\d+(?=;48|m)/g))).toEqual(new Set(["7;7;7"]));
  }
});

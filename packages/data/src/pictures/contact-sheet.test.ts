import { expect, it } from "vitest";
import { contactSheet } from "./contact-sheet.js";
import type { Picture } from "./picture.js";

const plain = (width: number, height: number, values: readonly number[]): Picture => ({
  width,
  height,
  channels: values.length === 1 ? 1 : values.length === 3 ? 3 : 4,
  data: Uint8Array.from({ length: width * height * values.length }, (_, i) => values[i % values.length]!),
});
const at = ({ width, data }: Picture, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3).slice(0, 3),
];

it("puts pictures of several sizes and channels into cells, over the background", async () => {
  const sheet = await contactSheet([plain(2, 2, [10]), plain(4, 2, [200, 100, 0]), plain(4, 4, [0, 0, 255, 51])], {
    columns: 2,
    gap: 1,
    background: [250, 240, 230],
  });
  // Two cells of 4×4 a row, and a line around each.
  expect([sheet.width, sheet.height, sheet.channels]).toEqual([11, 11, 3]);
  expect(at(sheet, 0, 0)).toEqual([250, 240, 230]);
  expect(at(sheet, 1, 1)).toEqual([250, 240, 230]);
  // The small one is in the middle of its cell.
  expect(at(sheet, 2, 2)).toEqual([10, 10, 10]);
  expect(at(sheet, 3, 3)).toEqual([10, 10, 10]);
  expect(at(sheet, 4, 4)).toEqual([250, 240, 230]);
  expect(at(sheet, 6, 2)).toEqual([200, 100, 0]);
  expect(at(sheet, 9, 3)).toEqual([200, 100, 0]);
  // A fifth of blue, four fifths of the background.
  expect(at(sheet, 1, 6)).toEqual([200, 192, 235]);
  expect(at(sheet, 6, 6)).toEqual([250, 240, 230]);
});

it("enlarges pixels to squares, and makes about a square of many", async () => {
  const picture: Picture = { width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 90) };
  const sheet = await contactSheet([picture], { scale: 3, gap: 0 });
  expect([sheet.width, sheet.height]).toEqual([6, 3]);
  expect([0, 2, 3, 5].map((x) => at(sheet, x, 2)[0])).toEqual([0, 0, 90, 90]);
  const many = await contactSheet(new Array<Picture>(10).fill(picture), { gap: 0 });
  expect([many.width, many.height]).toEqual([8, 3]);
});

it("writes labels under pictures, and nowhere else", async () => {
  const dark = plain(60, 10, [40]);
  const bare = await contactSheet([dark, dark], { columns: 1, background: [0, 0, 0] });
  const sheet = await contactSheet([dark, dark], { columns: 1, background: [0, 0, 0], labels: ["<a & b\u0007>", ""] });
  expect([sheet.width, sheet.height, sheet.channels]).toEqual([bare.width, bare.height + 2 * 14, 3]);
  const bright = (from: number, to: number): number => {
    let count = 0;
    for (let y = from; y < to; y++) for (let x = 0; x < sheet.width; x++) if (at(sheet, x, y)[0]! > 128) count++;
    return count;
  };
  expect(bright(0, 14)).toBe(0);
  expect(bright(14, 28)).toBeGreaterThan(20);
  expect(bright(28, sheet.height)).toBe(0);
  expect(at(sheet, 4, 4)).toEqual([40, 40, 40]);
});

it("refuses what makes no sheet", async () => {
  const picture = plain(2, 2, [0]);
  await expect(contactSheet([])).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(contactSheet([picture], { labels: ["a", "b"] })).rejects.toThrow("1 pictures was given 2 labels");
  await expect(contactSheet([picture], { columns: 0 })).rejects.toThrow("columns");
  await expect(contactSheet([picture], { scale: 1.5 })).rejects.toThrow("scale");
  await expect(contactSheet([picture], { scale: 10_000 })).rejects.toThrow("20008×20008");
  await expect(contactSheet([{ ...picture, width: 3 }])).rejects.toThrow("Picture 0 of the contact sheet");
});

/** Picture files, written and read back: pixels, frames and metadata. */
import { expect, it } from "vitest";
import { animate, encodePicture } from "./encode.js";
import type { Picture } from "./picture.js";
import { readPicture } from "./read-picture.js";

const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/">è &amp; so on</x:xmpmeta>';

/** Colours with opacity, other ones for every seed. */
const colours = (seed: number): Picture => ({
  width: 5,
  height: 3,
  channels: 4,
  data: Uint8Array.from({ length: 60 }, (_, i) => (i * 37 + seed * 11) % 256),
});

it.each(["png", "webp"] as const)(
  "%s holds every pixel, also under full transparency, and the packet",
  async (format) => {
    const picture = colours(1);
    const read = await readPicture(await encodePicture(picture, format, { xmp: XMP }));
    expect(read).toMatchObject({ format, xmp: XMP });
    expect(read.frames.map((frame) => ({ ...frame, data: Uint8Array.from(frame.data) }))).toEqual([picture]);
  },
);

it("a PNG has the packet in a chunk as the standard has it, with a sound checksum", async () => {
  const png = Buffer.from(await encodePicture(colours(1), "png", { xmp: XMP }));
  const at = png.indexOf("iTXt");
  const length = png.readUInt32BE(at - 4);
  const content = png.subarray(at, at + 4 + length);
  expect(content.toString()).toBe(`iTXtXML:com.adobe.xmp\0\0\0\0\0${XMP}`);
  // CRC-32 bit by bit, as the PNG standard defines it (annex D).
  let crc = 0xffffffff;
  for (const byte of content) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  expect(png.readUInt32BE(at + 4 + length)).toBe((crc ^ 0xffffffff) >>> 0);
});

it("grey comes back as colour", async () => {
  const grey: Picture = { width: 2, height: 1, channels: 1, data: Uint8Array.of(7, 200) };
  const { frames, xmp } = await readPicture(await encodePicture(grey));
  expect(xmp).toBeUndefined();
  expect([...frames[0]!.data]).toEqual([7, 7, 7, 255, 200, 200, 200, 255]);
});

it("an animation has its frames, of which equal neighbours are one", async () => {
  const frames = [colours(1), colours(2), colours(2), colours(3)];
  const read = await readPicture(await animate(frames, { xmp: XMP }));
  expect(read.xmp).toBe(XMP);
  expect(read.frames.map(({ data }) => data[0])).toEqual([11, 22, 33]);
  expect(read.frames.map(({ width, height }) => [width, height])).toEqual([
    [5, 3],
    [5, 3],
    [5, 3],
  ]);
  const gif = await readPicture(await animate(frames, { format: "gif", xmp: XMP }));
  expect([gif.format, gif.frames.length, gif.xmp]).toEqual(["gif", 3, undefined]);
});

it.each<[string, () => Promise<Uint8Array>, RegExp]>([
  ["what is no picture", async () => new TextEncoder().encode("no picture at all"), /no picture of a known format/],
  ["one that is cut off", async () => (await encodePicture(colours(1))).subarray(0, 90), /^is broken or cut off/],
])("refuses %s", async (_, bytes, says) => {
  await expect(readPicture(await bytes())).rejects.toMatchObject({
    code: "BAD_FORMAT",
    message: expect.stringMatching(says),
  });
});

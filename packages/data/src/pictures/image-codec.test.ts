import fc from "fast-check";
import { expect, it } from "vitest";
import { ImageCodec, loadGridCodec } from "./image-codec.js";

it("lays pictures out channel by channel, from -1 to 1", () => {
  const codec = new ImageCodec({ size: [2, 1] });
  expect(codec.spec.shape).toEqual([3, 1, 2]);
  // Two pixels: (0, 255, 51) and (102, 0, 255).
  const values = codec.encode(Uint8Array.of(0, 255, 51, 102, 0, 255));
  expect([...values]).toEqual([-1, -0.2, 1, -1, -0.6, 1].map(Math.fround));
});

it("brings every level of every place back", () => {
  const sizes = fc.record({
    width: fc.integer({ min: 1, max: 5 }),
    height: fc.integer({ min: 1, max: 5 }),
    channels: fc.constantFrom(1 as const, 3 as const, 4 as const),
    count: fc.integer({ min: 0, max: 3 }),
    seed: fc.integer({ min: 0, max: 255 }),
  });
  fc.assert(
    fc.property(sizes, ({ width, height, channels, count, seed }) => {
      const codec = loadGridCodec(JSON.parse(JSON.stringify(new ImageCodec({ size: [width, height], channels }))));
      const one = width * height * channels;
      const bytes = Uint8Array.from({ length: one * count }, (_, i) => (seed + 37 * i) % 256);
      const pictures = codec.decode(codec.encode(bytes));
      expect(pictures.flatMap(({ data }) => [...data])).toEqual([...bytes]);
      expect(pictures.every((each) => each.width === width && each.height === height)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it("takes the nearest level, and the ends for what is beyond them", () => {
  const codec = new ImageCodec({ size: [7, 1], channels: 1 });
  // A level is 1 / 127.5 = 0.00784 wide; 0 lies between 127 and 128.
  const values = Float32Array.of(-3, 9, 0.0039, -0.0041, -1 + 0.0038, Number.POSITIVE_INFINITY, Number.NaN);
  expect([...codec.decode(values)[0]!.data]).toEqual([0, 255, 128, 127, 0, 255, 0]);
});

it("says what is wrong with settings, files and counts", () => {
  expect(() => new ImageCodec({ size: 0 })).toThrow(/settings are wrong: size/);
  expect(() => new ImageCodec({ size: 8, background: "white" })).toThrow(/background/);
  expect(() => loadGridCodec({ kind: "grid", codec: "image", size: 8, channels: 2 })).toThrow(/channels/);
  expect(() => new ImageCodec({ size: 8 }).encode(new Uint8Array(100))).toThrow(/no whole number of pictures/);
});

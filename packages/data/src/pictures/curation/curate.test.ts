import { RandomKey } from "@atelier/engine/random";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Picture } from "../picture.js";
import { PictureSet } from "../picture-set.js";
import { contrastOf } from "./contrast.js";
import { curatePictures } from "./curate.js";
import { type PictureCuration, pictureCurationSchema } from "./settings.js";

const root = RandomKey.fromSeed(7);
const settings = (given: object = {}): PictureCuration => pictureCurationSchema.parse(given);

/** A photograph's stand-in, 96×96: coloured discs over a gradient, different for every seed. */
function scene(seed: number): Picture {
  const side = 96;
  const drawn = root.at(seed).uniform(new Float32Array(100));
  const at = (i: number): number => drawn[i]!;
  const discs = Array.from({ length: 8 }, (_, i) => ({
    x: at(6 * i) * side,
    y: at(6 * i + 1) * side,
    radius: (0.1 + 0.25 * at(6 * i + 2)) * side,
    colour: [at(6 * i + 3), at(6 * i + 4), at(6 * i + 5)].map((value) => 20 + 200 * value),
  }));
  const data = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const disc = discs.findLast((each) => Math.hypot(each.x - x, each.y - y) < each.radius);
      const ground = 40 + (120 * (at(90) * x + at(91) * y)) / side;
      data.set(disc?.colour ?? [ground, ground, ground], (y * side + x) * 3);
    }
  }
  return { width: side, height: side, channels: 3, data };
}

const image = ({ data, ...raw }: Picture) => sharp(data, { raw });

async function asSet(
  files: readonly (Buffer | Uint8Array)[],
  names: readonly string[],
  side = 32,
): Promise<PictureSet> {
  const pixels = new Uint8Array(files.length * side * side * 3);
  for (const [i, file] of files.entries()) {
    const decoded = await sharp(file).removeAlpha().resize(side, side, { fit: "fill" }).raw().toBuffer();
    pixels.set(decoded, i * side * side * 3);
  }
  return new PictureSet({ width: side, height: side, channels: 3, pixels, names });
}

describe("copies", () => {
  it("finds those that are compressed, resized or brighter, and no other pictures", async () => {
    const scenes = Array.from({ length: 40 }, (_, i) => scene(i));
    const files: Buffer[] = [];
    const names: string[] = [];
    const add = (name: string, file: Buffer): void => {
      files.push(file);
      names.push(name);
    };
    for (const [i, picture] of scenes.entries()) add(`scene ${i}`, await image(picture).png().toBuffer());
    const changes: Record<string, (picture: Picture) => Promise<Buffer>> = {
      "JPEG 60": (picture) => image(picture).jpeg({ quality: 60 }).toBuffer(),
      half: (picture) => image(picture).resize(48, 48).png().toBuffer(),
      double: (picture) => image(picture).resize(192, 192).webp({ quality: 70 }).toBuffer(),
      darker: (picture) => image(picture).linear(0.8, 0).png().toBuffer(),
      paler: (picture) => image(picture).linear(0.85, 30).png().toBuffer(),
    };
    for (const [change, make] of Object.entries(changes)) {
      for (const [i, picture] of scenes.entries()) add(`${change} of ${i}`, await make(picture));
    }
    const set = await asSet(files, names);
    const { keep, copies, report } = await curatePictures(set, settings());
    const first = Array.from({ length: scenes.length }, (_, i) => i);
    // No scene is taken for another …
    expect([...keep].slice(0, scenes.length)).toEqual(first);
    // … every copy is removed in favour of its own scene …
    for (const { index, kept } of copies) expect(kept).toBe(index % scenes.length);
    // … and of each change, 95 of 100 are found.
    for (const change of Object.keys(changes)) {
      const found = copies.filter(({ index }) => names[index]!.startsWith(change)).length;
      expect(found, change).toBeGreaterThanOrEqual(0.95 * scenes.length);
    }
    expect(report.input).toEqual({ pictures: files.length });
    expect(report.output).toEqual({ pictures: keep.length });
    expect(report.removed["near-duplicate"]?.pictures).toBe(files.length - keep.length);
  });

  it("removes exact ones first, in favour of what is kept", async () => {
    const [a, b] = [await image(scene(1)).png().toBuffer(), await image(scene(2)).png().toBuffer()];
    const near = await image(scene(1)).jpeg({ quality: 60 }).toBuffer();
    const set = await asSet([a, near, b, a, near], ["a", "near", "b", "twin", "twin of near"]);
    const { keep, copies, report } = await curatePictures(set, settings());
    expect([...keep]).toEqual([0, 2]);
    expect(copies.map(({ index, kept }) => [index, kept])).toEqual([
      [1, 0],
      [3, 0],
      [4, 0],
    ]);
    expect(report.removed["exact-duplicate"]).toEqual({
      pictures: 2,
      examples: [
        { name: "twin", kept: "a", similarity: 1 },
        { name: "twin of near", kept: "a", similarity: 1 },
      ],
    });
    expect(report.removed["near-duplicate"]?.examples).toMatchObject([{ name: "near", kept: "a" }]);
    const exactOnly = await curatePictures(set, settings({ near: false }));
    expect([...exactOnly.keep]).toEqual([0, 1, 2]);
    const nothing = await curatePictures(set, settings({ near: false, exact: false }));
    expect(nothing.keep.length).toBe(5);
  });

  it("tells pictures apart that differ in colour only", async () => {
    // Stripes of the same brightness, so that a hash of grey values sees one picture.
    const stripes = (left: number[], right: number[]): Uint8Array =>
      Uint8Array.from(Array.from({ length: 16 * 16 }, (_, i) => (i % 16 < 8 ? left : right)).flat());
    const pixels = new Uint8Array(2 * 768);
    pixels.set(stripes([200, 0, 0], [255, 255, 255]), 0); // Grey 59.8 beside 255
    pixels.set(stripes([0, 102, 0], [255, 255, 255]), 768); // Grey 59.9 beside 255
    const set = new PictureSet({ width: 16, height: 16, channels: 3, pixels });
    expect((await curatePictures(set, settings())).keep.length).toBe(2);
  });

  it("keeps greys of their own apart, and does the same again", async () => {
    const levels = [0, 128, 255, 128];
    const set = new PictureSet({
      width: 4,
      height: 4,
      channels: 1,
      pixels: Uint8Array.from({ length: 64 }, (_, i) => levels[i >> 4]!),
    });
    const once = await curatePictures(set, settings());
    expect([...once.keep]).toEqual([0, 1, 2]);
    expect(await curatePictures(set, settings())).toEqual(once);
  });
});

describe("filters", () => {
  const sizes = [
    [10, 10],
    [64, 64],
    [64, 200],
    [200, 64],
    [5000, 5000],
    [65, 64],
  ];
  const pixels = root.split("pixels").bits(new Uint32Array(6 * 16));
  const set = new PictureSet({
    width: 8,
    height: 8,
    channels: 1,
    pixels: new Uint8Array(pixels.buffer),
    originals: Int32Array.from(sizes.flat()),
  });

  it("goes by the size that the file had, and tells of files that were broken", async () => {
    const { keep, report } = await curatePictures(set, settings({ minSide: 64, maxSide: 4000, maxAspect: 3 }), {
      skipped: [{ file: "bad.png", reason: "is broken" }],
    });
    expect([...keep]).toEqual([1, 5]);
    expect(report).toMatchObject({ input: { pictures: 7 }, output: { pictures: 2 } });
    expect(report.removed).toEqual({
      broken: { pictures: 1, examples: [{ name: "bad.png", found: "is broken" }] },
      "too-small": { pictures: 1, examples: [{ name: "picture 1", found: "10×10 pixels" }] },
      "too-large": { pictures: 1, examples: [{ name: "picture 5", found: "5000×5000 pixels" }] },
      aspect: {
        pictures: 2,
        examples: [
          { name: "picture 3", found: "64×200 pixels" },
          { name: "picture 4", found: "200×64 pixels" },
        ],
      },
    });
  });

  it("removes what is nearly one colour where it is told to", async () => {
    const flat = new PictureSet({
      width: 2,
      height: 2,
      channels: 1,
      pixels: Uint8Array.of(90, 90, 91, 90, 0, 255, 255, 0, 10, 10, 10, 80),
    });
    const { keep, report } = await curatePictures(flat, settings({ minContrast: 0.01 }));
    expect([...keep]).toEqual([1, 2]);
    expect(report.removed.uniform?.examples).toEqual([{ name: "picture 1", found: "a contrast of 0.002" }]);
    // Half black and half white: 0.5. Three of 10 and one of 80: 70·√3/4 levels. Red everywhere: none.
    expect(contrastOf(flat.picture(1))).toBe(0.5);
    expect(contrastOf(flat.picture(2))).toBeCloseTo((70 * Math.sqrt(3)) / 4 / 255, 12);
    expect(contrastOf({ width: 2, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0, 255, 0, 0) })).toBe(0);
  });

  it("stops where it is told to", async () => {
    const aborted = AbortSignal.abort(new RangeError("enough"));
    await expect(curatePictures(set, settings(), { signal: aborted })).rejects.toThrow("enough");
  });
});

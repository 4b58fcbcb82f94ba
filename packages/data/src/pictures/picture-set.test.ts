import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PictureFile } from "./picture-file.js";
import { PictureSet } from "./picture-set.js";

/** Five pictures of 2×1, grey: [0, 1], [2, 3] and so on. */
const pixels = Uint8Array.from({ length: 10 }, (_, i) => i);
const size = { width: 2, height: 1, channels: 1 } as const;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-picture-set-"));
  await writeFile(join(folder, "pixels"), pixels);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(["memory", "a file"])("a set in %s", (where) => {
  const open = () =>
    new PictureSet({
      ...size,
      pixels: where === "memory" ? pixels : new PictureFile(join(folder, "pixels"), 2, 5),
      names: ["a", "b", "c", "d", "e"],
      labels: ["dog", "cat", undefined, "cat", "dog"],
      captions: ["A", undefined, undefined, "D", undefined],
      splits: ["train", "train", "train", "test", undefined],
    });

  it("hands out rows in the order asked for, also twice", () => {
    expect([...open().rows([3, 0, 3])]).toEqual([6, 7, 0, 1, 6, 7]);
    expect(open().picture(4)).toEqual({ ...size, data: Uint8Array.of(8, 9) });
  });

  it("numbers sorted classes", () => {
    const set = open();
    expect([set.length, set.classes, [...set.labels]]).toEqual([5, ["cat", "dog"], [1, 0, -1, 0, 1]]);
  });

  it("selects with all that is known, and selects of selections", () => {
    const set = open().select([4, 2, 0]).select(Int32Array.of(2, 1));
    expect([...set.rows([0, 1])]).toEqual([0, 1, 4, 5]);
    expect([set.names, [...set.labels], set.captions, set.splits]).toEqual([
      ["a", "c"],
      [1, -1],
      ["A", undefined],
      ["train", "train"],
    ]);
    expect([set.classes, [...set.originals]]).toEqual([
      ["cat", "dog"],
      [2, 1, 2, 1],
    ]);
  });
});

it("orders numbers by value, and names what is not said", () => {
  const set = new PictureSet({ ...size, pixels: pixels.subarray(0, 6), labels: ["10", "9", "10"] });
  expect([set.classes, set.names]).toEqual([
    ["9", "10"],
    ["picture 1", "picture 2", "picture 3"],
  ]);
});

it("refuses what does not fit", async () => {
  expect(() => new PictureSet({ ...size, pixels: pixels.subarray(1) })).toThrow(/no whole number of pictures/);
  expect(() => new PictureSet({ ...size, pixels, names: ["a"] })).toThrow(/5 pictures was given 1 names/);
  expect(() => new PictureSet({ ...size, pixels, labels: ["a", "a", "a", "a", "b"], classes: ["a"] })).toThrow(
    /label "b" is none of the 1 classes/,
  );
  expect(() => new PictureSet({ ...size, pixels }).rows([5])).toThrow(/no picture 5 in a set of 5/);
  expect(() => new PictureSet({ ...size, pixels }).select([-1])).toThrow(/no picture -1/);
  expect(() => new PictureFile(join(folder, "pixels"), 2, 4)).toThrow(/has 10 bytes, not 8/);
  const file = join(folder, "short");
  await writeFile(file, pixels);
  const set = new PictureSet({ ...size, pixels: new PictureFile(file, 2, 5) });
  await truncate(file, 4);
  expect(() => set.rows([1, 2])).toThrow(/was shortened while it was used/);
});

it("takes another list of classes: names stay, numbers change, and what is not in the list has none", () => {
  const set = new PictureSet({
    width: 1,
    height: 1,
    channels: 1,
    pixels: Uint8Array.of(1, 2, 3, 4),
    labels: ["bag", "coat", undefined, "shirt"],
  });
  const other = set.withClasses(["shirt", "trouser", "bag"]);
  expect([...other.labels]).toEqual([2, -1, -1, 0]);
  expect([...other.rows([3, 0])]).toEqual([4, 1]);
});

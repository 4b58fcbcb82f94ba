import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GivenPicture, PictureSet } from "@atelier/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requirePictureRecipe, resolveRecipe } from "../recipe/resolve.js";
import { openCollection } from "./collection.js";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "atelier-collection-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const recipeOf = (more: object = {}) =>
  requirePictureRecipe(resolveRecipe({ data: "in hand", family: "vae", ...more }));
/** Grey pictures of 4×4, each of one level. */
const flat = (levels: readonly number[], more: (i: number) => Partial<GivenPicture> = () => ({})): GivenPicture[] =>
  levels.map((level, i) => ({
    picture: { width: 4, height: 4, channels: 1, data: new Uint8Array(16).fill(level) },
    name: `p${i}`,
    ...more(i),
  }));
const open = (pictures: GivenPicture[], more?: object) =>
  openCollection(recipeOf(more), { home, data: { pictures, name: "flat" } });
const levelsOf = (set: PictureSet): number[] => Array.from({ length: set.length }, (_, i) => set.picture(i).data[0]!);

describe("openCollection", () => {
  it("holds some pictures out by the seed, each in one part, and takes their form as it is", async () => {
    const levels = Array.from({ length: 40 }, (_, i) => 6 * i);
    const { train, validation, codec, split } = await open(flat(levels), { validation: 0.2 });
    expect(codec.spec.shape).toEqual([1, 4, 4]);
    expect(validation.length).toBe(8);
    expect([...levelsOf(train), ...levelsOf(validation)].sort((a, b) => a - b)).toEqual(levels);
    expect(split).toBe("8 of 40 pictures, drawn by the seed");
    const again = await open(flat(levels), { validation: 0.2 });
    expect(levelsOf(again.validation)).toEqual(levelsOf(validation));
    const other = await open(flat(levels), { validation: 0.2, seed: 2 });
    expect(levelsOf(other.validation)).not.toEqual(levelsOf(validation));
  });

  it("keeps to the data's own test part", async () => {
    const { train, validation } = await open(flat([1, 2, 3, 4], (i) => ({ split: i === 2 ? "test" : "train" })));
    expect(levelsOf(train)).toEqual([1, 2, 4]);
    expect(levelsOf(validation)).toEqual([3]);
  });

  it("leaves classes out where asked, and names those that are there for one that is not", async () => {
    const labelled = flat([1, 2, 3, 4, 5, 6], (i) => ({ label: i % 2 === 0 ? "even" : "odd" }));
    const { all } = await open(labelled, { exclude: ["odd"], validation: 0.4 });
    expect(levelsOf(all)).toEqual([1, 3, 5]);
    await expect(open(labelled, { exclude: ["strange"] })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      hint: "Their classes are: even, odd.",
    });
  });

  it("curates where asked", async () => {
    const { all, curation } = await open(flat([10, 10, 10, 250, 60]), {
      curation: { near: false },
      validation: 0.4,
    });
    expect(levelsOf(all)).toEqual([10, 250, 60]);
    expect(curation?.removed["exact-duplicate"]?.pictures).toBe(2);
  });

  it("refuses too few to hold some out", async () => {
    await expect(open(flat([1]))).rejects.toThrow("1 pictures are too few to hold some of them out");
  });
});

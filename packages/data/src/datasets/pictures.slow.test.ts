import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodePictures } from "../pictures/decode.js";
import { imageSettingsSchema } from "../pictures/image-settings.js";
import { openPictures } from "../pictures/open.js";

let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "atelier-named-pictures-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

// The definitions pin the fingerprints of these pictures; the numbers are those of a count with other tools.
it.each([
  ["emoji", 2412, "1F34E.svg", "food-fruit", "red apple: diet, food, fruit, health, ripe"],
  ["noto-emoji", 3786, "1f34e.png", "food-fruit", undefined],
  ["twemoji", 3786, "1f34e.png", "food-fruit", undefined],
  ["hanzi", 9574, "4E00.svg", "1", "一"],
  ["flags", 256, "fr.svg", undefined, "flag of France"],
  ["icons", 4134, "3d-hammer.svg", undefined, "3d hammer"],
])(
  "fetches the pictures of %s from npm, and decodes every one (needs a network)",
  async (name, count, file, label, caption) => {
    const { card, records } = await openPictures(name, { home });
    expect([card.pictures, card.captions]).toEqual([count, count]);
    const known = records.find((record) => record.name === file);
    expect(known?.label).toBe(label);
    if (caption !== undefined) expect(known?.caption).toBe(caption);
    const { set, skipped, notes } = await decodePictures(records, imageSettingsSchema.parse({ size: 16 }));
    expect([set.length, skipped, notes]).toEqual([count, [], []]);
    // None is blank: some pixel of each is not the background.
    const blank = Array.from({ length: set.length }, (_, i) => i).filter((i) =>
      set.picture(i).data.every((value) => value === 255),
    );
    expect(blank.map((i) => set.names[i])).toEqual([]);
  },
);

import { RandomKey } from "@atelier/engine/random";
import { expect, it } from "vitest";
import { darker, drawing, pictureCounts } from "./picture-corpus.js";

const key = RandomKey.fromSeed(1);

it("draws the same picture for the same key, and another for another", () => {
  const [one, again, other] = [drawing(key.at(1)), drawing(key.at(1)), drawing(key.at(2))];
  expect(one.data).toEqual(again.data);
  const different = one.data.filter((value, i) => value !== other.data[i]).length;
  expect(different).toBeGreaterThan(one.data.length / 10);
  // Opaque or transparent, some of each.
  const opacities = new Set(one.data.filter((_, i) => i % 4 === 3));
  expect([...opacities].sort()).toEqual([0, 255]);
});

it("darkens colours and leaves opacity", () => {
  const { data } = darker({ width: 1, height: 1, channels: 4, data: Uint8Array.of(200, 100, 0, 255) });
  expect([...data]).toEqual([188, 94, 0, 255]);
});

it("has 3,800 pictures", () => {
  expect(Object.values(pictureCounts).reduce((sum, count) => sum + count)).toBe(3800);
});

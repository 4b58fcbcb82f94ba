import { RandomKey } from "@atelier/engine/random";
import { expect, it } from "vitest";
import { ExactDuplicateIndex } from "./exact-duplicates.js";

it("agrees with a map, through growth and collisions of the lower half", () => {
  const index = new ExactDuplicateIndex();
  const map = new Map<string, number>();
  const draws = RandomKey.fromSeed(3).bits(new Uint32Array(20_000));
  let wrong = 0;
  for (let i = 0; i < draws.length; i += 2) {
    // Few values, so that many are met again; every fourth has the same lower half.
    const high = draws[i]! % 3000;
    const low = i % 8 === 0 ? 42 : draws[i + 1]! % 5;
    if (index.find(high, low) !== map.get(`${high} ${low}`)) wrong++;
    index.add(high, low, i);
    if (!map.has(`${high} ${low}`)) map.set(`${high} ${low}`, i);
  }
  expect(map.size).toBeGreaterThan(4000);
  for (const [hash, id] of map) {
    const [high, low] = hash.split(" ").map(Number) as [number, number];
    if (index.find(high, low) !== id) wrong++;
  }
  expect(wrong).toBe(0);
});

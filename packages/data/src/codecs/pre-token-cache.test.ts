import { expect, it } from "vitest";
import { PreTokenCache } from "./pre-token-cache.js";

it("stays within two generations and keeps what is in use", () => {
  const cache = new PreTokenCache(100);
  const ids = Int32Array.of(7);
  cache.set("the", ids);
  for (let i = 0; i < 1000; i++) {
    cache.set(`word${i}`, Int32Array.of(i));
    expect(cache.get("the")).toBe(ids);
    expect(cache.size).toBeLessThanOrEqual(200);
  }
  expect(cache.get("word0")).toBeUndefined();
  expect(cache.get("word999")).toEqual(Int32Array.of(999));
});

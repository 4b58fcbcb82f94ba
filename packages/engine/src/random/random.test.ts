import { describe, expect, it } from "vitest";
import { RandomKey } from "./key.js";
import { threefry2x32 } from "./threefry.js";

const block = (k0: number, k1: number, c0: number, c1: number): string[] => {
  const out = new Uint32Array(2);
  threefry2x32(k0, k1, c0, c1, out);
  return [...out].map((word) => word.toString(16).padStart(8, "0"));
};

describe("threefry2x32", () => {
  // Known-answer vectors of Random123 (kat_vectors, threefry2x32 with 20 rounds).
  it("agrees with Random123's known answers", () => {
    expect(block(0, 0, 0, 0)).toEqual(["6b200159", "99ba4efe"]);
    expect(block(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)).toEqual(["1cb996fc", "bb002be7"]);
    expect(block(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual(["c4923a9c", "483df7a0"]);
  });
});

describe("RandomKey", () => {
  const key = RandomKey.fromSeed(1234);

  it("draws the same numbers whatever else was drawn", () => {
    const first = key.split("a").normal(new Float32Array(8));
    key.split("b").uniform(new Float32Array(100));
    expect(key.split("a").normal(new Float32Array(8))).toEqual(first);
    expect(key.split("b").normal(new Float32Array(8))).not.toEqual(first);
  });

  it("has the moments of its distributions", () => {
    const n = 200_000;
    const normal = key.normal(new Float32Array(n), 2, 3);
    const mean = normal.reduce((sum, x) => sum + x, 0) / n;
    const variance = normal.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
    expect(Math.abs(mean - 2)).toBeLessThan((5 * 3) / Math.sqrt(n));
    expect(Math.abs(variance / 9 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    const ones = key
      .split("mask")
      .bernoulli(new Uint8Array(n), 0.2)
      .reduce((sum, x) => sum + x, 0);
    expect(Math.abs(ones / n - 0.2)).toBeLessThan(5 * Math.sqrt(0.16 / n));
  });

  it("permutes", () => {
    const order = key.permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(order[0] === 0 && order[1] === 1 && order[2] === 2).toBe(false);
  });
});

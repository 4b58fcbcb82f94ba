import { describe, expect, it } from "vitest";
import { estimateDiscounts, fallbackDiscounts } from "./discounts.js";

/** Counts with the given counts of counts: n1 ones, n2 twos, and so on. */
const counts = (...n: number[]): Int32Array =>
  Int32Array.from(n.flatMap((many, i) => new Array<number>(many).fill(i + 1)));

describe("estimateDiscounts", () => {
  it("follows Chen and Goodman", () => {
    // Y = 10/20 = 1/2: D1 = 1 - 2·½·5/10, D2 = 2 - 3·½·2/5, D3+ = 3 - 4·½·1/2.
    expect(estimateDiscounts(counts(10, 5, 2, 1, 7, 7))).toEqual({ one: 0.5, two: 1.4, more: 2 });
  });

  it("falls back where an estimate does not exist or makes no sense", () => {
    expect(fallbackDiscounts).toEqual({ one: 0.5, two: 1, more: 1.5 });
    for (const n of [[], [0, 5, 2, 1], [10, 0, 2, 1], [10, 5, 0, 1], [10, 5, 2, 0]]) {
      expect(estimateDiscounts(counts(...n))).toEqual(fallbackDiscounts);
    }
    // Y = 1/2, D3+ = 3 - 2·2/1 < 0; and D2 = 2 - 1.5·8/5 < 0.
    expect(estimateDiscounts(counts(10, 5, 1, 2))).toEqual(fallbackDiscounts);
    expect(estimateDiscounts(counts(10, 5, 8, 1))).toEqual(fallbackDiscounts);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editSimilarity, exactMatch } from "./similarity.js";

/** Wagner and Fischer (1974), the whole table. */
function levenshtein(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}

describe("edit similarity", () => {
  it("is 1 − distance / length of the longer", () => {
    expect(editSimilarity("kitten", "sitting")).toBeCloseTo(1 - 3 / 7, 12); // Wikipedia's example
    expect(editSimilarity("", "")).toBe(1);
    expect(editSimilarity("abc", "")).toBe(0);
    expect(editSimilarity("abc", "xyz")).toBe(0);
  });

  it("agrees with the whole table, for short texts and long ones", () => {
    const text = fc.array(fc.constantFrom("a", "b", "(", "é", "😀", "xy"), { maxLength: 120 }).map((x) => x.join(""));
    fc.assert(
      fc.property(text, text, (a, b) => {
        const longer = Math.max(a.length, b.length);
        expect(editSimilarity(a, b)).toBe(longer === 0 ? 1 : 1 - levenshtein(a, b) / longer);
      }),
      { numRuns: 300 },
    );
  });
});

it.each([
  ["  return x;", "  return x;  \n\n", 1],
  ["a;  \nb;", "a;\nb;\t\n", 1],
  ["a;\r\nb;", "a;\nb;", 1],
  ["return x;", "  return x;", 0],
  ["a;\n\nb;", "a;\nb;", 0],
  ["", "\n", 1],
])("%j and %j match exactly: %d", (fill, middle, expected) => {
  expect(exactMatch(fill, middle)).toBe(expected);
  expect(editSimilarity(fill, middle) === 1).toBe(expected === 1);
});

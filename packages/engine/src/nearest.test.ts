import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "./nearest.js";

describe("editDistance", () => {
  it("knows the textbook pairs", () => {
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("saturday", "sunday")).toBe(3);
    expect(editDistance("", "abc")).toBe(3);
    expect(editDistance("same", "same")).toBe(0);
  });

  it("counts a swap of neighbours once", () => {
    expect(editDistance("ab", "ba")).toBe(1);
    expect(editDistance("ca", "abc")).toBe(3); // optimal string alignment; unrestricted Damerau-Levenshtein would say 2
  });
});

describe("nearest", () => {
  const settings = ["learning-rate", "weight-decay", "warmup", "batch"];

  it("finds a mistyped name", () => {
    expect(nearest("learing-rate", settings)).toBe("learning-rate");
    expect(nearest("wamrup", settings)).toBe("warmup");
    expect(nearest("BATCH", settings)).toBe("batch");
  });

  it("stays silent where nothing is close", () => {
    expect(nearest("zebra", settings)).toBeUndefined();
    expect(nearest("x", ["y"])).toBeUndefined();
    expect(nearest("anything", [])).toBeUndefined();
  });

  it("prefers the first of equally close names", () => {
    expect(nearest("bat", ["cat", "hat"])).toBe("cat");
  });
});

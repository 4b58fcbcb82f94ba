import { describe, expect, it } from "vitest";
import { objectionTo, repeatedLines } from "./filters.js";
import { curationSchema } from "./settings.js";
import { TextScan } from "./text-scan.js";

function objection(text: string, settings: object, piece = false) {
  const scan = new TextScan();
  scan.scan(text);
  return objectionTo(text, scan, curationSchema.parse(settings), piece);
}

describe("filters", () => {
  it("nothing is wrong with any text by default", () => {
    for (const text of ["", "1", "a\na\na"]) expect(objection(text, {})).toBeUndefined();
  });

  it.each([
    ["four", { minLength: 5 }, "too-short", "4 characters"],
    ["one two", { minWords: 3 }, "too-short", "2 words"],
    ["seven c", { maxLength: 6 }, "too-long", "7 characters"],
    ["a b c", { maxWords: 2 }, "too-long", "3 words"],
    ["12 34 ab", { minLetters: 0.5 }, "few-letters", "33 % letters"],
    ["a\nb\n\na\n a ", { maxRepeatedLines: 0.4 }, "repeated-lines", "50 % repeated lines"],
  ])("%j under %j is %s", (text, settings, reason, found) => {
    expect(objection(text, settings)).toEqual({ reason, found });
  });

  it("bounds are included", () => {
    const bounds = { minLength: 5, maxLength: 5, minWords: 2, maxWords: 2, minLetters: 1, maxRepeatedLines: 0 };
    expect(objection("ab cd", bounds)).toBeUndefined();
  });

  it("counts code points", () => expect(objection("𝒳𝒴𝒵", { minLength: 3, maxLength: 3 })).toBeUndefined());

  it("says nothing of the length of a piece", () => {
    expect(objection("end", { minLength: 10 }, true)).toBeUndefined();
    expect(objection("123", { minLength: 10, minLetters: 0.5 }, true)?.reason).toBe("few-letters");
  });

  it("repeated lines are those after their first", () => {
    expect(repeatedLines("a\nb\nc")).toBe(0);
    expect(repeatedLines("a\na\na\nb")).toBe(0.5);
    expect(repeatedLines("\n\n")).toBe(0);
  });
});

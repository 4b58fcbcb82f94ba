import { describe, expect, it } from "vitest";
import { StopStrings } from "./stop-strings.js";

const pushAll = (stops: readonly string[], pieces: readonly string[]) => {
  const search = new StopStrings(stops);
  const given = pieces.map((piece) => search.push(piece));
  return { given, found: search.found, rest: search.end() };
};

describe("stop strings", () => {
  it("are found across the borders of pieces, and nothing after them is given", () => {
    expect(pushAll(["END"], ["one E", "N", "D two", " three"])).toEqual({
      given: ["one ", "", "", ""],
      found: true,
      rest: "",
    });
  });

  it("hold back only what may begin one, and give it once it does not", () => {
    expect(pushAll(["END"], ["an EN", "GINE E"])).toEqual({ given: ["an ", "ENGINE "], found: false, rest: "E" });
    expect(pushAll(["aab"], ["aaa", "ab"])).toEqual({ given: ["a", "a"], found: true, rest: "" });
  });

  it("that come first end the text, whichever they are", () => {
    expect(pushAll(["later", "now"], ["say now or later"]).given).toEqual(["say "]);
    expect(pushAll(["\n\n", "\n"], ["line", "\n"])).toEqual({ given: ["line", ""], found: true, rest: "" });
  });

  it("are the same however the text is cut", () => {
    const text = "abcabxabcabcabd rest";
    for (let size = 1; size <= text.length; size++) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.slice(i * size, (i + 1) * size),
      );
      const { given, found } = pushAll(["abcabd"], pieces);
      expect([given.join(""), found]).toEqual(["abcabxabc", true]);
    }
  });

  it("may be none, but not empty", () => {
    expect(pushAll([], ["a", "b"])).toEqual({ given: ["a", "b"], found: false, rest: "" });
    expect(() => new StopStrings(["a", ""])).toThrow("at least one character");
  });
});

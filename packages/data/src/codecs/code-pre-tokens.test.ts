import fc from "fast-check";
import { expect, it } from "vitest";
import { codePreTokens } from "./code-pre-tokens.js";

/** The rule as its comment states it. */
const stated = / ?[\p{L}_$]+| ?\p{N}+|[^\p{L}_$\p{N}]+?(?= ?[\p{L}_$\p{N}])|[^\p{L}_$\p{N}]+/gu;

it("cuts as the stated regular expression does", () => {
  const pieces = fc.constantFrom(
    " ",
    "  ",
    "\n",
    "\t",
    "\r\n",
    "a",
    "é",
    "漢",
    "𝒜",
    "7",
    "²",
    "{",
    ".",
    "_",
    "$",
    "😀",
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect([...codePreTokens(text)]).toEqual(text.match(stated) ?? []);
    }),
    { numRuns: 3000 },
  );
});

it("keeps punctuation, line break and indentation together", () => {
  expect([...codePreTokens("if (a_b > 12) {\n\t\treturn $x[0];\r\n  }\n")]).toEqual([
    "if",
    " (",
    "a_b",
    " >",
    " 12",
    ") {\n\t\t",
    "return",
    " $x",
    "[",
    "0",
    "];\r\n  }\n",
  ]);
});

it("takes a single word, and a single gap, of two million characters", () => {
  expect([...codePreTokens(`x ${"a".repeat(2_000_000)}`)].map((token) => token.length)).toEqual([1, 2_000_001]);
  expect([...codePreTokens(`x${"\n".repeat(2_000_000)}`)].map((token) => token.length)).toEqual([1, 2_000_000]);
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { preTokens } from "./pre-tokens.js";

/** openai/gpt-2, src/encoder.py; \s spelt out as White_Space, since JavaScript's own adds U+FEFF and lacks U+0085. */
const published =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

it("cuts as the published regular expression does", () => {
  const pieces = fc.constantFrom(
    " ",
    "  ",
    "\n",
    "\t",
    "\u00a0",
    "\u0085",
    "\ufeff",
    "'",
    "'s",
    "'re",
    "'ll",
    "'l",
    "a",
    "é",
    "漢",
    "𝒜",
    "7",
    "²",
    ".",
    "…",
    "😀",
    "_",
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect([...preTokens(text)]).toEqual(text.match(published) ?? []);
    }),
    { numRuns: 3000 },
  );
});

it("leaves the last space of a run to the word", () => {
  expect([...preTokens("It's  12 o'clock,\n\n  isn't it? ")]).toEqual([
    "It",
    "'s",
    " ",
    " 12",
    " o",
    "'",
    "clock",
    ",",
    "\n\n ",
    " isn",
    "'t",
    " it",
    "?",
    " ",
  ]);
});

it("takes a single word of two million letters", () => {
  expect([...preTokens(`x ${"a".repeat(2_000_000)}`)].map((token) => token.length)).toEqual([1, 2_000_001]);
});

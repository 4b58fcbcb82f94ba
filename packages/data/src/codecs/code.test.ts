import { FormatError } from "@atelier/engine/errors";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CodeCodec } from "./code.js";
import { loadTextCodec } from "./load.js";

const source = "function f(x) {\n  if (x > 0) {\n    return g(x);\n  }\n  return 0;\n}\n";
const codec = CodeCodec.train([source, source.replaceAll("f(", "h("), source.replaceAll("g(", "k(")], {
  vocabulary: 330,
  specials: ["<|mask|>"],
});

it.each([
  ["tabs", "\tif (a)\n\t\tb();\n"],
  ["CRLF", "a();\r\n  b();\r\n\r\n"],
  ["emoji and accents", 'const größe = "😀👩‍👩‍👧"; // 日本\n'],
  ["no newline at the end", "return x"],
  ["a shebang and a byte order mark", "\ufeff#!/usr/bin/env node\n"],
  ["trailing spaces", "x  \n   \n  "],
  ["special tokens written out", 'const end = "<|endoftext|>", fim = "<|fim_prefix|>";'],
  ["nothing", ""],
])("brings code back: %s", (_, text) => {
  const ids = codec.encode(text);
  expect(codec.decode(ids)).toBe(text);
  expect(codec.encodeBytes(new TextEncoder().encode(text))).toEqual(ids);
  for (const id of Object.values(codec.spec.specials)) expect([...ids]).not.toContain(id);
});

it("brings any text back, also through JSON", () => {
  const again = loadTextCodec(JSON.parse(JSON.stringify(codec)));
  expect(again).toBeInstanceOf(CodeCodec);
  expect(again.spec).toEqual(codec.spec);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const ids = again.encode(text);
      expect(ids).toEqual(codec.encode(text));
      expect(again.decode(ids)).toBe(text);
    }),
  );
});

it("has a token for a line's end with the indentation behind it", () => {
  // "{\n    " occurs once in each of the three texts, between the same words.
  const ids = codec.encode(") {\n    return");
  expect([...ids].map((id) => codec.decode([id]))).toEqual([") {\n   ", " return"]);
});

it("has the special tokens of fill-in-the-middle, and others that are asked for", () => {
  const names = Object.keys(codec.spec.specials);
  expect(names).toEqual(["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|mask|>"]);
  expect(codec.spec.specials["<|mask|>"]).toBe(codec.spec.vocabulary - 1);
  expect(codec.decode([120, ...Object.values(codec.spec.specials), 121], { specials: false })).toBe("xy");
});

it("refuses a saved vocabulary without them", () => {
  const saved = JSON.parse(JSON.stringify(codec)) as { specials: Record<string, number> };
  delete saved.specials["<|fim_suffix|>"];
  expect(() => loadTextCodec(saved)).toThrow(FormatError);
  expect(() => loadTextCodec({ ...saved, preTokens: "gpt2" })).toThrow("preTokens");
});

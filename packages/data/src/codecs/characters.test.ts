import { existsSync, readFileSync } from "node:fs";
import { FormatError } from "@atelier/engine/errors";
import fc from "fast-check";
import { expect, it } from "vitest";
import { EmptyTextError, UnknownCharacterError } from "../errors.js";
import { CharacterCodec } from "./characters.js";
import { loadTextCodec } from "./load.js";

it("numbers the distinct characters in code point order", () => {
  const codec = CharacterCodec.fromTexts(["hello", "😀\uffff"]);
  expect(codec.spec).toEqual({ vocabulary: 6, specials: {}, kind: "stream" });
  expect([...codec.encode("hello\uffff😀")]).toEqual([1, 0, 2, 2, 3, 4, 5]); // U+FFFF before U+1F600
  expect(codec.decode([1, 0, 2, 2, 3, 5])).toBe("hello😀");
  expect(codec.bytesOf([1, 5])).toBe(5);
  expect(codec.preview(codec.encode("hell"))).toBe("h|e|l|l");
});

it("brings text back, also through JSON and token by token", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
      const codec = CharacterCodec.fromTexts([text], { specials: ["<|endoftext|>"] });
      const ids = codec.encode(text);
      expect(ids.length).toBe([...text].length);
      expect(codec.decode(ids)).toBe(text);
      expect(codec.bytesOf(ids)).toBe(Buffer.byteLength(text));
      expect(loadTextCodec(JSON.parse(JSON.stringify(codec))).encode(text)).toEqual(ids);
      const decoder = codec.streamDecoder();
      expect([...ids].map((id) => decoder.push(id)).join("")).toBe(text);
    }),
  );
});

it("names an unknown character, its code point and its offset", () => {
  const codec = CharacterCodec.fromTexts(["abc 😀"], { specials: ["<end>"] });
  expect(() => codec.encode("ab😀é")).toThrow(UnknownCharacterError);
  expect(() => codec.encode("ab😀é")).toThrow('The character "é" (U+00E9) at offset 3 is not in the vocabulary');
  expect(() => codec.encode("a<end>😁", { specials: true })).toThrow('The character "😁" (U+1F601) at offset 6');
});

it("refuses what is no vocabulary", () => {
  expect(() => CharacterCodec.fromTexts([""])).toThrow(EmptyTextError);
  expect(() => CharacterCodec.fromTexts(["\ud800"])).toThrow(FormatError);
  expect(() => new CharacterCodec(["a", "bc"])).toThrow(/Entry 1/);
  expect(() => new CharacterCodec(["a", "a"])).toThrow(/appears twice/);
});

const shakespeare = new URL("../../../../../shared/data/tinyshakespeare.txt", import.meta.url);
it.skipIf(!existsSync(shakespeare))("has nanoGPT's vocabulary of tinyshakespeare", () => {
  const text = readFileSync(shakespeare, "utf8");
  const codec = CharacterCodec.fromTexts([text]);
  // data/shakespeare_char/readme.md and prepare.py: 65 characters; "First Citizen" begins 18 47 56 57 58.
  expect(codec.spec.vocabulary).toBe(65);
  expect([...codec.encode("First")]).toEqual([18, 47, 56, 57, 58]);
  expect(codec.encode(text).length).toBe(1_115_394);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TextReader } from "./decode-text.js";
import { cutAt, inPieces } from "./pieces.js";

describe("a long document in pieces", () => {
  it("is cut behind a line end, best before a line that begins with a letter", () => {
    expect(cutAt("one\ntwo\nthree four", 12)).toBe(8);
    expect(cutAt("one two\nthree\n  four five", 14)).toBe(8);
    expect(cutAt("one two three\n  four five", 16)).toBe(14);
    expect(cutAt("one two three four", 10)).toBe(10);
    expect(cutAt("ab😀cd", 3)).toBe(2);
  });

  it("loses nothing, keeps to its length and its characters, and says which piece is the last", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "😀", "é"), maxLength: 60 })),
        fc.integer({ min: 2, max: 40 }),
        async (parts, longest) => {
          const pieces = [];
          for await (const piece of inPieces("x", parts, longest)) pieces.push(piece);
          expect(pieces.map(({ text }) => text).join("")).toBe(parts.join(""));
          for (const { text } of pieces) {
            expect(text.length).toBeGreaterThan(0);
            expect(text.length).toBeLessThanOrEqual(longest);
            expect(text).not.toMatch(/\p{Surrogate}/u);
          }
          expect(pieces.map(({ continues }) => continues === true)).toEqual(
            pieces.map((_, i) => i < pieces.length - 1),
          );
        },
      ),
    );
  });
});

describe("text from chunks", () => {
  it("is the same however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "é", "€", "😀", "\r", "\n", "\ufeff"), minLength: 1 }),
        fc.integer({ min: 1, max: 5 }),
        (text, size) => {
          const expected = text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
          fc.pre(expected !== "");
          const bytes = new TextEncoder().encode(text);
          const reader = new TextReader("x");
          let read = "";
          for (let at = 0; at < bytes.length; at += size) read += reader.push(bytes.subarray(at, at + size));
          expect(read + reader.end()).toBe(expected);
        },
      ),
    );
  });

  it("names the offset of what is no text, also in a later chunk or at the very end", () => {
    const bytes = Uint8Array.of(0x61, 0xc3, 0xa9, 0x62, 0xff, 0x63);
    for (const size of [1, 2, 3, 6]) {
      const reader = new TextReader("x");
      expect(() => {
        for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      }).toThrow("byte 0xff at offset 4");
    }
    const cut = new TextReader("x");
    cut.push(Uint8Array.of(0x61, 0xf0, 0x9f, 0x98));
    expect(() => cut.end()).toThrow("byte 0xf0 at offset 1");
    const binary = new TextReader("x");
    binary.push(Uint8Array.of(0x61, 0xc3));
    expect(() => binary.push(Uint8Array.of(0xa9, 0x00))).toThrow("NUL byte at offset 3");
  });
});

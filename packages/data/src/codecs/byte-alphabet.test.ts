import { FormatError } from "@atelier/engine/errors";
import { expect, it } from "vitest";
import { alphabetToBytes, bytesToAlphabet } from "./byte-alphabet.js";

it("spells bytes as openai/gpt-2's bytes_to_unicode does", () => {
  expect(bytesToAlphabet(Uint8Array.of(0x20, 0x0a, 0x09, 0x41, 0x7e, 0xff))).toBe("ĠĊĉA~ÿ");
  expect(bytesToAlphabet(Uint8Array.of(0x00, 0x7f, 0xa0, 0xad))).toBe("ĀġłŃ");
});

it("comes back for all 256 bytes, each with a character of its own", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const spelt = bytesToAlphabet(all);
  expect(new Set(spelt).size).toBe(256);
  expect(alphabetToBytes(spelt)).toEqual(all);
});

it("refuses characters outside the alphabet", () => {
  expect(() => alphabetToBytes("a b")).toThrow(FormatError);
});

import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { expect, it } from "vitest";
import { invalidUntil, validUntil } from "./utf8.js";

/** Bytes that are nearly text: characters with stray and missing bytes between them. */
const nearlyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }).map((s) => [...Buffer.from(s)]),
      fc.array(fc.integer({ min: 0x7f, max: 255 }), { maxLength: 3 }),
    ),
  )
  .map((parts) => Uint8Array.from(parts.flat()));

it("finds exactly the longest valid beginning, by node's own validation", () => {
  fc.assert(
    fc.property(nearlyText, (bytes) => {
      const end = validUntil(bytes);
      expect(isUtf8(bytes.subarray(0, end))).toBe(true);
      for (let more = end + 1; more <= Math.min(bytes.length, end + 4); more++) {
        expect(isUtf8(bytes.subarray(end, more))).toBe(false);
      }
      if (end < bytes.length) expect(invalidUntil(bytes, end)).toBeGreaterThan(end);
    }),
  );
});

it.each([
  ["overlong", [0x61, 0xc0, 0x80], 1],
  ["surrogate", [0xed, 0xa0, 0x80], 0],
  ["beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80], 0],
  ["cut short", [0x61, 0x62, 0xe2, 0x82], 2],
])("stops at bytes that are %s", (_, bytes, end) => {
  expect(validUntil(Uint8Array.from(bytes))).toBe(end);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyCharacter, charactersWhere, codePoints, complement, intersect, subtract, union } from "./code-points.js";
import { utf8Ranges } from "./utf8-ranges.js";

const edges = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xfff, 0xd7ff, 0xd800, 0xdfff, 0xe000, 0xffff, 0x10000, 0x3ffff, 0x10ffff];
const point = fc.oneof(
  fc.constantFrom(...edges),
  fc.integer({ min: 0, max: 0x10ffff }),
  fc.integer({ min: 0, max: 0x900 }),
);
const ranges = fc.array(fc.tuple(point, point), { maxLength: 4 });
const holds = (set: readonly (readonly [number, number])[], p: number): boolean =>
  set.some(([first, last]) => first <= p && p <= last);
const isSurrogate = (p: number): boolean => p >= 0xd800 && p <= 0xdfff;

describe("sets of characters", () => {
  it("agree with membership, point by point", () => {
    fc.assert(
      fc.property(ranges, ranges, fc.array(point, { minLength: 10, maxLength: 10 }), (left, right, points) => {
        const a = codePoints(left);
        const b = codePoints(right);
        for (const p of [...points, ...edges, ...left.flat(), ...right.flat()]) {
          const inA = holds(left, p) && !isSurrogate(p);
          const inB = holds(right, p) && !isSurrogate(p);
          expect(holds(a, p)).toBe(inA);
          expect(holds(union(a, b), p)).toBe(inA || inB);
          expect(holds(intersect(a, b), p)).toBe(inA && inB);
          expect(holds(subtract(a, b), p)).toBe(inA && !inB);
          expect(holds(complement(a), p)).toBe(!inA && !isSurrogate(p));
        }
        for (const [i, range] of a.entries()) if (i > 0) expect(range[0]).toBeGreaterThan(a[i - 1]![1] + 1);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it("are found by a test", () => {
    expect(charactersWhere((letter) => letter === "a" || letter === "b" || letter.codePointAt(0)! > 0x10fffd)).toEqual([
      [0x61, 0x62],
      [0x10fffe, 0x10ffff],
    ]);
  });
});

describe("utf8Ranges", () => {
  it("covers the encodings of the set, each once, and nothing else", () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(ranges, fc.array(point, { minLength: 10, maxLength: 10 }), (some, points) => {
        const set = codePoints(some);
        const sequences = utf8Ranges(set);
        for (const p of [...points, ...edges, ...set.flat()]) {
          if (isSurrogate(p)) continue;
          const bytes = encoder.encode(String.fromCodePoint(p));
          const covering = sequences.filter(
            (sequence) =>
              sequence.length === bytes.length &&
              sequence.every(([low, high], i) => low <= bytes[i]! && bytes[i]! <= high),
          );
          expect(covering.length).toBe(holds(set, p) ? 1 : 0);
        }
        // The sequences count as many encodings as the set has characters, so there are no others.
        const encodings = sequences.reduce(
          (sum, sequence) => sum + sequence.reduce((product, [low, high]) => product * (high - low + 1), 1),
          0,
        );
        expect(encodings).toBe(set.reduce((sum, [first, last]) => sum + last - first + 1, 0));
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it("has nine sequences for all of Unicode, as table 3-7 of the Unicode Standard", () => {
    expect(utf8Ranges(anyCharacter).length).toBe(9);
  });
});

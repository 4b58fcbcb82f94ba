/**
 * A set of characters as sequences of byte ranges: what a byte automaton needs to read one character of it in UTF-8. The set is cut
 * where the length of the encoding changes, and then until, in every part, each byte runs through a whole range independently of
 * the others (Cox, "Regular Expression Matching in the Wild", 2010; the same cutting is in RE2 and in Rust's `utf8-ranges`).
 */
import type { CodePoints } from "./code-points.js";

/** An inclusive range for each byte of the encoding. */
export type ByteRanges = readonly (readonly [low: number, high: number])[];

const lastOfLength = [0x7f, 0x7ff, 0xffff, 0x10ffff];

/** The sequences, in ascending order; no two of them have an encoding in common. */
export function utf8Ranges(set: CodePoints): ByteRanges[] {
  const sequences: ByteRanges[] = [];
  for (const [first, last] of set) cut(first, last, sequences);
  return sequences;
}

function cut(first: number, last: number, sequences: ByteRanges[]): void {
  for (const end of lastOfLength) {
    if (first <= end && end < last) {
      cut(first, end, sequences);
      cut(end + 1, last, sequences);
      return;
    }
  }
  if (last > 0x7f) {
    // All continuation bytes below the first that differs have to run through everything, 0x80 to 0xbf.
    for (let bits = 6; bits <= 18; bits += 6) {
      const low = (1 << bits) - 1;
      if (first >>> bits === last >>> bits) break;
      if ((first & low) !== 0) {
        cut(first, first | low, sequences);
        cut((first | low) + 1, last, sequences);
        return;
      }
      if ((last & low) !== low) {
        cut(first, (last & ~low) - 1, sequences);
        cut(last & ~low, last, sequences);
        return;
      }
    }
  }
  const high = utf8(last);
  sequences.push(utf8(first).map((byte, i) => [byte, high[i]!] as const));
}

function utf8(point: number): number[] {
  if (point <= 0x7f) return [point];
  if (point <= 0x7ff) return [0xc0 | (point >>> 6), 0x80 | (point & 0x3f)];
  if (point <= 0xffff) return [0xe0 | (point >>> 12), 0x80 | ((point >>> 6) & 0x3f), 0x80 | (point & 0x3f)];
  return [0xf0 | (point >>> 18), 0x80 | ((point >>> 12) & 0x3f), 0x80 | ((point >>> 6) & 0x3f), 0x80 | (point & 0x3f)];
}

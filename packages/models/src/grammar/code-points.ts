/**
 * Sets of characters, as sorted ranges of Unicode scalar values that neither overlap nor touch. Surrogates (U+D800 to U+DFFF) are
 * no characters of their own and in no set, since UTF-8 cannot write them.
 */

/** Inclusive ranges [first, last], ascending. */
export type CodePoints = readonly (readonly [first: number, last: number])[];

export const anyCharacter: CodePoints = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Any ranges, in any order, as a set. */
export function codePoints(ranges: Iterable<readonly [first: number, last: number]>): CodePoints {
  const sorted = [...ranges].filter(([first, last]) => first <= last).sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [first, last] of sorted) {
    const previous = joined.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else joined.push([first, last]);
  }
  return intersect(joined, anyCharacter);
}

/** The set of a string's characters. */
export function charactersOf(text: string): CodePoints {
  return codePoints(Array.from(text, (character) => [character.codePointAt(0)!, character.codePointAt(0)!] as const));
}

export function union(...sets: readonly CodePoints[]): CodePoints {
  return codePoints(sets.flat());
}

export function intersect(a: CodePoints, b: CodePoints): CodePoints {
  const common: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const first = Math.max(a[i]![0], b[j]![0]);
    const last = Math.min(a[i]![1], b[j]![1]);
    if (first <= last) common.push([first, last]);
    if (a[i]![1] < b[j]![1]) i++;
    else j++;
  }
  return common;
}

/** All characters that are not in the set. */
export function complement(set: CodePoints): CodePoints {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [first, last] of set) {
    if (next < first) gaps.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= 0x10ffff) gaps.push([next, 0x10ffff]);
  return intersect(gaps, anyCharacter);
}

export function subtract(a: CodePoints, b: CodePoints): CodePoints {
  return intersect(a, complement(b));
}

/** Every character that passes a test: a walk over all of Unicode, tens of milliseconds. */
export function charactersWhere(test: (character: string) => boolean): CodePoints {
  const found: [number, number][] = [];
  for (const [first, last] of anyCharacter) {
    for (let point = first; point <= last; point++) {
      if (!test(String.fromCodePoint(point))) continue;
      const previous = found.at(-1);
      if (previous !== undefined && previous[1] === point - 1) previous[1] = point;
      else found.push([point, point]);
    }
  }
  return codePoints(found);
}

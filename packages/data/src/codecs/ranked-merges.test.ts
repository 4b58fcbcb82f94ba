import fc from "fast-check";
import { expect, it } from "vitest";
import { type Merge, RankedMerges } from "./ranked-merges.js";

/** The algorithm as published: find the pair of lowest rank, merge its leftmost occurrence, begin again. */
function bruteForce(ids: readonly number[], merges: readonly Merge[]): number[] {
  const row = [...ids];
  for (;;) {
    const rankAt = (i: number): number =>
      merges.findIndex(({ left, right }) => left === row[i] && right === row[i + 1]);
    let best = -1;
    for (let i = 0; i + 1 < row.length; i++) {
      if (rankAt(i) >= 0 && (best < 0 || rankAt(i) < rankAt(best))) best = i;
    }
    if (best < 0) return row;
    row.splice(best, 2, merges[rankAt(best)]!.merged);
  }
}

// Short rows are scanned, long ones (from 65 ids on) go through a heap: both must agree with the publication.
it.each([
  ["short", 0, 24, 1000],
  ["long", 65, 90, 200],
])(
  "merges %s rows as the published algorithm does, in whatever order the ranks are",
  (_, minLength, maxLength, numRuns) => {
    const cases = fc.record({
      ids: fc.array(fc.integer({ min: 0, max: 2 }), { minLength, maxLength }),
      pairs: fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 8, selector: (pair) => pair.join() }),
      order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }),
    });
    fc.assert(
      fc.property(cases, ({ ids, pairs, order }) => {
        const made = pairs.map(([left, right], i) => ({ left, right, merged: 3 + i }));
        const merges = order.flatMap((i) => made[i] ?? []);
        const row = Int32Array.from(ids);
        const length = new RankedMerges(merges, 16).apply(row);
        expect([...row.subarray(0, length)]).toEqual(bruteForce(ids, merges));
      }),
      { numRuns },
    );
  },
);

import fc from "fast-check";
import { expect, it } from "vitest";
import { trainMerges } from "./bpe-train.js";
import { preTokens } from "./pre-tokens.js";

/** The algorithm as published: count every adjacent pair anew, merge the most frequent, again. Ties as bpe-train.ts states. */
function bruteForce(texts: readonly string[], wanted: number): number[][] {
  const words = texts.flatMap((text) => [...preTokens(text)].map((word) => [...Buffer.from(word)]));
  const merges: number[][] = [];
  while (merges.length < wanted) {
    const counts = new Map<string, { pair: [number, number]; count: number }>();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair: [number, number] = [word[i]!, word[i + 1]!];
        const entry = counts.get(pair.join()) ?? { pair, count: 0 };
        entry.count++;
        counts.set(pair.join(), entry);
      }
    }
    const [best] = [...counts.values()].sort(
      (a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1],
    );
    if (best === undefined || best.count < 2) return merges;
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === best.pair[0] && word[i + 1] === best.pair[1]) word.splice(i, 2, 256 + merges.length);
      }
    }
    merges.push(best.pair);
  }
  return merges;
}

const pairs = (texts: readonly string[], wanted: number): number[][] =>
  trainMerges(texts, wanted).map(({ left, right }) => [left, right]);

it("learns the well-known example: aa, ab, aaab", () => {
  // Gage (1994), as in Wikipedia's "Byte-pair encoding": aaabdaaabac → ZabdZabac → ZYdZYac → XdXac.
  const [a, b] = [97, 98];
  expect(pairs(["aaabdaaabac"], 10)).toEqual([
    [a, a],
    [a, b],
    [256, 257],
  ]);
});

it("learns what recounting everything after every merge would learn", () => {
  const texts = fc.array(
    fc
      .array(fc.constantFrom("a", "b", "c", "aa", " ", "é", "\n", "1"), { maxLength: 60 })
      .map((parts) => parts.join("")),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(texts, (some) => {
      expect(pairs(some, 30)).toEqual(bruteForce(some, 30));
    }),
    { numRuns: 300 },
  );
});

it("does not depend on the order of the texts", () => {
  const texts = ["the cat sat on the mat", "the dog sat on the log", "a cat and a dog"];
  expect(pairs([...texts].reverse(), 40)).toEqual(pairs(texts, 40));
});

it("reports its progress to the end", () => {
  let last = {};
  trainMerges(["aaabdaaabac"], 2, (progress) => {
    last = progress;
  });
  expect(last).toEqual({ merges: 2, wanted: 2 });
});

/** Word cutting, distinct-n, repetition and loops against hand counts and brute force. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distinct } from "./distinct.js";
import { longestLoop, sequenceRepetition } from "./repetition.js";
import { ngramsOf, wordsOf } from "./units.js";

const sum = (values: Float64Array): number => values.reduce((total, x) => total + x, 0);

describe("wordsOf", () => {
  it("cuts into words and signs, without white space", () => {
    expect(wordsOf("  Don't panic — l’été, 42 times!\n")).toEqual([
      "Don't",
      "panic",
      "—",
      "l’été",
      ",",
      "42",
      "times",
      "!",
    ]);
    expect(wordsOf("if (a_1 === 'x') { b++; }")).toEqual([
      "if",
      "(",
      "a_1",
      "=",
      "=",
      "=",
      "'",
      "x",
      "'",
      ")",
      "{",
      "b",
      "+",
      "+",
      ";",
      "}",
    ]);
    expect(wordsOf("हिन्दी 😀😀")).toEqual(["हिन्दी", "😀", "😀"]);
    expect(wordsOf(" \n\t")).toEqual([]);
  });

  it("makes n-grams of them", () => {
    expect(ngramsOf(["a", "b", "c"], 2)).toEqual(["a b", "b c"]);
    expect(ngramsOf(["a"], 2)).toEqual([]);
    expect(ngramsOf([1, 23, 4], 2)).not.toContain(ngramsOf([12, 3], 2)[0]);
  });
});

describe("distinct", () => {
  it("counts different n-grams over all n-grams of all samples", () => {
    // Unigrams a b a c | a b: 3 of 6. Bigrams ab ba ac | ab: 3 of 4.
    const samples = [["a", "b", "a", "c"], ["a", "b"], []];
    const [one, two] = [distinct(samples, 1), distinct(samples, 2)];
    expect(sum(one.numerators)).toBeCloseTo(3, 12);
    expect([...one.denominators]).toEqual([4, 2, 0]);
    // a stands in three places, b in two.
    expect(one.numerators[1]).toBeCloseTo(1 / 3 + 1 / 2, 12);
    expect(sum(two.numerators) / sum(two.denominators)).toBeCloseTo(3 / 4, 12);
  });

  it("is 1 without repetition, and 1 / n for n equal samples of different words", () => {
    expect([...distinct([["a", "b", "c"]], 2).numerators]).toEqual([2]);
    const same = distinct(Array(5).fill(["a", "b", "c"]), 1);
    expect(sum(same.numerators) / sum(same.denominators)).toBeCloseTo(1 / 5, 12);
  });
});

describe("sequenceRepetition", () => {
  it("is the share of n-grams that stood there before", () => {
    // a b c d | b c d a | c d a b | d a b c | a b c d: four of five are new.
    expect(sequenceRepetition([..."abcdabcd"])).toBeCloseTo(1 / 5, 12);
    expect(sequenceRepetition([..."aaaaaaa"])).toBeCloseTo(3 / 4, 12);
    expect(sequenceRepetition([..."abcdefg"])).toBe(0);
    expect(sequenceRepetition([..."abab"], 2)).toBeCloseTo(1 / 3, 12);
    expect(sequenceRepetition([..."abc"])).toBe(undefined);
  });
});

describe("longestLoop", () => {
  it("finds blocks that follow upon themselves", () => {
    expect(longestLoop([..."abcbcbd"])).toEqual({ length: 5, period: 2 });
    expect(longestLoop([..."abcdef"])).toEqual({ length: 0, period: 0 });
    expect(longestLoop([..."abcabd"])).toEqual({ length: 0, period: 0 }); // not two whole times
    expect(longestLoop([..."xxxx"])).toEqual({ length: 4, period: 1 });
    expect(longestLoop(wordsOf("and the sea, and the sea, and the sea"))).toEqual({ length: 11, period: 4 });
    expect(longestLoop([])).toEqual({ length: 0, period: 0 });
  });

  it("agrees with a search of all stretches", () => {
    const byDefinition = (units: readonly number[]): number => {
      let best = 0;
      for (let from = 0; from < units.length; from++)
        for (let to = from + 1; to <= units.length; to++) {
          const stretch = units.slice(from, to);
          for (let period = 1; 2 * period <= stretch.length; period++)
            if (stretch.every((unit, i) => unit === stretch[i % period])) best = Math.max(best, stretch.length);
        }
      return best;
    };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 16 }), (units) => {
        expect(longestLoop(units).length).toBe(byDefinition(units));
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

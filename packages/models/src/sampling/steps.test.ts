import { ArgumentError } from "@atelier/engine/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenHistory } from "./history.js";
import { minPStep } from "./min-p.js";
import { repetitionStep } from "./repetition.js";
import { SamplingScratch } from "./scratch.js";
import type { SamplingStep } from "./step.js";
import { temperatureStep } from "./temperature.js";
import { topKStep } from "./top-k.js";
import { topPStep } from "./top-p.js";

function run(step: SamplingStep, logits: ArrayLike<number>, history?: TokenHistory): Float32Array {
  const scratch = new SamplingScratch();
  scratch.resize(logits.length);
  scratch.logits.set(logits);
  step(scratch.logits, scratch, history);
  return scratch.logits;
}

/** The ids that are not forbidden. */
const kept = (logits: Float32Array): number[] =>
  [...logits.keys()].filter((token) => logits[token]! > Number.NEGATIVE_INFINITY);
const low = Number.NEGATIVE_INFINITY;

// Few distinct values, so that ties abound; some tokens forbidden.
const rows = fc.array(fc.oneof(fc.integer({ min: -6, max: 6 }), fc.constant(low)), { minLength: 1, maxLength: 60 });
/** Ids by falling logit, then rising id: the order that a stable full sort gives. */
const ranked = (row: readonly number[]): number[] =>
  [...row.keys()].filter((token) => row[token]! > low).sort((a, b) => row[b]! - row[a]! || a - b);
const ascending = (tokens: readonly number[]): number[] => [...tokens].sort((a, b) => a - b);

describe("temperatureStep", () => {
  it("divides the distances from the largest logit", () => {
    expect([...run(temperatureStep(0.5), [1, 3, low, 2.5])]).toEqual([-4, 0, low, -1]);
    expect([...run(temperatureStep(4), [-8, -16])]).toEqual([0, -2]);
  });

  it("neither overflows nor makes NaN", () => {
    expect([...run(temperatureStep(Number.MIN_VALUE), [2, 1, 2])]).toEqual([0, low, 0]);
    expect([...run(temperatureStep(2), [Number.POSITIVE_INFINITY, 3, low])]).toEqual([0, low, low]);
    expect([...run(temperatureStep(2), [low, low])]).toEqual([low, low]);
    expect([...run(temperatureStep(1e300), [3e38, -3e38])].every(Number.isFinite)).toBe(true);
  });

  it("refuses what is not a finite number above 0", () => {
    for (const t of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => temperatureStep(t)).toThrow(ArgumentError);
  });
});

describe("topKStep", () => {
  it("keeps exactly the first k of a stable sort, unchanged", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 70 }), (row, k) => {
        const after = run(topKStep(k), row);
        expect(kept(after)).toEqual(ascending(ranked(row).slice(0, k)));
        for (const token of kept(after)) expect(after[token]).toBe(row[token]);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("takes the lower ids of equals", () => {
    expect(kept(run(topKStep(3), [2, 5, 2, 2, 5]))).toEqual([0, 1, 4]);
  });
});

describe("topPStep", () => {
  it("keeps the smallest set that reaches p", () => {
    const row = [0.1, 0.4, 0.2, 0.3].map(Math.log);
    const cases: [number, number[]][] = [
      [0.001, [1]],
      [0.39, [1]],
      [0.41, [1, 3]],
      [0.69, [1, 3]],
      [0.71, [1, 2, 3]],
      [0.91, [0, 1, 2, 3]],
      [1, [0, 1, 2, 3]],
    ];
    for (const [p, tokens] of cases) expect(kept(run(topPStep(p), row))).toEqual(tokens);
    // Halves are exact: two of four equal tokens are p = 0.5, and the lower ids win.
    expect(kept(run(topPStep(0.5), [7, 7, 7, 7]))).toEqual([0, 1]);
  });

  it("keeps a set that reaches p, and would not without its least member", () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0.01, max: 0.999, noNaN: true }), (row, p) => {
        const order = ranked(row);
        fc.pre(order.length > 0);
        const total = order.reduce((sum, token) => sum + Math.exp(row[token]!), 0);
        const mass = (tokens: readonly number[]): number =>
          tokens.reduce((sum, token) => sum + Math.exp(row[token]!) / total, 0);
        const nucleus = kept(run(topPStep(p), row));
        expect(nucleus).toEqual(ascending(order.slice(0, nucleus.length)));
        expect(mass(nucleus)).toBeGreaterThanOrEqual(p - 1e-12);
        expect(mass(order.slice(0, nucleus.length - 1))).toBeLessThan(p + 1e-12);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it("keeps only tokens of +Infinity where there are any", () => {
    const high = Number.POSITIVE_INFINITY;
    expect(kept(run(topPStep(0.9), [1, high, 3, high]))).toEqual([1, 3]);
    expect(kept(run(topPStep(0.5), [1, high, 3, high]))).toEqual([1]);
  });
});

describe("minPStep", () => {
  it("keeps what is at least p times as probable as the best", () => {
    // The best has 0.4: the others have 1/4, 1/2 and 3/4 of it.
    const row = [0.1, 0.4, 0.2, 0.3].map(Math.log);
    const cases: [number, number[]][] = [
      [0.2, [0, 1, 2, 3]],
      [0.26, [1, 2, 3]],
      [0.51, [1, 3]],
      [0.76, [1]],
      [1, [1]],
    ];
    for (const [p, tokens] of cases) expect(kept(run(minPStep(p), row))).toEqual(tokens);
    expect(kept(run(minPStep(1), [3, 1, 3, low]))).toEqual([0, 2]);
  });

  it("agrees with the definition on probabilities, and leaves what it keeps", () => {
    fc.assert(
      // No p for which a ratio e^−d of whole distances d would stand on the border.
      fc.property(rows, fc.constantFrom(0.001, 0.01, 0.1, 0.3, 0.5, 0.9, 1), (row, p) => {
        const after = run(minPStep(p), row);
        const best = Math.max(...row.map(Math.exp));
        expect(kept(after)).toEqual([...row.keys()].filter((i) => row[i]! > low && Math.exp(row[i]!) >= p * best));
        for (const token of kept(after)) expect(after[token]).toBe(row[token]);
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  it("keeps only tokens of +Infinity where there are any", () => {
    const high = Number.POSITIVE_INFINITY;
    expect(kept(run(minPStep(0.01), [1, high, 3, high]))).toEqual([1, 3]);
  });

  it("refuses what is not above 0 and at most 1", () => {
    for (const p of [0, -0.1, 1.01, Number.NaN]) expect(() => minPStep(p)).toThrow(ArgumentError);
  });
});

describe("repetitionStep", () => {
  const historyOf = (tokens: readonly number[], vocabulary: number, window?: number): TokenHistory => {
    const history = new TokenHistory(vocabulary, window);
    for (const token of tokens) history.push(token);
    return history;
  };

  it("divides positive logits and multiplies negative ones, once however often a token stands there", () => {
    const after = run(repetitionStep(2), [3, 3, -1, -1, 0, low], historyOf([0, 2, 0, 4, 5, 0], 6));
    expect([...after]).toEqual([1.5, 3, -2, -1, 0, low]);
    expect([...run(repetitionStep(1), [3, -1], historyOf([0, 1], 2))]).toEqual([3, -1]);
    expect([...run(repetitionStep(0.5), [3, -1], historyOf([0, 1], 2))]).toEqual([6, -0.5]);
    expect([...run(repetitionStep(2), [Number.POSITIVE_INFINITY, 1], historyOf([0], 2))][0]).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it("counts the last tokens of the window and no others", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }),
        fc.option(fc.integer({ min: 1, max: 45 }), { nil: undefined }),
        (tokens, window) => {
          const { counts } = historyOf(tokens, 6, window);
          const last = window === undefined ? tokens : tokens.slice(-window);
          expect([...counts]).toEqual([0, 1, 2, 3, 4, 5].map((token) => last.filter((t) => t === token).length));
        },
      ),
      { numRuns: 300, seed: 4 },
    );
  });

  it("refuses impossible penalties, windows, tokens and histories", () => {
    for (const penalty of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => repetitionStep(penalty)).toThrow(ArgumentError);
    for (const window of [0, -1, 1.5, Number.NaN]) expect(() => new TokenHistory(4, window)).toThrow(ArgumentError);
    for (const token of [-1, 4, 1.5, Number.NaN]) expect(() => historyOf([token], 4)).toThrow(ArgumentError);
    expect(() => run(repetitionStep(2), [1, 2])).toThrow("got none");
    expect(() => run(repetitionStep(2), [1, 2], historyOf([], 3))).toThrow("vocabulary of 3");
  });
});

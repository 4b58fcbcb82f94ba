import { ArgumentError } from "@atelier/engine/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SamplingScratch } from "./scratch.js";
import type { SamplingStep } from "./step.js";
import { temperatureStep } from "./temperature.js";
import { topKStep } from "./top-k.js";
import { topPStep } from "./top-p.js";

function run(step: SamplingStep, logits: ArrayLike<number>): Float32Array {
  const scratch = new SamplingScratch();
  scratch.resize(logits.length);
  scratch.logits.set(logits);
  step(scratch.logits, scratch);
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

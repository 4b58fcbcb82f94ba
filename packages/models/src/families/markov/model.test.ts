import { ArgumentError } from "@atelier/engine/errors";
import { RandomKey } from "@atelier/engine/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bruteForce, hasEstimatedDiscounts } from "./brute-force.test-helpers.js";
import { fitMarkov } from "./fit.js";

/** Tokens drawn so that low ids are common: counts of 1, 2, 3, 4 and many all occur. */
function skewedStream(seed: number, length: number, vocabulary: number): Int32Array {
  const uniform = RandomKey.fromSeed(seed).uniform(new Float32Array(length));
  return Int32Array.from(uniform, (u) => Math.floor(u ** 3 * vocabulary));
}

const probabilities = (logs: Float64Array): number[] => [...logs].map(Math.exp);

describe("MarkovModel", () => {
  // a b a b b over a vocabulary of three; counts of counts have zeros, so the discounts are 0.5, 1 and 1.5.
  const tiny = fitMarkov(Int32Array.of(0, 1, 0, 1, 1), { vocabulary: 3, order: 2 });

  it("gives the probabilities worked out by hand", () => {
    // Continuation unigrams: a after {start, b}, b after {a, b}. p(a) = (2 - 1)/4 + (2 · 1/4)/3 = 5/12, p(c) = 1/6.
    const expected: [number[], number[]][] = [
      // a → b twice: p(b|a) = (2 - 1)/2 + (1/2)(5/12)
      [[0], [5 / 24, 17 / 24, 2 / 24]],
      // b → a, b once each: p(a|b) = (1 - 0.5)/2 + (2 · 0.5/2)(5/12)
      [[1], [11 / 24, 11 / 24, 2 / 24]],
      // c was never seen: back off to the continuation unigrams.
      [[2], [5 / 12, 5 / 12, 2 / 12]],
      // No context: occurrences. p(a) = (2 - 1)/5 + ((1 + 1.5)/5)/3, p(b) = (3 - 1.5)/5 + 1/6.
      [[], [11 / 30, 14 / 30, 5 / 30]],
    ];
    for (const [context, row] of expected) {
      const actual = probabilities(tiny.logProbabilities(context));
      for (let token = 0; token < 3; token++) expect(actual[token]).toBeCloseTo(row[token]!, 14);
    }
    const { nats, count, protocol } = tiny.score(Int32Array.of(0, 1, 2));
    expect(nats).toBeCloseTo(-Math.log(17 / 24) - Math.log(2 / 24), 13);
    expect([count, protocol]).toEqual([2, "stream"]);
  });

  it.each([
    [1, 600, 6, 1],
    [2, 600, 25, 2],
    [3, 900, 5, 3],
    [4, 1500, 9, 4],
    [5, 700, 3, 6],
  ])("agrees with Chen and Goodman's formulas by brute force (stream %i)", (seed, length, vocabulary, order) => {
    const stream = skewedStream(seed, length, vocabulary);
    const model = fitMarkov(stream, { vocabulary, order });
    const reference = bruteForce([...stream], vocabulary);
    if (order > 1) expect(hasEstimatedDiscounts([...stream], order)).toBe(true);
    const key = RandomKey.fromSeed(seed).split("contexts");
    for (let trial = 0; trial < 60; trial++) {
      // Contexts of every length: some from the stream, some random, some from its very end.
      const length = key.at(trial).integer(order + 2);
      const at =
        trial % 3 === 2
          ? stream.length - length
          : key
              .at(trial)
              .split("at")
              .integer(stream.length - length);
      const context = trial % 2 ? [...skewedStream(trial, length, vocabulary)] : [...stream.subarray(at, at + length)];
      const seen = order === 1 ? [] : context.slice(-(order - 1));
      const actual = model.logProbabilities(context);
      for (let token = 0; token < vocabulary; token++) {
        expect(Math.abs(actual[token]! - Math.log(reference(seen, token)))).toBeLessThan(1e-12);
      }
    }
  });

  it("sums to 1 for any stream, order and context", () => {
    const streams = fc.integer({ min: 1, max: 12 }).chain((vocabulary) =>
      fc.record({
        vocabulary: fc.constant(vocabulary),
        stream: fc.array(fc.nat(vocabulary - 1), { minLength: 1, maxLength: 200 }),
        context: fc.array(fc.nat(vocabulary - 1), { maxLength: 8 }),
        order: fc.integer({ min: 1, max: 7 }),
      }),
    );
    fc.assert(
      fc.property(streams, ({ vocabulary, stream, context, order }) => {
        const logs = fitMarkov(Int32Array.from(stream), { vocabulary, order }).logProbabilities(context);
        expect(logs.every(Number.isFinite)).toBe(true);
        expect(Math.abs(probabilities(logs).reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-12);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it("backs off from an unseen context to the longest seen one", () => {
    const stream = skewedStream(9, 400, 5); // tokens 0 … 4 of 6
    const model = fitMarkov(stream, { vocabulary: 6, order: 4 });
    const backedOff = model.logProbabilities([5, 0, 1]);
    expect(backedOff).toEqual(model.logProbabilities([1, 5, 0, 1]));
    // A context that ends in an unseen token has only the unigrams left: the same for all of them.
    expect(model.logProbabilities([0, 1, 5])).toEqual(model.logProbabilities([5, 5, 5]));
    expect(backedOff).not.toEqual(model.logProbabilities([5, 5, 5]));
  });

  it("is the model of the lower order where there is less context, and when truncated", () => {
    const stream = skewedStream(10, 500, 6);
    const full = fitMarkov(stream, { vocabulary: 6, order: 5 });
    for (const order of [1, 2, 3, 4]) {
      const lower = fitMarkov(stream, { vocabulary: 6, order });
      const context = stream.subarray(100, 100 + order - 1);
      expect(full.logProbabilities(context)).toEqual(lower.logProbabilities(context));
      expect(full.truncate(order).logProbabilities(stream.subarray(90, 100))).toEqual(
        lower.logProbabilities(stream.subarray(90, 100)),
      );
      expect(full.truncate(order).toBytes()).toEqual(lower.toBytes());
    }
  });

  describe("score", () => {
    const stream = skewedStream(11, 800, 6);
    const model = fitMarkov(stream, { vocabulary: 6, order: 4 });
    const test = skewedStream(12, 103, 6);

    it("sums the losses of logProbabilities, over the stream and over windows", () => {
      for (const context of [undefined, 1, 2, 3, 10, 51, 102, 500]) {
        const { perToken, nats, count, protocol } = model.score(test, { context, perToken: true });
        expect([count, protocol]).toEqual([102, context === undefined ? "stream" : "windows"]);
        let sum = 0;
        for (let i = 1; i < test.length; i++) {
          const from = context === undefined ? 0 : Math.floor((i - 1) / context) * context;
          const loss = -model.logProbabilities(test.subarray(from, i))[test[i]!]!;
          expect(perToken![i - 1]).toBeCloseTo(loss, 11);
          sum += loss;
        }
        expect(nats).toBeCloseTo(sum, 9);
      }
    });

    it("drops the last window on request", () => {
      const all = model.score(test, { context: 10, perToken: true });
      const whole = model.score(test, { context: 10, perToken: true, partialWindow: "drop" });
      expect([all.count, whole.count]).toEqual([102, 100]);
      expect(whole.perToken).toEqual(all.perToken!.subarray(0, 100));
      expect(model.score(test, { context: 102, partialWindow: "drop" }).count).toBe(102);
      expect(model.score(test, { context: 103, partialWindow: "drop" })).toEqual({
        nats: 0,
        count: 0,
        protocol: "windows",
      });
    });

    it("has nothing to predict in fewer than two tokens", () => {
      expect(model.score(new Int32Array(0))).toEqual({ nats: 0, count: 0, protocol: "stream" });
      expect(model.score(Int32Array.of(3))).toEqual({ nats: 0, count: 0, protocol: "stream" });
    });
  });

  it("approaches the entropy rate of a Markov chain it learns from", () => {
    // A second-order binary chain: p(1 | the last two tokens). Stationary distribution by iteration, entropy rate from it.
    const p1 = [0.9, 0.3, 0.2, 0.65]; // after 00, 01, 10, 11
    let stationary = [0.25, 0.25, 0.25, 0.25];
    for (let i = 0; i < 1000; i++) {
      const next = [0, 0, 0, 0];
      for (let state = 0; state < 4; state++) {
        next[((state << 1) & 3) | 1]! += stationary[state]! * p1[state]!;
        next[(state << 1) & 3]! += stationary[state]! * (1 - p1[state]!);
      }
      stationary = next;
    }
    const entropy = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    const rate = p1.reduce((sum, p, state) => sum + stationary[state]! * entropy(p), 0);

    const uniform = RandomKey.fromSeed(21).uniform(new Float32Array(400_000));
    const stream = new Int32Array(uniform.length);
    let truth = 0; // the chain's own loss on the second half
    for (let i = 2; i < stream.length; i++) {
      const p = p1[stream[i - 2]! * 2 + stream[i - 1]!]!;
      stream[i] = uniform[i]! < p ? 1 : 0;
      if (i > 200_002) truth -= Math.log(stream[i] === 1 ? p : 1 - p);
    }
    const train = stream.subarray(0, 200_000);
    const test = stream.subarray(200_000);
    const loss = (order: number): number => {
      const { nats, count } = fitMarkov(train, { vocabulary: 2, order }).score(test);
      return nats / count;
    };
    truth /= test.length - 3;
    expect(Math.abs(truth - rate)).toBeLessThan(0.005); // the test sample is typical
    expect(Math.abs(loss(3) - truth)).toBeLessThan(2e-4);
    expect(loss(2) - rate).toBeGreaterThan(0.02); // too short a context cannot reach it
    expect(loss(1) - rate).toBeGreaterThan(0.02);
  });

  it("names what is wrong with its input", () => {
    expect(() => tiny.logProbabilities([0, 3])).toThrow("Token 3 at position 1 is outside the vocabulary of 3");
    expect(() => tiny.logProbabilities([0.5])).toThrow(ArgumentError);
    expect(() => tiny.logProbabilities([0], new Float64Array(2))).toThrow(ArgumentError);
    expect(() => tiny.score(Int32Array.of(0, -1))).toThrow(ArgumentError);
    for (const context of [0, 1.5, -3, Number.NaN])
      expect(() => tiny.score(Int32Array.of(0, 1), { context })).toThrow(ArgumentError);
    for (const order of [0, 3, 1.5]) expect(() => tiny.truncate(order)).toThrow(ArgumentError);
  });
});

import { ArgumentError } from "@atelier/engine/errors";
import { RandomKey } from "@atelier/engine/random";
import { describe, expect, it } from "vitest";
import { BidirectionalMarkov, fitBidirectional } from "./bidirectional.js";
import { bruteForce } from "./brute-force.test-helpers.js";
import { fitMarkov } from "./fit.js";

/** Tokens drawn so that low ids are common. */
const skewedStream = (seed: number, length: number, vocabulary: number): Int32Array =>
  Int32Array.from(RandomKey.fromSeed(seed).uniform(new Float32Array(length)), (u) => Math.floor(u ** 3 * vocabulary));

/** A chain with p(next | last) = table[last][next]. */
function chain(table: readonly (readonly number[])[], length: number, seed: number): Int32Array {
  const draws = RandomKey.fromSeed(seed).uniform(new Float32Array(length));
  const stream = new Int32Array(length);
  for (let i = 1; i < length; i++) {
    let left = draws[i]!;
    const row = table[stream[i - 1]!]!;
    let next = 0;
    while (next < row.length - 1 && left >= row[next]!) left -= row[next++]!;
    stream[i] = next;
  }
  return stream;
}

const TABLE = [
  [0.1, 0.6, 0.3],
  [0.5, 0.1, 0.4],
  [0.2, 0.7, 0.1],
] as const;

/** ln p(• | left, right) of the formula, over the brute-force models of both directions. */
function byHand(stream: Int32Array, vocabulary: number, order: number, left: number[], right: number[]): number[] {
  const ahead = bruteForce([...stream], vocabulary);
  const behind = bruteForce([...stream].reverse(), vocabulary);
  const near = order - 1;
  const before = near === 0 ? [] : left.slice(-near);
  const after = right.slice(0, near).reverse();
  const products = Array.from({ length: vocabulary }, (_, x) => (ahead(before, x) * behind(after, x)) / ahead([], x));
  const total = products.reduce((a, b) => a + b);
  return products.map((p) => Math.log(p / total));
}

describe("BidirectionalMarkov", () => {
  it.each([1, 2, 3, 4])("multiplies both directions, by brute force (order %i)", (order) => {
    const vocabulary = 5;
    const stream = skewedStream(order, 600, vocabulary);
    const model = fitBidirectional(stream, { vocabulary, order });
    for (let trial = 0; trial < 40; trial++) {
      const key = RandomKey.fromSeed(90).at(trial);
      const at = 10 + key.integer(stream.length - 20);
      const left = [...stream.subarray(at - key.split("left").integer(6), at)];
      const right = [...stream.subarray(at + 1, at + 1 + key.split("right").integer(6))];
      if (trial % 2) right.reverse(); // not always as it stands in the stream
      const actual = model.logProbabilities(left, right);
      byHand(stream, vocabulary, order, left, right).forEach((log, x) => {
        expect(Math.abs(actual[x]! - log)).toBeLessThan(1e-11);
      });
      expect(actual.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 12);
    }
  });

  it("is one direction where the other has nothing, and the unigrams where neither has", () => {
    const stream = skewedStream(7, 500, 6);
    const model = fitBidirectional(stream, { vocabulary: 6, order: 3 });
    const alike = (a: Float64Array, b: Float64Array): void => {
      a.forEach((log, x) => {
        expect(log).toBeCloseTo(b[x]!, 12);
      });
    };
    alike(model.logProbabilities([1, 2], []), model.forward.logProbabilities([1, 2]));
    alike(model.logProbabilities([], [1, 2]), model.backward.logProbabilities([2, 1]));
    alike(model.logProbabilities([], []), model.forward.logProbabilities([]));
  });

  it("approaches Bayes' rule on a first-order chain, where it is exact", () => {
    const model = fitBidirectional(chain(TABLE, 200_000, 11), { vocabulary: 3, order: 2 });
    for (let l = 0; l < 3; l++) {
      for (let r = 0; r < 3; r++) {
        // p(x | l, r) ∝ p(x | l) p(r | x), from the chain's own table.
        const products = [0, 1, 2].map((x) => TABLE[l]![x]! * TABLE[x]![r]!);
        const total = products.reduce((a, b) => a + b);
        const actual = model.logProbabilities([l], [r]);
        products.forEach((p, x) => {
          expect(Math.abs(Math.exp(actual[x]!) - p / total)).toBeLessThan(0.01);
        });
      }
    }
  });

  it("scores hidden tokens from what lies between them and the nearest other hidden ones", () => {
    const stream = skewedStream(8, 600, 5);
    const model = fitBidirectional(stream, { vocabulary: 5, order: 3 });
    const row = skewedStream(9, 9, 5);
    const [a, b, c, d, e, f, g, h] = row;
    const losses = model.score(row, [0, 3, 4, 8]);
    const expected: [number, number[], number[]][] = [
      [0, [], [b!, c!]],
      [3, [b!, c!], []],
      [4, [], [f!, g!, h!]],
      [8, [f!, g!, h!], []],
    ];
    expect([a, d, e].every((token) => token !== undefined)).toBe(true);
    expected.forEach(([at, left, right], i) => {
      expect(losses[i]).toBeCloseTo(-byHand(stream, 5, 3, left, right)[row[at]!]!, 10);
    });
  });

  it("chooses the order that hidden tokens are best named with", () => {
    const draws = RandomKey.fromSeed(12).uniform(new Float32Array(5000), 0, 8);
    // Eight tokens of thirty may follow each: contexts of two tokens occur too rarely to be known, and would add nothing.
    const first = new Int32Array(5000);
    for (let i = 1; i < first.length; i++) first[i] = (3 * first[i - 1]! + Math.floor(draws[i]!)) % 30;
    expect(fitBidirectional(first, { vocabulary: 30 }).order).toBe(2);
    // Only two tokens together say something of the next.
    const second = new Int32Array(5000);
    for (let i = 2; i < second.length; i++)
      second[i] = (second[i - 1]! + second[i - 2]! + Math.max(0, Math.floor(draws[i]!) - 5)) % 8;
    expect(fitBidirectional(second, { vocabulary: 8, maximumOrder: 3 }).order).toBe(3);
    expect(fitBidirectional(Int32Array.of(0, 1, 2), { vocabulary: 3 }).order).toBe(1);
  });

  it("names what is wrong with its input", () => {
    const stream = skewedStream(14, 100, 4);
    const model = fitBidirectional(stream, { vocabulary: 4, order: 2 });
    for (const positions of [[-1], [4], [1, 1], [2, 1], [0.5]])
      expect(() => model.score(Int32Array.of(0, 1, 2, 3), positions)).toThrow(ArgumentError);
    expect(() => model.score(Int32Array.of(0, 4), [1])).toThrow("Token 4 at position 1 is outside");
    expect(() => fitBidirectional(stream, { vocabulary: 4, share: 0 })).toThrow("`share` lies above 0");
    const other = fitMarkov(stream, { vocabulary: 5, order: 2 });
    expect(() => new BidirectionalMarkov(model.forward, other)).toThrow("vocabularies of 4 and of 5");
  });
});

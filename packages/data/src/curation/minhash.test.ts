import { RandomKey } from "@atelier/engine/random";
import { describe, expect, it } from "vitest";
import { signatureLength, similarityOf, writeSignature } from "./minhash.js";
import { TextScan } from "./text-scan.js";

const root = RandomKey.fromSeed(7);

/** Two texts of `words` different words, of which a run in the middle is other in the second. */
function pair(words: number, changed: number, key: RandomKey): readonly [string, string] {
  const ids = key.bits(new Uint32Array(words + changed));
  const first = Array.from(ids.subarray(0, words), (id) => `w${id}`);
  const second = [...first];
  const from = Math.floor((words - changed) / 2);
  for (let i = 0; i < changed; i++) second[from + i] = `v${ids[words + i]!}`;
  return [first.join(" "), second.join(" ")];
}

/** By brute force, over sets of strings. */
function jaccard(a: string, b: string, size: number): number {
  const shingles = (text: string): Set<string> => {
    const words = text.split(" ");
    return new Set(Array.from({ length: words.length - size + 1 }, (_, i) => words.slice(i, i + size).join(" ")));
  };
  const [first, second] = [shingles(a), shingles(b)];
  const both = [...first].filter((shingle) => second.has(shingle)).length;
  return both / (first.size + second.size - both);
}

function estimate(a: string, b: string, size: number): number {
  const scan = new TextScan();
  const signatures = [a, b].map((text) => {
    const signature = new Uint8Array(signatureLength);
    scan.scan(text);
    expect(writeSignature(scan.wordHashes, scan.words, size, signature)).toBe(true);
    return signature;
  });
  return similarityOf(signatures[0]!.filter((byte, i) => byte === signatures[1]![i]).length);
}

describe("the estimate of Jaccard similarity", () => {
  it.each([
    [2000, 0, 5],
    [2000, 100, 5],
    [2000, 220, 5],
    [2000, 650, 5],
    [2000, 1900, 5],
    [300, 30, 5],
    [300, 30, 1],
    [60, 3, 3],
  ])("of %i words, %i of them changed, in shingles of %i: within the binomial error", (words, changed, size) => {
    const pairs = 60;
    let [sum, squares, truth] = [0, 0, 0];
    for (let i = 0; i < pairs; i++) {
      const [a, b] = pair(words, changed, root.split(`${words} ${changed} ${size}`).at(i));
      truth = jaccard(a, b, size);
      const error = estimate(a, b, size) - truth;
      sum += error;
      squares += error ** 2;
    }
    // The bytes of 128 bins are right with probability J, or agree by chance.
    const agree = truth + (1 - truth) / 256;
    const deviation = Math.sqrt((agree * (1 - agree)) / 128) / (1 - 1 / 256);
    // Unbiased: the mean of 60 within 3.5 of its own standard errors. One bin is not wholly independent of another: a tenth more, at most.
    expect(Math.abs(sum / pairs)).toBeLessThanOrEqual(3.5 * ((1.1 * deviation) / Math.sqrt(pairs)));
    // The spread: chi-squared with 60 degrees of freedom is below 99.6 in 999 of 1000 cases.
    expect(squares).toBeLessThanOrEqual(99.6 * (1.1 * deviation) ** 2);
  });

  it("is 0 for texts that share nothing, within the binomial error", () => {
    let sum = 0;
    for (let i = 0; i < 40; i++) {
      const [a] = pair(500, 0, root.split("left").at(i));
      const [b] = pair(500, 0, root.split("right").at(i));
      sum += estimate(a, b, 5);
    }
    // Agreement by chance, 1 in 256, is taken off again; cut at 0, the mean of what is left is under one standard deviation.
    expect(sum / 40).toBeLessThan(Math.sqrt(1 / 256 / 128));
  });

  it("is 1 for equal texts of any length, of one word as well", () => {
    for (const words of [1, 2, 5, 6, 40]) {
      const [a] = pair(words, 0, root.at(words));
      expect(estimate(a, a.toUpperCase(), 5)).toBe(1);
    }
  });
});

it("a text without words has no signature", () => {
  expect(writeSignature(new Int32Array(4), 0, 5, new Uint8Array(signatureLength))).toBe(false);
});

import { RandomKey } from "@atelier/engine/random";
import { describe, expect, it } from "vitest";
import { signatureLength } from "./minhash.js";
import { bandingFor, NearDuplicateIndex } from "./near-duplicates.js";

const root = RandomKey.fromSeed(11);

const randomSignature = (key: RandomKey): Uint8Array =>
  Uint8Array.from(key.bits(new Uint32Array(signatureLength)), (word) => word >>> 24);

/** Every byte is kept with probability `similarity`, else made another one. */
function relative(signature: Uint8Array, similarity: number, key: RandomKey): Uint8Array {
  const draws = key.uniform(new Float32Array(signatureLength));
  return signature.map((byte, i) => (draws[i]! < similarity ? byte : (byte + 128) & 255));
}

describe("banding", () => {
  it.each([
    [0.5, 3],
    [0.7, 6],
    [0.8, 8],
    [0.9, 14],
    [1, 128],
  ])("for a threshold of %f has %i rows, the most with a recall of 0.9 there", (threshold, rows) => {
    const banding = bandingFor(threshold);
    expect(banding).toEqual({ bands: Math.floor(128 / rows), rows });
    const recall = (r: number): number => 1 - (1 - threshold ** r) ** Math.floor(128 / r);
    expect(recall(rows)).toBeGreaterThanOrEqual(0.9);
    for (let wider = rows + 1; wider <= 128; wider++) expect(recall(wider)).toBeLessThan(0.9);
  });

  it.each([0.6, 0.7, 0.8, 0.9])(
    "brings together pairs of similarity %f as often as 1 - (1 - s^r)^b says",
    (similarity) => {
      const pairs = 1500;
      // No threshold to speak of: whatever shares a band is found.
      const index = new NearDuplicateIndex(0.01, { bands: 16, rows: 8 });
      const signatures = Array.from({ length: pairs }, (_, i) => randomSignature(root.split("base").at(i)));
      for (const signature of signatures) index.add(signature);
      let found = 0;
      for (const [i, signature] of signatures.entries()) {
        const neighbour = index.find(relative(signature, similarity, root.split(`near ${similarity}`).at(i)));
        if (neighbour !== undefined) expect(neighbour.id).toBe(i);
        if (neighbour !== undefined) found++;
      }
      const expected = 1 - (1 - similarity ** 8) ** 16;
      const error = Math.sqrt((expected * (1 - expected)) / pairs);
      expect(Math.abs(found / pairs - expected)).toBeLessThan(3.5 * error + 1e-9);
    },
  );
});

describe("the index", () => {
  it("finds the most similar, of equals the first, and nothing below the threshold", () => {
    const base = randomSignature(root);
    const change = (bytes: number): Uint8Array => base.map((byte, i) => (i >= 128 - bytes ? byte ^ 0x55 : byte));
    const index = new NearDuplicateIndex(0.8);
    expect(index.find(base)).toBeUndefined();
    expect(index.add(change(20))).toBe(0);
    expect(index.find(base)?.similarity).toBeCloseTo((108 / 128 - 1 / 256) / (1 - 1 / 256), 12);
    index.add(change(10));
    index.add(change(10));
    expect(index.find(base)?.id).toBe(1);
    expect(index.find(base.map((byte, i) => (i < 40 ? byte ^ 0x55 : byte)))).toBeUndefined();
  });

  it("finds every one of many again, as tables grow", () => {
    const index = new NearDuplicateIndex(0.9);
    const count = 3000;
    for (let i = 0; i < count; i++) index.add(randomSignature(root.split("many").at(i)));
    for (let i = 0; i < count; i++) {
      expect(index.find(randomSignature(root.split("many").at(i)))).toEqual({ id: i, similarity: 1 });
    }
  });

  it("compares few where all texts share boilerplate", () => {
    const index = new NearDuplicateIndex(0.8);
    const shared = randomSignature(root);
    for (let i = 0; i < 2000; i++) {
      // Half of the bands are the same in all of them: 2 million comparisons, were all of them compared.
      const signature = randomSignature(root.split("template").at(i));
      signature.set(shared.subarray(0, 64));
      expect(index.find(signature)).toBeUndefined();
      index.add(signature);
    }
    // Sixteen under a key are compared, in each of the 8 bands that are alike.
    expect(index.comparisons).toBeLessThanOrEqual(2000 * 8 * 16);
    expect(index.comparisons).toBeGreaterThan(1000);
  });
});

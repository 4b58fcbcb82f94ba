import { FormatError } from "@atelier/engine/errors";
import { RandomKey } from "@atelier/engine/random";
import { describe, expect, it } from "vitest";
import { crc32 } from "./crc32.js";
import { fitMarkov } from "./fit.js";
import { MarkovModel } from "./model.js";

const uniform = RandomKey.fromSeed(8).uniform(new Float32Array(3000));
const stream = Int32Array.from(uniform, (u) => Math.floor(u ** 3 * 300));
const model = fitMarkov(stream, { vocabulary: 300, order: 4 });

/** Writes a right checksum over altered bytes, so that the checks behind it are reached. */
function sealed(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(bytes.subarray(0, bytes.length - 4)), true);
  return bytes;
}

describe("crc32", () => {
  it("has the check value of the catalogue", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });
});

describe("toBytes and fromBytes", () => {
  it("give back the same model", () => {
    const bytes = model.toBytes();
    const copy = MarkovModel.fromBytes(bytes);
    expect([copy.order, copy.vocabulary]).toEqual([4, 300]);
    expect(copy.score(stream, { context: 7, perToken: true })).toEqual(
      model.score(stream, { context: 7, perToken: true }),
    );
    expect(copy.toBytes()).toEqual(bytes);
    // Also from the middle of a larger buffer.
    const larger = new Uint8Array(bytes.length + 9);
    larger.set(bytes, 5);
    expect(MarkovModel.fromBytes(larger.subarray(5, 5 + bytes.length)).toBytes()).toEqual(bytes);
  });

  it("keep models of order 1 and of streams shorter than the order", () => {
    for (const order of [1, 9]) {
      const small = fitMarkov(Int32Array.of(4, 0, 4), { vocabulary: 5, order });
      expect(MarkovModel.fromBytes(small.toBytes()).logProbabilities([4])).toEqual(small.logProbabilities([4]));
    }
  });

  it("refuse truncated, extended, altered and foreign bytes", () => {
    const bytes = model.toBytes();
    const refused = (altered: Uint8Array): void => expect(() => MarkovModel.fromBytes(altered)).toThrow(FormatError);
    for (const length of [0, 7, 8, 20, 40, bytes.length - 1]) refused(bytes.slice(0, length));
    refused(Uint8Array.from([...bytes, 0]));
    for (let at = 0; at < bytes.length; at += 97) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << (at % 8);
      refused(flipped);
    }
    refused(new TextEncoder().encode('{"model": "something else altogether"}'));
    const newer = bytes.slice();
    newer[8] = 2;
    expect(() => MarkovModel.fromBytes(newer)).toThrow(/version 2/);
  });

  it("refuse impossible sizes before setting memory aside for them", () => {
    for (const [at, value] of [
      [12, 0], // order
      [12, 33],
      [16, 0], // vocabulary
      [16, 2 ** 31],
      [20, 0], // unigrams
      [24, 2 ** 30], // bigrams
    ] as const) {
      const altered = model.toBytes();
      new DataView(altered.buffer).setUint32(at, value, true);
      expect(() => MarkovModel.fromBytes(sealed(altered))).toThrow(FormatError);
    }
  });

  it("never give a model that is not one, whatever the bytes behind a right checksum", () => {
    const bytes = fitMarkov(stream.subarray(0, 60), { vocabulary: 300, order: 3 }).toBytes();
    let refused = 0;
    for (let at = 8; at < bytes.length - 4; at++) {
      if (at >= 16 && at < 20) continue; // a larger vocabulary is a valid one
      const altered = bytes.slice();
      altered[at] = (altered[at]! + 1 + (at % 255)) & 0xff;
      try {
        const logs = MarkovModel.fromBytes(sealed(altered)).logProbabilities([]);
        expect(Math.abs(logs.reduce((sum, log) => sum + Math.exp(log), 0) - 1)).toBeLessThan(1e-9);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(50);
  });
});

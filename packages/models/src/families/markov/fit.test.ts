import { ArgumentError } from "@atelier/engine/errors";
import { RandomKey } from "@atelier/engine/random";
import { describe, expect, it } from "vitest";
import { chooseOrder, fitMarkov } from "./fit.js";

describe("chooseOrder", () => {
  const uniform = RandomKey.fromSeed(3).uniform(new Float32Array(60_000));

  it("finds the order of a known chain", () => {
    // Each token follows the one three before it with probability 0.8: a chain of memory 3, hence order 4.
    const stream = new Int32Array(uniform.length);
    for (let i = 3; i < stream.length; i++) {
      stream[i] = uniform[i]! < 0.8 ? stream[i - 3]! : Math.floor(((uniform[i]! - 0.8) / 0.2) * 4);
    }
    const choice = chooseOrder(stream, { vocabulary: 4 });
    expect(choice.order).toBe(4);
    expect(choice.trials.map((trial) => trial.order)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(choice.heldOut).toBe(5_999);
    expect(fitMarkov(stream, { vocabulary: 4 }).order).toBe(4);
    // Stays with p = 0.8 + 0.2/4, else one of three others: its entropy in nats.
    const entropy = -0.85 * Math.log(0.85) - 0.15 * Math.log(0.05);
    expect(choice.trials[3]!.nats).toBeGreaterThan(entropy - 0.04);
    expect(choice.trials[3]!.nats).toBeLessThan(entropy + 0.04);
  });

  it("takes order 1 for tokens without any order", () => {
    const stream = Int32Array.from(uniform, (u) => Math.floor(u * 50));
    expect(chooseOrder(stream, { vocabulary: 50 }).order).toBe(1);
  });

  it("keeps to the maximum, and to what little there is", () => {
    expect(chooseOrder(new Int32Array(100), { vocabulary: 9, maximumOrder: 2 }).trials).toHaveLength(2);
    expect(chooseOrder(new Int32Array(100), { vocabulary: 513 }).trials).toHaveLength(5);
    expect(chooseOrder(new Int32Array(19), { vocabulary: 9 })).toEqual({ order: 1, trials: [], heldOut: 0 });
  });
});

describe("fitMarkov", () => {
  it("takes streams shorter than the order", () => {
    const model = fitMarkov(Int32Array.of(2, 0), { vocabulary: 3, order: 6 });
    const after = [...model.logProbabilities([2])].map(Math.exp);
    expect(after.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 14);
    expect(after[0]).toBeGreaterThan(after[1]!);
    expect(model.order).toBe(6);
  });

  it("names what is wrong with its input", () => {
    const tokens = Int32Array.of(0, 1, 2);
    for (const order of [0, 1.5, 33, Number.NaN])
      expect(() => fitMarkov(tokens, { vocabulary: 3, order })).toThrow(ArgumentError);
    for (const vocabulary of [0, -1, 2.5, 2]) expect(() => fitMarkov(tokens, { vocabulary })).toThrow(ArgumentError);
    expect(() => fitMarkov(new Int32Array(0), { vocabulary: 3 })).toThrow(ArgumentError);
    expect(() => fitMarkov(tokens, { vocabulary: 3, maximumOrder: 0 })).toThrow(ArgumentError);
  });
});

import { ArgumentError, AtelierError } from "@atelier/engine/errors";
import { RandomKey } from "@atelier/engine/random";
import { describe, expect, it } from "vitest";
import { LogitsError } from "./errors.js";
import { Sampler, sampleToken } from "./sampler.js";
import type { SamplingStep } from "./step.js";

const key = RandomKey.fromSeed(77);
const draws = 100_000;

function frequencies(sampler: Sampler, logits: Float32Array | Float64Array): number[] {
  const counts = new Array<number>(logits.length).fill(0);
  for (let i = 0; i < draws; i++) counts[sampler.sample(logits, key.at(i))]!++;
  return counts.map((count) => count / draws);
}

/** Each frequency within five standard deviations of a binomial share; what cannot happen never happens. */
function expectShares(actual: readonly number[], shares: readonly number[]): void {
  shares.forEach((share, token) => {
    expect(Math.abs(actual[token]! - share)).toBeLessThanOrEqual(5 * Math.sqrt((share * (1 - share)) / draws));
  });
}

const logs = (...probabilities: number[]): Float32Array => Float32Array.from(probabilities, Math.log);

describe("Sampler", () => {
  const logits = logs(0.1, 0.4, 0.2, 0.3);

  it("draws from the softmax at temperature 1, whatever is added to all logits", () => {
    const sampler = new Sampler({ temperature: 1 });
    expectShares(frequencies(sampler, logits), [0.1, 0.4, 0.2, 0.3]);
    expectShares(
      frequencies(
        sampler,
        Float64Array.from(logits, (x) => x + 900),
      ),
      [0.1, 0.4, 0.2, 0.3],
    );
  });

  it("raises probabilities to the power of 1 / temperature", () => {
    // At 1/2: squares, 0.01, 0.16, 0.04, 0.09, over their sum 0.3. At 2: square roots.
    expectShares(frequencies(new Sampler({ temperature: 0.5 }), logits), [1 / 30, 16 / 30, 4 / 30, 9 / 30]);
    const roots = [0.1, 0.4, 0.2, 0.3].map(Math.sqrt);
    const sum = roots.reduce((a, b) => a + b, 0);
    expectShares(
      frequencies(new Sampler({ temperature: 2 }), logits),
      roots.map((root) => root / sum),
    );
  });

  it("combines top-k with top-p, top-p seeing what top-k left", () => {
    expectShares(frequencies(new Sampler({ temperature: 1, topK: 2 }), logits), [0, 4 / 7, 0, 3 / 7]);
    expectShares(frequencies(new Sampler({ temperature: 1, topP: 0.85 }), logits), [0, 4 / 9, 2 / 9, 3 / 9]);
    // Of all tokens 0.5 takes two (0.4 + 0.3); of the two that top-k leaves, the first is already 4/7.
    expectShares(frequencies(new Sampler({ temperature: 1, topP: 0.5 }), logits), [0, 4 / 7, 0, 3 / 7]);
    expectShares(frequencies(new Sampler({ temperature: 1, topK: 2, topP: 0.5 }), logits), [0, 1, 0, 0]);
    // The temperature comes first: at 1/2 the best has 16/30 on its own.
    expectShares(frequencies(new Sampler({ temperature: 0.5, topP: 0.5 }), logits), [0, 1, 0, 0]);
  });

  it("applies min-p after the temperature and the other filters", () => {
    // Of the best, 0.4, the others have 1/4, 1/2 and 3/4; at temperature 1/2 the squares of these.
    expectShares(frequencies(new Sampler({ temperature: 1, minP: 0.4 }), logits), [0, 4 / 9, 2 / 9, 3 / 9]);
    expectShares(frequencies(new Sampler({ temperature: 0.5, minP: 0.4 }), logits), [0, 16 / 25, 0, 9 / 25]);
    expectShares(frequencies(new Sampler({ temperature: 1, topK: 2, minP: 0.1 }), logits), [0, 4 / 7, 0, 3 / 7]);
  });

  it("penalises what the row's history holds, greedy too, and asks for that history", () => {
    const greedy = new Sampler({ temperature: 0, repetitionPenalty: 2, repetitionWindow: 2 });
    const history = greedy.history(3)!;
    const drawn: number[] = [];
    for (let i = 0; i < 6; i++) {
      drawn.push(greedy.sample(Float32Array.of(5, 4, 3), key.at(i), history));
      history.push(drawn.at(-1)!);
    }
    // 0 halves to 2.5; then 1 to 2 and token 2 is best at 3; by then 0 has left the window, and it begins again.
    expect(drawn).toEqual([0, 1, 2, 0, 1, 2]);
    expect(() => greedy.sample(Float32Array.of(5, 4, 3), key)).toThrow(ArgumentError);
    expect(new Sampler({ temperature: 0 }).history(3)).toBe(undefined);

    // Before the temperature: logits 2 ln 2 and 0, halved to ln 2 and 0 at penalty 2, doubled again at temperature 1/2.
    const sampler = new Sampler({ temperature: 0.5, repetitionPenalty: 2 });
    const seen = sampler.history(2)!;
    seen.push(0);
    const counts = [0, 0];
    for (let i = 0; i < draws; i++) counts[sampler.sample(Float32Array.of(2 * Math.LN2, 0), key.at(i), seen)]!++;
    expectShares(
      counts.map((count) => count / draws),
      [4 / 5, 1 / 5],
    );
  });

  it("takes the first of the largest at temperature 0, without randomness", () => {
    const greedy = new Sampler({ temperature: 0, topK: 1, topP: 0.1 });
    for (let i = 0; i < 50; i++) expect(greedy.sample(Float32Array.of(1, 7, 7, -2, 7), key.at(i))).toBe(1);
  });

  it("is nearly greedy at a tiny temperature, and tied tokens stay tied", () => {
    for (const temperature of [1e-6, 1e-45, Number.MIN_VALUE]) {
      expectShares(frequencies(new Sampler({ temperature }), Float32Array.of(5, 4.999, 5, -100)), [0.5, 0, 0.5, 0]);
    }
  });

  it("takes -Infinity as forbidden and +Infinity as certain", () => {
    const low = Number.NEGATIVE_INFINITY;
    const high = Number.POSITIVE_INFINITY;
    for (const settings of [{ temperature: 1 }, { temperature: 0.7, topK: 3, topP: 0.95 }, { temperature: 3 }]) {
      const sampler = new Sampler(settings);
      expectShares(frequencies(sampler, Float32Array.of(low, 2, low, 2)), [0, 0.5, 0, 0.5]);
      expectShares(frequencies(sampler, Float32Array.of(high, 2, high, low)), [0.5, 0, 0.5, 0]);
    }
    expect(new Sampler({ temperature: 0 }).sample(Float32Array.of(low, 3, high, high), key)).toBe(2);
    expect(new Sampler({ temperature: 0 }).sample(Float32Array.of(low, -9), key)).toBe(1);
  });

  it("gives the same token for the same key, and leaves the logits alone", () => {
    const sampler = new Sampler({ temperature: 0.9, topK: 3, topP: 0.9 });
    const before = logits.slice();
    for (let i = 0; i < 20; i++) {
      const token = sampler.sample(logits, key.at(i));
      expect(sampler.sample(logits, key.at(i))).toBe(token);
      expect(sampleToken(logits, { temperature: 0.9, topK: 3, topP: 0.9 }, key.at(i))).toBe(token);
      sampleToken(Float32Array.of(0, 0), { temperature: 1 }, key); // another size in between
    }
    expect(logits).toEqual(before);
  });

  it("runs the caller's steps first, greedy or not", () => {
    const forbidBest: SamplingStep = (row) => {
      row[1] = Number.NEGATIVE_INFINITY;
    };
    expect(new Sampler({ temperature: 0 }, [forbidBest]).sample(logits, key)).toBe(3);
    expectShares(frequencies(new Sampler({ temperature: 1, topK: 2 }, [forbidBest]), logits), [0, 0, 0.4, 0.6]);
  });

  it("refuses impossible settings, greedy or not", () => {
    for (const temperature of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new Sampler({ temperature })).toThrow(ArgumentError);
    }
    for (const temperature of [0, 1]) {
      for (const topK of [0, -1, 2.5, Number.NaN])
        expect(() => new Sampler({ temperature, topK })).toThrow(ArgumentError);
      for (const topP of [0, -0.1, 1.01, Number.NaN])
        expect(() => new Sampler({ temperature, topP })).toThrow(ArgumentError);
      expect(() => new Sampler({ temperature, minP: 0 })).toThrow(ArgumentError);
      expect(() => new Sampler({ temperature, repetitionPenalty: 0 })).toThrow(ArgumentError);
      expect(() => new Sampler({ temperature, repetitionWindow: 0 })).toThrow(ArgumentError);
    }
  });

  it("refuses logits that no token can be drawn from", () => {
    const low = Number.NEGATIVE_INFINITY;
    for (const temperature of [0, 1]) {
      for (const row of [[], [low, low], [0, Number.NaN], [Number.NaN, Number.POSITIVE_INFINITY]]) {
        expect(() => sampleToken(Float32Array.from(row), { temperature }, key)).toThrow(LogitsError);
      }
      const forbidAll = new Sampler({ temperature }, [(row) => void row.fill(low)]);
      expect(() => forbidAll.sample(logits, key)).toThrow("the sampling steps leave no token possible");
      // A failed call leaves the sampler usable.
      const sampler = new Sampler({ temperature });
      expect(() => sampler.sample(Float32Array.of(0, Number.NaN), key)).toThrow("NaN for token 1");
      expect(sampler.sample(Float32Array.of(low, 0), key)).toBe(1);
    }
    try {
      sampleToken(new Float32Array(0), { temperature: 1 }, key);
    } catch (error) {
      expect(AtelierError.isInstance(error) && error.code).toBe("BAD_LOGITS");
    }
  });
});

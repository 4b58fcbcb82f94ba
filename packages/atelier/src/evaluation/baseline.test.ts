/** The n-gram baseline sees what the model sees, and is fitted on as much as it says. */
import { CharacterCodec, TokenStream } from "@atelier/data";
import { fitMarkov } from "@atelier/models";
import { describe, expect, it } from "vitest";
import { fittedOf, kneserNeyBaseline, spread } from "./baseline.js";
import { scoreOf } from "./judgement.js";

describe("the baseline", () => {
  const text = "abracadabra abracadabra";
  const codec = CharacterCodec.fromTexts([text]);
  const stream = new TokenStream(codec.encode(text));

  it("sees the window before the token, and no more", async () => {
    const context = 5;
    const baseline = kneserNeyBaseline(stream, codec, context);
    const order = Number(baseline.name[0]);
    const ids = stream.read(0, stream.length);
    const model = fitMarkov(ids, { vocabulary: codec.spec.vocabulary, order });
    const windows = [0, 0, 0, 0, 0];
    for (let i = 0; i < ids.length - 1; i++) {
      const windowStart = i - (i % context);
      windows[windowStart / context]! -= model.logProbabilities(ids.slice(windowStart, i + 1))[ids[i + 1]!]!;
    }
    const judgement = await baseline.judge(stream);
    expect([...judgement.counts]).toEqual([5, 5, 5, 5, 2]);
    for (const [window, nats] of windows.entries()) expect(judgement.nats[window]).toBeCloseTo(nats, 9);
  });

  it("goes on from a prompt with tokens that the text has, each after what precedes it", () => {
    const baseline = kneserNeyBaseline(stream, codec, 5);
    const [a, b, r] = [..."abr"].map((letter) => codec.encode(letter)[0]!);
    const key = { at: () => key, float64: () => 0.5 } as never;
    const made = baseline.generate!([a!, b!], 3, 0, key);
    expect(made[0]).toBe(r);
    expect(made.length).toBe(3);
  });

  it("is fitted on pieces from all over a long text, and says so", () => {
    const long = new TokenStream(Int32Array.from({ length: 1000 }, (_, i) => i));
    const some = spread(long, 128);
    // 64 pieces of 2, at every 1000 / 64th token.
    expect(some.length).toBe(128);
    expect([...some.subarray(0, 6)]).toEqual([0, 1, 15, 16, 31, 32]);
    expect(some.at(-2)).toBe(984);
    expect(spread(long, 1000)).toEqual(long.read(0, 1000));
    expect(fittedOf(some, long)).toContain("fitted on");
    expect(fittedOf(long.read(0, 1000), long)).toBe("");
  });
});

describe("the figures", () => {
  it("follow from nats, tokens and bytes", () => {
    // 16 tokens at 2 bits each, over 8 bytes of text.
    const score = scoreOf({
      nats: Float64Array.of(20 * Math.LN2, 12 * Math.LN2),
      counts: Float64Array.of(10, 6),
      bytes: Float64Array.of(5, 3),
    });
    expect(score.loss).toBeCloseTo(2 * Math.LN2, 12);
    expect(score.perplexity).toBeCloseTo(4, 12);
    expect(score.bitsPerByte).toBeCloseTo(4, 12);
    expect(score.tokens).toBe(16);
  });
});

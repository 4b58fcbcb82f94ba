import { CharacterCodec, TokenStream } from "@atelier/data";
import { input, RandomKey, Scope } from "@atelier/engine";
import { classicGpt, fitMarkov, gptLogits } from "@atelier/models";
import { describe, expect, it } from "vitest";
import { continueBaseline, type SampleRequest, sampleBoth } from "./samples.js";

const text = "It was a dark night.\nThe rain fell in torrents.\nA candle burned.\n".repeat(6);
const codec = CharacterCodec.fromTexts([text]);
const configuration = classicGpt({
  vocabulary: codec.spec.vocabulary,
  context: 16,
  layers: 1,
  heads: 2,
  width: 8,
});
const { params: weights } = Scope.declare(
  (scope) => gptLogits(scope, configuration, input("tokens", [1, 1], "int32")),
  RandomKey.fromSeed(1),
);
const ids = codec.encode(text);
const request: SampleRequest = {
  configuration,
  weights,
  baseline: fitMarkov(ids, { vocabulary: codec.spec.vocabulary, order: 4 }),
  codec,
  validation: new TokenStream(ids),
  key: RandomKey.fromSeed(7),
  characters: 40,
};

describe("samples", () => {
  it("are as many and as long as asked for, of both models, from prompts that begin a line of the text", async () => {
    const samples = await sampleBoth({ ...request, count: 4 });
    expect(samples.length).toBe(4);
    for (const { prompt, model, baseline } of samples) {
      expect([prompt.length, model.length, baseline.length]).toEqual([8, 40, 40]);
      expect(text).toContain(`\n${prompt}`);
    }
    expect(new Set(samples.map(({ baseline }) => baseline)).size).toBe(4);
  });

  it("are the same for the same key, and others for another", async () => {
    const samples = await sampleBoth(request);
    expect(samples.length).toBe(3);
    expect(await sampleBoth(request)).toEqual(samples);
    const others = await sampleBoth({ ...request, key: RandomKey.fromSeed(8) });
    expect(others.map(({ prompt }) => prompt)).toEqual(samples.map(({ prompt }) => prompt));
    expect(others.map(({ model }) => model)).not.toEqual(samples.map(({ model }) => model));
    expect(others.map(({ baseline }) => baseline)).not.toEqual(samples.map(({ baseline }) => baseline));
  });

  it("can be drawn from a text of a few characters", async () => {
    const short = new TokenStream(codec.encode("It"));
    const [sample] = await sampleBoth({ ...request, validation: short, count: 1 });
    expect(sample!.prompt).toBe("I");
  });
});

describe("the baseline's continuation", () => {
  it("has only characters that the model gives, each after what precedes it", () => {
    // Of order 1 the model is the frequency of characters, so that a text of one letter can only go on with it.
    const model = fitMarkov(new Int32Array(400), { vocabulary: 2, order: 2 });
    const made = continueBaseline(model, [0, 0], 50, RandomKey.fromSeed(1));
    expect(made.length).toBe(50);
    expect(made.filter((token) => token === 1).length).toBeLessThan(3);
  });
});

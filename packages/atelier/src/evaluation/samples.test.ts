/** Samples for people to look at: from prompts that begin where words do, as many and as long as asked for, the same for the same key. */
import { BpeCodec, CharacterCodec, type TextCodec, TokenStream } from "@atelier/data";
import { input, RandomKey, Scope } from "@atelier/engine";
import { classicGpt, gptLogits } from "@atelier/models";
import { afterAll, describe, expect, it } from "vitest";
import { GptGenerator } from "../generation/generate.js";
import { kneserNeyBaseline } from "./baseline.js";
import { type SampleRequest, sampleModel } from "./samples.js";

const text = "It was a dark night.\nThe rain fell in torrents.\nA candle burned.\n".repeat(12);
const generators: GptGenerator[] = [];
afterAll(async () => {
  for (const generator of generators) await generator.release();
});

function requestOf(codec: TextCodec): SampleRequest {
  const c = classicGpt({ vocabulary: codec.spec.vocabulary, context: 16, layers: 1, heads: 2, width: 8 });
  const { params } = Scope.declare(
    (scope) => gptLogits(scope, c, input("tokens", [1, 1], "int32")),
    RandomKey.fromSeed(1),
  );
  const generator = new GptGenerator(c, params, { threads: 1 });
  generators.push(generator);
  const validation = new TokenStream(codec.encode(text));
  return {
    generator,
    context: c.context,
    baseline: kneserNeyBaseline(validation, codec, c.context),
    codec,
    validation,
    key: RandomKey.fromSeed(7),
    count: 6,
    shown: 2,
    characters: 40,
  };
}

describe("samples", () => {
  const characters = requestOf(CharacterCodec.fromTexts([text]));

  it("are as many and as long as asked for, some shown beside the baseline's, from prompts that begin a line", async () => {
    const { texts, shown } = await sampleModel(characters);
    expect(texts.map(({ length }) => length)).toEqual([40, 40, 40, 40, 40, 40]);
    expect(shown).toHaveLength(2);
    for (const { prompt, model, baseline } of shown) {
      expect([prompt.length, baseline.length]).toEqual([8, 40]);
      expect(text).toContain(`\n${prompt}`);
      expect(texts).toContain(model);
    }
  });

  it("are the same for the same key, and others for another", async () => {
    const one = await sampleModel(characters);
    expect(await sampleModel(characters)).toEqual(one);
    const other = await sampleModel({ ...characters, key: RandomKey.fromSeed(8) });
    expect(other.shown.map(({ prompt }) => prompt)).toEqual(one.shown.map(({ prompt }) => prompt));
    expect(other.texts).not.toEqual(one.texts);
  });

  it("begin where a word does, also where white space begins a token", async () => {
    const words = new Set(text.split(/\s+/));
    const { shown } = await sampleModel({ ...requestOf(BpeCodec.train([text], { vocabulary: 270 })), shown: 6 });
    for (const { prompt } of shown) {
      const [first, ...more] = prompt.trim().split(/\s+/);
      if (more.length > 0) expect(words).toContain(first);
    }
  });

  it("can be made after a text of a few characters", async () => {
    const codec = characters.codec;
    const short = { ...characters, validation: new TokenStream(codec.encode("It")), count: 1, shown: 1 };
    expect((await sampleModel(short)).shown[0]!.prompt).toBe("I");
  });

  it("tell how far they are", async () => {
    const seen: (readonly [number, number])[] = [];
    await sampleModel({ ...characters, onProgress: (done, total) => seen.push([done, total]) });
    expect(seen.at(-1)).toEqual([240, 240]);
  });
});

/** The judge against the definition, computed window by window in float64; and the baseline under the same protocol. */
import { BpeCodec, CharacterCodec, TokenStream } from "@atelier/data";
import {
  flattenTree,
  type HostTensor,
  hostTensor,
  input,
  mapTree,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { interpret } from "@atelier/engine/reference";
import { fitMarkov, type GptConfiguration, gptLogits, modernGpt } from "@atelier/models";
import { afterAll, describe, expect, it } from "vitest";
import { verdict } from "./baseline.js";
import { GptJudge, scoreBaseline, scoreOf, targetBytes } from "./evaluate.js";

const c = modernGpt({ vocabulary: 9, context: 6, layers: 1, heads: 2, width: 8 });
const weights = mapTree<HostTensor, HostTensor>(
  Scope.declare((scope) => gptLogits(scope, c, input("tokens", [1, 1], "int32")), RandomKey.fromSeed(1)).params,
  ({ shape, data }, path) =>
    hostTensor(RandomKey.fromSeed(2).split(path).normal(new Float32Array(data.length), 0, 0.6), shape),
) as TreeRecord<HostTensor>;
const streamOf = (length: number): TokenStream =>
  new TokenStream(Int32Array.from({ length }, (_, i) => RandomKey.fromSeed(3).at(i).integer(9)));

/** Σ −ln p of every token but the first, each window read by itself by the float64 interpreter. */
function byDefinition(config: GptConfiguration, ids: Int32Array): number {
  const tree = mapTree<HostTensor, Tensor>(weights, ({ shape }, path) => input(path, shape, "float32"));
  const bindings = Object.fromEntries(flattenTree<HostTensor>(weights));
  let nats = 0;
  for (let start = 0; start < ids.length - 1; start += config.context) {
    const window = ids.slice(start, Math.min(start + config.context, ids.length - 1));
    const tokens = input("tokens", [1, window.length], "int32");
    const logits = gptLogits(Scope.over({ params: tree as TreeRecord<Tensor> }), config, tokens);
    const { data } = interpret([logits], { ...bindings, tokens: hostTensor(window, [1, window.length]) })[0]!;
    for (let t = 0; t < window.length; t++) {
      const row = data.slice(t * config.vocabulary, (t + 1) * config.vocabulary);
      const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
      nats -= Math.log(Math.exp(row[ids[start + t + 1]!]!) / total);
    }
  }
  return nats;
}

describe("GptJudge", () => {
  const judge = new GptJudge(c);
  afterAll(() => judge.release());

  it.each([2, 6, 7, 8, 25, 29])(
    "scores a stream of %d tokens as defined, the short last window included",
    async (length) => {
      const stream = streamOf(length);
      const { nats, count } = await judge.score(weights, stream);
      expect(count).toBe(length - 1);
      expect(nats / byDefinition(c, stream.ids)).toBeCloseTo(1, 5);
    },
  );

  it("adds up over several calls of the runtime", async () => {
    const stream = streamOf(5003);
    const whole = await judge.score(weights, stream);
    // Cut where a window begins: the parts are judged alike.
    const first = await judge.score(weights, new TokenStream(stream.ids.slice(0, 4201)));
    const second = await judge.score(weights, new TokenStream(stream.ids.slice(4200)));
    expect(whole.count).toBe(5002);
    expect(first.count + second.count).toBe(5002);
    expect((first.nats + second.nats) / whole.nats).toBeCloseTo(1, 6);
  });

  it("judges no more than the first tokens where there is a limit", async () => {
    const stream = streamOf(29);
    const limited = await judge.score(weights, stream, { limit: 10 });
    const prefix = await judge.score(weights, new TokenStream(stream.ids.slice(0, 11)));
    expect(limited).toEqual(prefix);
    expect(limited.count).toBe(10);
    expect(await judge.score(weights, stream, { limit: 1000 })).toEqual(await judge.score(weights, stream));
  });

  it("says how far it is, and stops where it is told to", async () => {
    const seen: [number, number][] = [];
    await judge.score(weights, streamOf(5003), { onProgress: (done, total) => seen.push([done, total]) });
    expect(seen.length).toBe(2);
    expect(seen.at(-1)).toEqual([5002, 5002]);
    await expect(judge.score(weights, streamOf(20), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });

  it("has nothing to say of one token", async () => {
    await expect(judge.score(weights, streamOf(1))).rejects.toMatchObject({ code: "TEXT_TOO_SHORT" });
  });

  it("is a judge of whatever weights it is given", async () => {
    const zeros = mapTree<HostTensor, HostTensor>(weights, ({ shape, data }) =>
      hostTensor(new Float32Array(data.length), shape),
    ) as TreeRecord<HostTensor>;
    const { nats, count } = await judge.score(zeros, streamOf(29));
    expect(nats / count).toBeCloseTo(Math.log(9), 6);
  });
});

describe("the figures", () => {
  it("follow from nats, tokens and bytes", () => {
    // 16 tokens at 2 bits each, over 8 bytes of text.
    const score = scoreOf(16 * 2 * Math.LN2, 16, 8);
    expect(score.loss).toBeCloseTo(2 * Math.LN2, 12);
    expect(score.perplexity).toBeCloseTo(4, 12);
    expect(score.bitsPerByte).toBeCloseTo(4, 12);
    expect(score.tokens).toBe(16);
  });

  it("count the bytes of all tokens but the first", () => {
    const text = "né à 3 €";
    const codec = CharacterCodec.fromTexts([text]);
    // é and à take two bytes, € three; the first letter does not count.
    expect(targetBytes(codec, new TokenStream(codec.encode(text)))).toBe(2 + 1 + 2 + 1 + 1 + 1 + 3);
    const pieces = BpeCodec.train(["ababab ababab ababab"], { vocabulary: 260 });
    const ids = pieces.encode("ababab ababab");
    const [first] = ids;
    expect(ids.length).toBeLessThan(13);
    expect(targetBytes(pieces, new TokenStream(ids))).toBe(13 - pieces.bytesOf([first!]));
  });
});

describe("the baseline", () => {
  it("sees what the model sees: the window before the token, and no more", () => {
    const text = "abracadabra abracadabra";
    const codec = CharacterCodec.fromTexts([text]);
    const stream = new TokenStream(codec.encode(text));
    const model = fitMarkov(stream.ids, { vocabulary: codec.spec.vocabulary, order: 3 });
    const context = 5;
    let nats = 0;
    for (let i = 0; i < stream.length - 1; i++) {
      const windowStart = i - (i % context);
      nats -= model.logProbabilities(stream.ids.slice(windowStart, i + 1))[stream.ids[i + 1]!]!;
    }
    const score = scoreBaseline(model, codec, stream, context);
    expect(score.tokens).toBe(22);
    expect(score.loss).toBeCloseTo(nats / 22, 10);
    expect(score.bitsPerByte).toBeCloseTo(nats / Math.LN2 / 22, 10);
  });

  it.each([
    [1.5, 2, "Better than the 3-gram: 25.0 % fewer bits per byte (1.500 against 2.000)."],
    [2.5, 2, "Not yet as good as the 3-gram: 25.0 % more bits per byte (2.500 against 2.000)."],
    [2.004, 2, "As good as the 3-gram: 2.004 bits per byte."],
  ])("is compared in words: %d against %d", (model, baseline, words) => {
    expect(verdict({ bitsPerByte: model }, { bitsPerByte: baseline }, "3-gram")).toContain(words);
  });
});

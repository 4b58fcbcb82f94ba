/** The judge against the definition, computed window by window in float64. */
import { BpeCodec, TokenStream } from "@atelier/data";
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
import { type GptConfiguration, gptLogits, modernGpt } from "@atelier/models";
import { afterAll, describe, expect, it } from "vitest";
import { type Judgement, scoreOf } from "../../evaluation/judgement.js";
import { codecOf } from "../text-model.test-helpers.js";
import { GptJudge } from "./judge.js";

const c = modernGpt({ vocabulary: 9, context: 6, layers: 1, heads: 2, width: 8 });
const weights = mapTree<HostTensor, HostTensor>(
  Scope.declare((scope) => gptLogits(scope, c, input("tokens", [1, 1], "int32")), RandomKey.fromSeed(1)).params,
  ({ shape, data }, path) =>
    hostTensor(RandomKey.fromSeed(2).split(path).normal(new Float32Array(data.length), 0, 0.6), shape),
) as TreeRecord<HostTensor>;
const streamOf = (length: number): TokenStream =>
  new TokenStream(Int32Array.from({ length }, (_, i) => RandomKey.fromSeed(3).at(i).integer(9)));

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
const natsOf = ({ nats }: Judgement): number => total(nats);
const countOf = ({ counts }: Judgement): number => total(counts);

/** Σ −ln p of each window, which the float64 interpreter reads by itself; every token but the first is a target. */
function byDefinition(config: GptConfiguration, ids: Int32Array): number[] {
  const tree = mapTree<HostTensor, Tensor>(weights, ({ shape }, path) => input(path, shape, "float32"));
  const bindings = Object.fromEntries(flattenTree<HostTensor>(weights));
  const windows: number[] = [];
  for (let start = 0; start < ids.length - 1; start += config.context) {
    const window = ids.slice(start, Math.min(start + config.context, ids.length - 1));
    const tokens = input("tokens", [1, window.length], "int32");
    const logits = gptLogits(Scope.over({ params: tree as TreeRecord<Tensor> }), config, tokens);
    const { data } = interpret([logits], { ...bindings, tokens: hostTensor(window, [1, window.length]) })[0]!;
    let nats = 0;
    for (let t = 0; t < window.length; t++) {
      const row = data.slice(t * config.vocabulary, (t + 1) * config.vocabulary);
      const sum = row.reduce((all, x) => all + Math.exp(x), 0);
      nats -= Math.log(Math.exp(row[ids[start + t + 1]!]!) / sum);
    }
    windows.push(nats);
  }
  return windows;
}

describe("GptJudge", () => {
  const judge = new GptJudge(c, codecOf(9));
  afterAll(() => judge.release());

  it.each([2, 6, 7, 8, 25, 29])(
    "judges each window of a stream of %d tokens as defined, the short last one included",
    async (length) => {
      const stream = streamOf(length);
      const judgement = await judge.judge(weights, stream);
      const defined = byDefinition(c, stream.read(0, length));
      expect(countOf(judgement)).toBe(length - 1);
      expect(judgement.nats.length).toBe(defined.length);
      for (const [window, nats] of defined.entries()) expect(judgement.nats[window]! / nats).toBeCloseTo(1, 5);
    },
  );

  it("adds up over several calls of the runtime", async () => {
    const stream = streamOf(5003);
    const whole = await judge.judge(weights, stream);
    // Cut where a window begins: the parts are judged alike.
    const first = await judge.judge(weights, new TokenStream(stream.read(0, 4201)));
    const second = await judge.judge(weights, new TokenStream(stream.read(4200, 5003)));
    expect(countOf(whole)).toBe(5002);
    expect(countOf(first) + countOf(second)).toBe(5002);
    expect((natsOf(first) + natsOf(second)) / natsOf(whole)).toBeCloseTo(1, 6);
  });

  it("judges no more than the first tokens where there is a limit", async () => {
    const stream = streamOf(29);
    const limited = await judge.judge(weights, stream, { limit: 10 });
    expect(limited).toEqual(await judge.judge(weights, new TokenStream(stream.read(0, 11))));
    expect(countOf(limited)).toBe(10);
    expect(await judge.judge(weights, stream, { limit: 1000 })).toEqual(await judge.judge(weights, stream));
  });

  it("counts the bytes of all tokens but the first", async () => {
    const pieces = BpeCodec.train(["ababab ababab né à 3 €"], { vocabulary: 265 });
    const ids = pieces.encode("ababab né à 3 €");
    const wide = modernGpt({ vocabulary: pieces.spec.vocabulary, context: 4, layers: 1, heads: 1, width: 4 });
    const untrained = Scope.declare(
      (scope) => gptLogits(scope, wide, input("tokens", [1, 1], "int32")),
      RandomKey.fromSeed(1),
    ).params;
    const one = new GptJudge(wide, pieces);
    const { bytes, counts } = await one.judge(untrained, new TokenStream(ids));
    await one.release();
    // é and à take two bytes, € three.
    expect(total(bytes)).toBe(6 + 1 + 3 + 1 + 2 + 1 + 1 + 1 + 3 - pieces.bytesOf([ids[0]!]));
    expect([...counts].slice(0, -1).every((count) => count === 4)).toBe(true);
  });

  it("says how far it is, and stops where it is told to", async () => {
    const seen: [number, number][] = [];
    await judge.judge(weights, streamOf(5003), { onProgress: (done, of) => seen.push([done, of]) });
    expect(seen.length).toBe(2);
    expect(seen.at(-1)).toEqual([5002, 5002]);
    await expect(judge.judge(weights, streamOf(20), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });

  it("has nothing to say of one token", async () => {
    await expect(judge.judge(weights, streamOf(1))).rejects.toMatchObject({ code: "TEXT_TOO_SHORT" });
  });

  it("is a judge of whatever weights it is given", async () => {
    const zeros = mapTree<HostTensor, HostTensor>(weights, ({ shape, data }) =>
      hostTensor(new Float32Array(data.length), shape),
    ) as TreeRecord<HostTensor>;
    expect(scoreOf(await judge.judge(zeros, streamOf(29))).loss).toBeCloseTo(Math.log(9), 6);
  });
});

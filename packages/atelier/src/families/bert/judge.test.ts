/** The judge of masked models against the definition, and the baseline on the very same hidden tokens. */
import { TokenStream } from "@atelier/data";
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
import { bertLogits, fitBidirectional } from "@atelier/models";
import { afterAll, describe, expect, it } from "vitest";
import { codecOf, modelOf, recipeOf } from "../text-model.test-helpers.js";
import { bidirectionalBaseline } from "./baseline.js";
import { specialTokens } from "./family.js";
import { hiddenWindows, judgedPart } from "./hidden-windows.js";
import { BertJudge } from "./judge.js";

const vocabulary = 9;
const recipe = recipeOf({ family: "bert", model: { layers: 1, heads: 2, width: 8, context: 20 } });
const model = modelOf(recipe, vocabulary);
const codec = model.codec;
const { mask } = specialTokens(codec);
const c = model.configuration;
const stream = new TokenStream(
  Int32Array.from({ length: 70 }, (_, i) => (RandomKey.fromSeed(3).at(i).integer(8) + (mask === 0 ? 1 : 0)) % 9),
);
const { params } = Scope.declare(model.trainable.networks.bert!, RandomKey.fromSeed(1));
const weights = mapTree<HostTensor, HostTensor>(params, ({ shape, data }, path) =>
  hostTensor(RandomKey.fromSeed(2).split(path).normal(new Float32Array(data.length), 0, 0.6), shape),
) as TreeRecord<HostTensor>;

describe("BertJudge", () => {
  const judge = new BertJudge(c, codec);
  afterAll(() => judge.release());

  it("asks for 15 % of each whole window, and gives their −ln p as defined", async () => {
    const { nats, counts, bytes } = await judge.judge(weights, stream);
    // 70 tokens are three windows of 20.
    expect([...counts]).toEqual([3, 3, 3]);
    expect([...bytes]).toEqual([3, 3, 3]);
    const tree = mapTree<HostTensor, Tensor>(weights, ({ shape }, path) => input(path, shape, "float32"));
    for (const hidden of hiddenWindows(stream, codec, c, 1)) {
      const { inputs, positions } = hidden.masked;
      const tokens = input("tokens", [1, 20], "int32");
      const logits = bertLogits(Scope.over({ params: tree as TreeRecord<Tensor> }), c, tokens);
      const { data } = interpret([logits], {
        ...Object.fromEntries(flattenTree<HostTensor>(weights)),
        tokens: inputs,
      })[0]!;
      let expected = 0;
      for (const position of positions.data as Int32Array) {
        expect(inputs.data[position]).toBe(mask);
        const row = data.slice(position * vocabulary, (position + 1) * vocabulary);
        const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
        expected -= Math.log(Math.exp(row[hidden.tokens[position]!]!) / total);
      }
      expect(nats[hidden.first]).toBeCloseTo(expected, 4);
    }
  });

  it("hides the same tokens of a window in whatever batch it is", () => {
    const singly = [...hiddenWindows(stream, codec, c, 1)].flatMap(({ masked }) => [...masked.positions.data]);
    const [together] = [...hiddenWindows(stream, codec, c, 3)];
    expect([...together!.masked.positions.data]).toEqual(singly);
  });
});

describe("a long text", () => {
  it("is judged as far by the model as by the baseline", () => {
    const long = new TokenStream(new Int32Array(2500 * 20 + 7));
    const judged = judgedPart(long, 20);
    // One more, since `beginning` keeps the last target of next-token prediction.
    expect(judged.length).toBe(2000 * 20 + 1);
    expect(judgedPart(long, 20, 100).length).toBe(101);
  });
});

describe("the baseline", () => {
  it("is asked for the same tokens, between the same others", async () => {
    const baseline = bidirectionalBaseline(stream, codec, c);
    const { nats, counts } = await baseline.judge(stream);
    expect([...counts]).toEqual([3, 3, 3]);
    const ngram = fitBidirectional(stream.read(0, 70), { vocabulary });
    const [first] = [...hiddenWindows(stream, codec, c, 1)];
    const losses = ngram.score(first!.tokens, first!.masked.positions.data as Int32Array);
    expect(nats[0]).toBeCloseTo(
      losses.reduce((sum, loss) => sum + loss, 0),
      9,
    );
  });

  it("cannot be of a codec without a token to hide behind", () => {
    expect(() => specialTokens(codecOf(5))).toThrow("<|mask|>");
  });
});

import {
  ArgumentError,
  compile,
  flattenTree,
  type HostTensor,
  input,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { classicGpt, type GptConfiguration, modernGpt } from "./configuration.js";
import { countParameters, gpt, gptLogits, gptLoss } from "./gpt.js";
import { huggingFaceNames, nanogptNames, transposeMatrix } from "./gpt2-weights.js";
import { declare, size, someTokens } from "./variants.test-helpers.js";

/** A key that leaves normal numbers at zero: memory that nobody writes to costs nothing. */
const blank: RandomKey = Object.create(RandomKey.prototype, {
  split: { value: (): RandomKey => blank },
  normal: { value: (out: Float32Array): Float32Array => out },
});

const parameterShapes = (c: GptConfiguration): [string, HostTensor][] =>
  flattenTree<HostTensor>(
    Scope.declare((scope) => gptLogits(scope, c, input("tokens", [1, 1], "int32")), blank).params,
  );

const parameters = (c: GptConfiguration): number => countParameters(parameterShapes(c).map(([, leaf]) => leaf));

describe("parameters", () => {
  it("of GPT-2 are 124,439,808", () => {
    // The smallest GPT-2 as nanoGPT and Hugging Face load it, position embeddings included.
    const c = classicGpt({ vocabulary: 50_257, context: 1024, layers: 12, heads: 12, width: 768 });
    expect(parameters(c)).toBe(124_439_808);
  });

  it.each([
    // What nanoGPT prints for its two Shakespeare configurations, which leave out the position embeddings.
    { layers: 4, heads: 4, width: 128, context: 64, millions: "0.80" },
    { layers: 6, heads: 6, width: 384, context: 256, millions: "10.65" },
  ])("of nanoGPT's $layers × $width are $millions million", ({ millions, ...rest }) => {
    const c = classicGpt({ vocabulary: 65, ...rest }, { bias: false });
    expect(((parameters(c) - rest.context * rest.width) / 1e6).toFixed(2)).toBe(millions);
  });

  it("of a grouped, gated, free-headed model follow the formula", () => {
    const c = modernGpt(size, { keyValueHeads: 2, activation: "swiglu", hidden: 40 });
    // Embedding and head; per layer queries of 4 heads, keys and values of 2 each (4 wide), output, and three MLP matrices.
    const layer = 16 * (16 + 2 * 2 * 4) + 16 * 16 + 3 * 16 * 40;
    expect(parameters(c)).toBe(2 * 11 * 16 + 2 * layer);
  });

  it("are those of nanoGPT and of GPT-2's checkpoints, name by name", () => {
    for (const bias of [true, false]) {
      const c = classicGpt(size, { bias });
      const ours = parameterShapes(c).map(([path]) => path);
      expect(
        nanogptNames(c.layers, bias)
          .map((name) => name.ours)
          .sort(),
      ).toEqual([...ours].sort());
    }
    const names = huggingFaceNames(2);
    expect(names.map((name) => name.ours)).toEqual(nanogptNames(2, true).map((name) => name.ours));
    expect(names.some(({ transposed }) => transposed)).toBe(false);
    expect(nanogptNames(1, false).find(({ ours }) => ours === "blocks.0.mlp.expand.weight")).toEqual({
      ours: "blocks.0.mlp.expand.weight",
      theirs: "transformer.h.0.mlp.c_fc.weight",
      transposed: true,
    });
  });

  it("change layout by transposition", () => {
    const matrix = { dtype: "float32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } as const;
    const { shape, data } = transposeMatrix(matrix);
    expect([shape, [...data]]).toEqual([
      [3, 2],
      [1, 4, 2, 5, 3, 6],
    ]);
  });
});

describe("initial weights", () => {
  const deviation = ({ data }: HostTensor): number =>
    Math.sqrt([...data].reduce((sum, x) => sum + x * x, 0) / data.length);

  it("are GPT-2's: 0.02, and 0.02 / √(2 layers) where a layer writes to the residual stream", () => {
    const leaves = new Map(flattenTree<HostTensor>(declare(classicGpt({ ...size, vocabulary: 100, width: 64 }))));
    for (const path of ["embedding.tokens", "blocks.0.attention.qkv.weight", "blocks.1.mlp.expand.weight"])
      expect(deviation(leaves.get(path)!) / 0.02).toBeCloseTo(1, 1);
    for (const path of ["blocks.0.attention.output.weight", "blocks.1.mlp.contract.weight"])
      expect(deviation(leaves.get(path)!) / (0.02 / Math.sqrt(4))).toBeCloseTo(1, 1);
    expect(deviation(leaves.get("norm.scale")!)).toBe(1);
    expect(deviation(leaves.get("blocks.0.mlp.expand.bias")!)).toBe(0);
  });

  const lossOf = async (c: GptConfiguration): Promise<number> => {
    const run = compile((x: { gpt: TreeRecord<Tensor>; tokens: Tensor; targets: Tensor }) => ({
      loss: gptLoss(Scope.over({ params: x.gpt }), c, x.tokens, x.targets),
    }));
    const { loss } = await run({ gpt: declare(c), tokens: someTokens(c, 8, 6), targets: someTokens(c, 8, 6, 6) });
    await run.release();
    return loss.data[0]!;
  };

  it("predict every token alike", async () => {
    expect(await lossOf(classicGpt(size))).toBeCloseTo(Math.log(11), 1);
    // The free head starts at zero.
    expect(await lossOf(modernGpt(size))).toBeCloseTo(Math.log(11), 6);
    // A tied head cannot, but it must not start out sure of itself either.
    expect(await lossOf(modernGpt({ ...size, width: 128 }, { tiedHead: true }))).toBeLessThan(2 * Math.log(11));
  });
});

describe("impossible settings", () => {
  const with_ = (changes: Record<string, unknown>) => () => classicGpt(size, changes as Partial<GptConfiguration>);

  it.each([
    ["width", { width: 18 }, "gpt: width 18 does not divide into 4 heads"],
    ["width", { width: 12, positions: "rotary" }, "odd head width"],
    ["keyValueHeads", { keyValueHeads: 3 }, "gpt: keyValueHeads 3 does not divide 4 heads"],
    ["keyValueHeads", { keyValueHeads: 8 }, "does not divide 4 heads"],
    ["layers", { layers: 0 }, "gpt: layers must be a whole number from 1 up, got 0"],
    ["context", { context: 2.5 }, "gpt: context must be a whole number from 1 up, got 2.5"],
    ["vocabulary", { vocabulary: -1 }, "gpt: vocabulary"],
    ["hidden", { hidden: Number.NaN }, "gpt: hidden"],
    ["heads", { heads: 0 }, "gpt: heads"],
    ["dropout", { dropout: 1 }, "gpt: dropout must lie in [0, 1), got 1"],
    ["dropout", { dropout: Number.NaN }, "gpt: dropout"],
  ])("name %s: %o", (setting, changes, message) => {
    expect(with_(changes)).toThrow(ArgumentError);
    expect(with_(changes)).toThrow(message);
    expect(() => modernGpt(size, changes as Partial<GptConfiguration>)).toThrow(setting);
  });

  it("include a sequence longer than the context, and a batch without targets", () => {
    const c = classicGpt(size);
    expect(() => gptLogits(Scope.over({ params: {} }), c, input("tokens", [1, 7], "int32"))).toThrow(
      "a sequence of 7 tokens is longer than the context of 6",
    );
    const scope = Scope.over({ params: {} });
    expect(() => gpt(c).phases[0]!.loss({ gpt: scope }, { inputs: input("x", [1, 6], "int32") })).toThrow(
      "a batch has inputs and targets",
    );
  });
});

describe("the family", () => {
  it("declares what it trains", () => {
    const c = modernGpt(size);
    const family = gpt(c);
    const declared = Scope.declare(family.networks.gpt!, RandomKey.fromSeed(1)).params;
    expect(flattenTree<HostTensor>(declared).map(([path]) => path)).toEqual(
      flattenTree<HostTensor>(declare(c)).map(([path]) => path),
    );
    expect(family.phases.map(({ name, every, trains }) => [name, every, trains])).toEqual([["next-token", 1, ["gpt"]]]);
    expect(family.can).toEqual(["generate", "score"]);
  });
});

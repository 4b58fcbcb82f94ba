/** The VQ-VAE as a whole: pictures through codes and back, and codes that another model could learn. */
import { ArgumentError, compile, hostTensor, RandomKey, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { BARS, barBatch, barFields, barShape, everyBar } from "../bars.test-helpers.js";
import { trainFamily } from "../training.test-helpers.js";
import { type VqConfiguration, vqCodes, vqConfiguration } from "./configuration.js";
import { vq, vqDecode, vqEncode, vqReconstruct } from "./vq.js";

const size = { shape: barShape, fields: barFields, codes: 16, width: 4 };
const small = { network: { kind: "convolutional", channels: [16] } } as const;

describe("eight pictures", () => {
  it("come back from 2 × 2 codes, and decoding codes is what reconstruction does", async () => {
    const c = vqConfiguration({ ...size, ...small });
    const { params, buffers, last } = await trainFamily(vq(c), barBatch, { steps: 250, learningRate: 0.01 });
    const run = compile(({ params, buffers, x }: Record<"params" | "buffers", TreeRecord<Tensor>> & { x: Tensor }) => {
      const scope = Scope.over({ params, buffers });
      const codes = vqEncode(scope, c, x);
      return { codes, decoded: vqDecode(scope, c, codes), again: vqReconstruct(scope, c, x) };
    });
    const x = everyBar();
    const { codes, decoded, again } = await run({ params, buffers, x });
    await run.release();
    expect([codes.dtype, codes.shape]).toEqual(["int32", [BARS, 4]]);
    for (const code of codes.data) expect(code >= 0 && code < 16).toBe(true);
    // Eight pictures need three bits: at least two of the 16 codes, and no two pictures have the same ones.
    const streams = Array.from({ length: BARS }, (_, i) => codes.data.slice(4 * i, 4 * i + 4).join());
    expect(new Set(streams).size).toBe(BARS);
    expect(last.perplexity).toBeGreaterThan(2);
    expect(decoded.data).toEqual(again.data);
    const error = [...again.data].reduce((sum, value, i) => sum + (value - x.data[i]!) ** 2, 0) / x.data.length;
    // The mean of all pictures would be wrong by their variance, 0.75.
    expect(error).toBeLessThan(0.25);
  });
});

describe("the grid of codes", () => {
  const sizeOf = (height: number, width: number, levels: number) =>
    vqCodes(
      vqConfiguration({
        ...size,
        shape: [1, height, width],
        network: { kind: "convolutional", channels: new Array<number>(levels).fill(4) },
      }),
    );

  it("halves with every level, rounding up, and is what the encoder gives", async () => {
    expect(sizeOf(28, 28, 2)).toEqual({ height: 7, width: 7, size: 16 });
    expect(sizeOf(32, 20, 3)).toEqual({ height: 4, width: 3, size: 16 });
    const c = vqConfiguration({
      ...size,
      shape: [1, 9, 6],
      network: { kind: "convolutional", channels: [4, 4] },
    });
    expect(vqCodes(c)).toEqual({ height: 3, width: 2, size: 16 });
    const { params, buffers } = Scope.declare(vq(c).networks.vq!, RandomKey.fromSeed(1));
    const run = compile((given: Record<"params" | "buffers", TreeRecord<Tensor>> & { x: Tensor }) => {
      const scope = Scope.over(given);
      const codes = vqEncode(scope, c, given.x);
      return { codes, x: vqDecode(scope, c, codes) };
    });
    const { codes, x } = await run({ params, buffers, x: hostTensor(new Float32Array(108), [2, 1, 9, 6]) });
    await run.release();
    expect([codes.shape, x.shape]).toEqual([
      [2, 6],
      [2, 1, 9, 6],
    ]);
  });
});

describe("the family", () => {
  it("has the codebook in its buffers, not among what is trained", () => {
    const { params, buffers } = Scope.declare(vq(vqConfiguration(size)).networks.vq!, RandomKey.fromSeed(1));
    expect(Object.keys(params).sort()).toEqual(["decoder", "encoder"]);
    expect(Object.keys(buffers)).toEqual(["codebook"]);
  });

  it.each<[string, Partial<VqConfiguration>]>([
    ["vq: codes must be a whole number from 2 up, got 1", { codes: 1 }],
    ["vq: width must be a whole number from 1 up, got 0", { width: 0 }],
    ["vq: commitment must lie in [0, ∞), got -1", { commitment: -1 }],
    ["vq: decay must lie in [0, 1), got 1", { decay: 1 }],
    ["vq: revival must lie in [0, 1), got NaN", { revival: Number.NaN }],
    ["vq: the fields have 1 channels together, and the picture 2", { shape: [2, 4, 4] }],
    ["vq: network.channels", { network: { kind: "convolutional", channels: [0] } }],
  ])("refuses: %s", (message, changes) => {
    expect(() => vqConfiguration({ ...size, ...changes })).toThrow(ArgumentError);
    expect(() => vqConfiguration({ ...size, ...changes })).toThrow(message);
  });

  it("says what a batch has to have", () => {
    const { phases } = vq(vqConfiguration(size));
    expect(() => phases[0]!.loss({ vq: Scope.over({ params: {} }) }, {})).toThrow("a batch has pictures x");
    expect(() => phases[0]!.loss({}, {})).toThrow('the network "vq" is missing');
  });
});

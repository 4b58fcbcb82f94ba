/** What every backbone for pictures promises: how it starts, how conditions act on it, what it refuses, and that it learns. */
import {
  compile,
  flattenTree,
  gradients,
  type HostTensor,
  hostScalar,
  hostTensor,
  input,
  leavesOf,
  mapTree,
  RandomKey,
  Scope,
  scalar,
  sizeOf,
  type Tensor,
  type TreeRecord,
  unflattenLike,
  valueAndGrad,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { type Condition, type Conditioning, conditionInputs, embedConditions } from "../conditions/index.js";
import { pixelShuffle, pixelUnshuffle } from "../layers/pixel-shuffle.js";
import { adamw } from "../optimisers/index.js";
import { convDecoder, convEncoder } from "./convolutional.js";
import { diffusionTransformer } from "./diffusion-transformer.js";
import { mlp } from "./mlp.js";
import { resnetBlock } from "./resnet-block.js";
import { unet } from "./unet.js";

const key = RandomKey.fromSeed(17);
const BATCH = 2;
const SIDE = 4;
const WIDTH = 8;

const conditions: readonly Condition[] = [
  { name: "kind", role: "label", classes: 3, drop: 0.1 },
  { name: "caption", role: "tokens", vocabulary: 5, length: 2, drop: 0.1 },
  { name: "mask", role: "grid", channels: 1, drop: 0.1 },
];

type Backbone = (scope: Scope, x: Tensor, conditioning: Conditioning) => Tensor;

const dit = { patch: 2, layers: 2, heads: 2, width: WIDTH, output: 2 } as const;
const small = { channels: 4, multipliers: [1, 2], blocks: 1, attention: [2], output: 2 } as const;
const levels = { channels: [4, 6], norm: "group", activation: "relu" } as const;

const backbones: Readonly<Record<string, Backbone>> = {
  "diffusionTransformer, tokens appended": (s, x, given) => diffusionTransformer(s, dit, x, given),
  "diffusionTransformer, tokens attended to": (s, x, given) =>
    diffusionTransformer(s, { ...dit, tokens: "cross", queryKeyNorm: true }, x, given),
  unet: (s, x, given) => unet(s, small, x, given),
  "unet, of squares": (s, x, given) => unet(s, { ...small, patch: 2, attention: [1] }, x, given),
  mlp: (s, x, given) => mlp(s, { hidden: [8], activation: "gelu", output: [2, SIDE, SIDE] }, x, given),
  "convEncoder and convDecoder": (s, x, given) => {
    const z = convEncoder(s.at("encoder"), { ...levels, blocks: 1, output: { vector: 6 } }, x, given);
    return convDecoder(s.at("decoder"), { ...levels, norm: "batch", output: [2, SIDE, SIDE] }, z, given);
  },
};

/** Only these attend to single tokens; the others see their mean, in the vector. */
const attendToTokens = Object.keys(backbones).filter((name) => /Transformer|unet/.test(name));

const model =
  (backbone: Backbone) =>
  (scope: Scope, values: Readonly<Record<string, Tensor>>, absent: Readonly<Record<string, Tensor>> = {}): Tensor =>
    backbone(
      scope.at("network"),
      values.x!,
      embedConditions(scope.at("conditions"), conditions, values, { width: WIDTH, size: [SIDE, SIDE], absent }),
    );

const declare = (backbone: Backbone) =>
  Scope.declare(
    (scope) =>
      model(backbone)(scope, {
        ...conditionInputs(conditions, BATCH, [SIDE, SIDE]),
        x: input("x", [BATCH, 2, SIDE, SIDE], "float32"),
      }),
    key,
  );

const normals = (name: string, shape: readonly number[], scale = 1): HostTensor =>
  hostTensor(key.split(name).normal(new Float32Array(sizeOf(shape)), 0, scale), shape);

/** Weights away from the zeros that they start with. */
const shaken = (params: TreeRecord<HostTensor>): TreeRecord<HostTensor> =>
  mapTree<HostTensor, HostTensor>(params, ({ data, shape }, path) => {
    const noise = normals(path, shape, 0.3).data;
    return hostTensor(
      Float32Array.from(data, (x, i) => x + noise[i]!),
      shape,
    );
  }) as TreeRecord<HostTensor>;

const ids = (rows: readonly number[], shape: readonly number[]): HostTensor => hostTensor(Int32Array.from(rows), shape);
const values = {
  x: normals("x", [BATCH, 2, SIDE, SIDE]),
  kind: ids([2, 0], [BATCH]),
  caption: ids([1, -1, 3, 4], [BATCH, 2]),
  mask: normals("mask", [BATCH, 1, SIDE, SIDE]),
};

/** The outputs for the given values, and for the same with one condition after the other left out of the first row. */
async function outputs(name: string): Promise<Record<string, number[]>> {
  const { params, buffers } = declare(backbones[name]!);
  const run = compile(
    (inputs: {
      params: TreeRecord<Tensor>;
      buffers: TreeRecord<Tensor>;
      values: TreeRecord<Tensor>;
      first: Tensor;
    }) => {
      const forward = (absent: Readonly<Record<string, Tensor>>): Tensor =>
        model(backbones[name]!)(Scope.over(inputs), inputs.values as Record<string, Tensor>, absent);
      return {
        all: forward({}),
        ...Object.fromEntries(conditions.map((c) => [c.name, forward({ [c.name]: inputs.first })])),
      };
    },
    { threads: 1 },
  );
  const first = hostTensor(Uint8Array.of(1, 0), [BATCH]);
  const results = await run({ params: shaken(params), buffers, values, first });
  await run.release();
  return Object.fromEntries(Object.entries(results).map(([n, x]) => [n, [...(x as HostTensor).data]]));
}

const furthest = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

describe.each(Object.keys(backbones))("%s", (name) => {
  it("changes with every condition that is left out, and only in that row", async () => {
    const { all, ...without } = await outputs(name);
    const half = all!.length / 2;
    expect(all!.length).toBe(BATCH * 2 * SIDE * SIDE);
    for (const [condition, other] of Object.entries(without)) {
      expect(furthest(all!.slice(0, half), other.slice(0, half)), condition).toBeGreaterThan(1e-3);
      expect(furthest(all!.slice(half), other.slice(half)), condition).toBeLessThan(1e-5);
    }
  });

  it("has a finite gradient by every parameter, none of them zero throughout", async () => {
    const { params, buffers } = declare(backbones[name]!);
    const run = compile(
      (given: { params: TreeRecord<Tensor>; buffers: TreeRecord<Tensor>; values: TreeRecord<Tensor> }) => {
        const scope = Scope.over(given, { training: true });
        const y = model(backbones[name]!)(scope, given.values as Record<string, Tensor>);
        const grads = gradients(
          y
            .sub(given.values.x as Tensor)
            .square()
            .mean(),
          leavesOf<Tensor>(given.params),
        );
        return { grads: unflattenLike<Tensor, Tensor>(given.params, grads) as TreeRecord<Tensor> };
      },
      { threads: 1 },
    );
    const { grads } = await run({ params: shaken(params), buffers, values }, { keys: key });
    await run.release();
    for (const [path, { data }] of flattenTree<HostTensor>(grads as TreeRecord<HostTensor>)) {
      const total = [...data].reduce((sum, g) => sum + g * g, 0);
      expect(Number.isFinite(total), path).toBe(true);
      expect(total, path).toBeGreaterThan(0);
    }
  });
});

it("a residual block starts as the identity, and doubles and halves pictures", async () => {
  const block = (resize?: "up" | "down") => (scope: Scope, x: Tensor) =>
    resnetBlock(scope, x, undefined, { channels: 2, resize });
  const { params } = Scope.declare((s) => block()(s, input("x", [1, 2, 2, 2], "float32")), key);
  const run = compile(({ params, x }: { params: TreeRecord<Tensor>; x: Tensor }) => ({
    same: block()(Scope.over({ params }), x),
    up: block("up")(Scope.over({ params }), x),
    down: block("down")(Scope.over({ params }), x),
  }));
  const { same, up, down } = await run({
    params,
    x: hostTensor(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [1, 2, 2, 2]),
  });
  await run.release();
  expect([...same.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect([...up.data].slice(0, 16)).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  expect(down.shape).toEqual([1, 2, 1, 1]);
  expect([...down.data]).toEqual([2.5, 6.5]);
});

it("pictures of odd sizes become grids and come back in their size", () => {
  const shapes: (readonly number[])[] = [];
  Scope.declare((s) => {
    const grid = convEncoder(s.at("encoder"), { ...levels, output: { grid: 3 } }, input("x", [1, 2, 7, 5], "float32"));
    shapes.push(grid.shape, convDecoder(s.at("decoder"), { ...levels, output: [2, 7, 5] }, grid).shape);
    const three = { ...small, multipliers: [1, 2, 2], attention: [3] };
    shapes.push(unet(s.at("unet"), three, input("x", [1, 2, 9, 7], "float32"), {}).shape);
  }, key);
  expect(shapes).toEqual([
    [1, 3, 2, 2],
    [1, 2, 7, 5],
    [1, 2, 9, 7],
  ]);
});

it("a U-Net of squares is one of their pixels as channels", async () => {
  const squares = { ...small, attention: [1], patch: 2 };
  const x = normals("squares", [BATCH, 2, SIDE, SIDE]);
  const { params } = Scope.declare((s) => unet(s, squares, input("x", x.shape, "float32"), {}), key);
  const run = compile(({ params, x }: { params: TreeRecord<Tensor>; x: Tensor }) => {
    const scope = Scope.over({ params });
    const { patch, ...whole } = squares;
    const channels = unet(scope, { ...whole, output: 8 }, pixelUnshuffle(x, patch), {});
    return { made: unet(scope, squares, x, {}), same: pixelShuffle(channels, patch) };
  });
  const { made, same } = await run({ params: shaken(params), x });
  await run.release();
  expect(made.shape).toEqual([BATCH, 2, SIDE, SIDE]);
  expect(Math.hypot(...made.data)).toBeGreaterThan(0.1);
  expect(made.data).toEqual(same.data);
});

it("refuses settings that cannot be, naming them", () => {
  const on =
    (backbone: Backbone, shape = [1, 2, 6, 4]) =>
    () =>
      Scope.declare((s) => backbone(s, input("x", shape, "float32"), {}), key);
  const cases: readonly (readonly [() => unknown, RegExp])[] = [
    [on((s, x, c) => unet(s, { ...small, patch: 4 }, x, c)), /unet: patch 4 does not divide pictures of 6 × 4/],
    [on((s, x, c) => diffusionTransformer(s, { ...dit, patch: 4 }, x, c)), /patch 4 does not divide pictures of 6 × 4/],
    [on((s, x, c) => diffusionTransformer(s, { ...dit, heads: 3 }, x, c)), /width 8 does not divide into 3 heads/],
    [on((s, x, c) => diffusionTransformer(s, { ...dit, width: 6 }, x, c)), /width 6 is no multiple of 4/],
    [
      on((s, x, c) => diffusionTransformer(s, { ...dit, layers: 0 }, x, c)),
      /layers must be a whole number from 1 up, got 0/,
    ],
    [on((s, x, c) => diffusionTransformer(s, dit, x, c), [1, 2]), /pictures \(B, C, H, W\) are needed/],
    [
      on((s, x, c) => unet(s, { ...small, attention: [5] }, x, c)),
      /attention names the height 5; the levels have 6, 3/,
    ],
    [on((s, x, c) => unet(s, { ...small, multipliers: [] }, x, c)), /multipliers needs 1 or more entries/],
    [on((s, x, c) => unet(s, { ...small, attention: [3], headWidth: 3 }, x, c)), /headWidth 3 does not divide/],
    [on((s, x, c) => unet(s, { ...small, attention: [3], dropout: 1 }, x, c)), /dropout must lie in \[0, 1\), got 1/],
    [on((s, x) => mlp(s, { hidden: [2.5], activation: "relu", output: [1] }, x)), /hidden must be a whole number/],
    [on((s, x) => convEncoder(s, { ...levels, output: { grid: 0 } }, x)), /output must be a whole number/],
    [
      on((s, x) => convEncoder(s, { ...levels, blocks: -1, output: { grid: 1 } }, x)),
      /blocks must be a whole number from 0/,
    ],
    [on((s, x) => convDecoder(s, { ...levels, output: [1, 9, 9] }, x)), /output of 9 × 9 pixels needs a grid of 3 × 3/],
  ];
  for (const [attempt, message] of cases) {
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  }
});

describe.each(attendToTokens)("%s", (name) => {
  it("starts at zero, and learns", async () => {
    // White for one row and black for the other: 20 steps leave less than a tenth of the loss.
    const { params, buffers } = declare(backbones[name]!);
    const optimiser = adamw({ learningRate: 0.01, weightDecay: 0 });
    type State = { params: TreeRecord<Tensor>; optimiser: TreeRecord<Tensor>; count: Tensor };
    const step = compile(
      ({ state, values, target }: { state: State; values: TreeRecord<Tensor>; target: Tensor }) => {
        const { value, grads } = valueAndGrad((p: TreeRecord<Tensor>) =>
          model(backbones[name]!)(Scope.over({ params: p }), values as Record<string, Tensor>)
            .sub(target)
            .square()
            .mean(),
        )(state.params);
        const one = scalar(1);
        const update = optimiser.update({
          params: state.params,
          grads,
          state: state.optimiser,
          count: state.count,
          schedule: one,
          gradientScale: one,
          apply: one,
        });
        return { state: { params: update.params, optimiser: update.state, count: state.count.add(1) }, loss: value };
      },
      { donate: ["state"], threads: 1 },
    );
    expect(buffers).toEqual({});
    const target = hostTensor(
      Float32Array.from({ length: BATCH * 2 * SIDE * SIDE }, (_, i) => (i < 2 * SIDE * SIDE ? 1 : -1)),
      [BATCH, 2, SIDE, SIDE],
    );
    let result = await step({
      state: { params, optimiser: optimiser.init(params), count: hostScalar(0) },
      values,
      target,
    });
    expect(result.loss.data[0]).toBe(1); // what zeros are from ones
    for (let i = 1; i < 20; i++) result = await step({ state: result.state, values, target });
    await step.release();
    expect(result.loss.data[0]).toBeLessThan(0.1);
  });
});

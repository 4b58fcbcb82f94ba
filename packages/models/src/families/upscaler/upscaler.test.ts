/** The upscaler beside the same in PyTorch, what its small pictures are, how far it sees, and what it learns. */
import {
  ArgumentError,
  compile,
  flattenTree,
  gradients,
  type HostTensor,
  hostTensor,
  leavesOf,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
  unflattenLike,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { torchFixture } from "../../torch-fixture.test-helpers.js";
import { trainFamily } from "../training.test-helpers.js";
import { type UpscalerConfiguration, upscalerConfiguration } from "./configuration.js";
import { upscaler, upscalerEnlarge, upscalerLoss, upscalerPicture, upscalerReach, upscalerSmall } from "./upscaler.js";

interface Recorded {
  readonly factor: number;
  readonly blocks: number;
  readonly shape: [number, number, number, number];
  readonly x: number[];
  readonly small: number[];
  readonly large: number[];
  readonly loss: number;
  readonly squaredError: number;
  readonly gradientNorms: Readonly<Record<string, number>>;
}

// From `bench/peers/make_upscaler_fixture.py`.
const {
  figures: { cases },
  weights,
} = await torchFixture<{ readonly cases: Readonly<Record<string, Recorded>> }>(
  "./fixtures/torch-upscaler",
  import.meta.url,
);

/** The largest difference. */
const apart = (actual: HostTensor, expected: readonly number[]): number => {
  expect(actual.data).toHaveLength(expected.length);
  return Math.max(...expected.map((y, i) => Math.abs(y - actual.data[i]!)));
};

it.each(Object.entries(cases))("%s has PyTorch's pictures, loss and gradients", async (name, recorded) => {
  const { factor, blocks, shape, x, small, large, loss, squaredError, gradientNorms } = recorded;
  const [, channels, height, width] = shape;
  const c = upscalerConfiguration({ shape: [channels, height, width], factor, blocks, channels: 3 });
  const params = weights(`${name}.`);
  const run = compile((given: { params: TreeRecord<Tensor>; x: Tensor }) => {
    const scope = Scope.over({ params: given.params });
    const made = upscalerLoss(scope, c, given.x);
    const slopes = gradients(made.loss, leavesOf<Tensor>(given.params));
    return {
      small: upscalerSmall(c, given.x),
      large: upscalerEnlarge(scope, c, upscalerSmall(c, given.x)),
      loss: made.loss,
      squaredError: made.metrics.squaredError!,
      slopes: unflattenLike<Tensor, Tensor>(given.params, slopes) as TreeRecord<Tensor>,
    };
  });
  const out = await run({ params, x: hostTensor(Float32Array.from(x), shape) });
  await run.release();
  expect(out.large.shape).toEqual(shape);
  expect(apart(out.small, small)).toBeLessThan(1e-6);
  expect(apart(out.large, large)).toBeLessThan(1e-5);
  expect(out.loss.data[0]).toBeCloseTo(loss, 5);
  expect(out.squaredError.data[0]).toBeCloseTo(squaredError, 5);
  const slopes = flattenTree<HostTensor>(out.slopes as TreeRecord<HostTensor>);
  expect(slopes.map(([path]) => path).sort()).toEqual(Object.keys(gradientNorms).sort());
  for (const [path, { data }] of slopes) {
    const norm = Math.hypot(...data);
    expect(Math.abs(norm - gradientNorms[path]!), path).toBeLessThan(1e-4 * (1 + gradientNorms[path]!));
  }
});

describe("small pictures", () => {
  const small = async (channels: number, levels: readonly number[]): Promise<number[]> => {
    const c = upscalerConfiguration({ shape: [channels, 2, 2] });
    const run = compile(({ x }: { x: Tensor }) => ({ y: upscalerSmall(c, x) }));
    const x = Float32Array.from(levels, (level) => level / 127.5 - 1);
    const { y } = await run({ x: hostTensor(x, [1, channels, 2, 2]) });
    await run.release();
    return Array.from(y.data, (value) => (value + 1) * 127.5);
  };

  it("have the mean of every square, in whole levels", async () => {
    const [grey] = await small(1, [10, 11, 11, 12]);
    expect(grey).toBeCloseTo(11, 4);
    const [down, up] = [await small(1, [0, 0, 0, 1]), await small(1, [254, 255, 255, 255])];
    expect([down[0]!.toFixed(3), up[0]!.toFixed(3)]).toEqual(["0.000", "255.000"]);
  });

  it("have colours as much as they can be seen, and are black where nothing is", async () => {
    // Red 200 at a third of the opacity of red 80, beside what cannot be seen: (200 · 85 + 80 · 255) / 340 = 110.
    const channel = [200, 80, 255, 7];
    const made = await small(4, [...channel, ...channel, ...channel, 85, 255, 0, 0]);
    expect(made.map((value) => value.toFixed(2))).toEqual(["110.00", "110.00", "110.00", "85.00"]);
    const clear = await small(4, [...channel, ...channel, ...channel, 0, 0, 0, 0]);
    expect(clear.map((value) => Math.abs(value).toFixed(2))).toEqual(["0.00", "0.00", "0.00", "0.00"]);
  });
});

it("sees as far as its convolutions in a row, and no further", async () => {
  const c = upscalerConfiguration({ shape: [2, 6, 4], blocks: 2, channels: 3 });
  const reach = upscalerReach(c);
  expect(reach).toBe(7);
  const run = compile(({ params, small }: { params: TreeRecord<Tensor>; small: Tensor }) => ({
    large: upscalerEnlarge(Scope.over({ params }), c, small),
  }));
  const long = 20;
  const row = RandomKey.fromSeed(3).normal(new Float32Array(2 * long));
  const enlarge = async (values: Float32Array) =>
    (await run({ params: weights("double."), small: hostTensor(values, [1, 2, 1, long]) })).large.data;
  const before = await enlarge(row);
  const after = await enlarge(row.map((value, i) => (i === 0 ? value + 10 : value)));
  await run.release();
  const moved = Array.from(
    { length: long },
    (_, x) => before[2 * x] !== after[2 * x] || before[2 * x + 1] !== after[2 * x + 1],
  );
  expect(moved.lastIndexOf(true)).toBe(reach);
});

/** Straight edges between black and white, at any angle, with grey where they cut pixels: (rows, 1, 16, 16) */
function edges(step: number, rows = 16): { readonly x: HostTensor } {
  const key = RandomKey.fromSeed(5).at(step);
  const x = new Float32Array(rows * 256);
  for (let row = 0; row < rows; row++) {
    const [angle, place] = [(Math.PI * key.at(row).integer(360)) / 180, key.at(row).split("place").integer(9) - 4];
    for (let i = 0; i < 256; i++) {
      const distance = Math.cos(angle) * ((i % 16) - 7.5) + Math.sin(angle) * (Math.floor(i / 16) - 7.5) - place;
      x[row * 256 + i] = Math.max(-1, Math.min(1, 2 * distance));
    }
  }
  return { x: hostTensor(x, [rows, 1, 16, 16]) };
}

it("begins as bilinear interpolation, and learns to draw edges that it has not seen", async () => {
  const c = upscalerConfiguration({ shape: [1, 16, 16], channels: 12, blocks: 1 });
  const family = upscaler(c);
  const { params: begun } = Scope.declare(family.networks.upscaler!, RandomKey.fromSeed(1));
  const enlarge = compile(({ params, small }: { params: TreeRecord<Tensor>; small: Tensor }) => ({
    large: upscalerEnlarge(Scope.over({ params }), c, small),
  }));
  const { large } = await enlarge({ params: begun, small: hostTensor(Float32Array.of(-1, 1), [1, 1, 1, 2]) });
  await enlarge.release();
  expect([...large.data]).toEqual([-1, -0.5, 0.5, 1, -1, -0.5, 0.5, 1]);

  const { params } = await trainFamily(family, edges, { steps: 400, learningRate: 0.005 });
  const run = compile(({ params, x }: { params: TreeRecord<Tensor>; x: Tensor }) => ({
    error: upscalerPicture(Scope.over({ params }), c, upscalerSmall(c, x)).sub(x).square().mean(),
  }));
  const unseen = edges(1000, 64);
  const error = async (params: TreeRecord<HostTensor>) => (await run({ params, ...unseen })).error.data[0]!;
  expect(await error(params)).toBeLessThan(0.5 * (await error(begun)));
  await run.release();
});

describe("impossible settings", () => {
  it.each<[string, Partial<UpscalerConfiguration>]>([
    ["upscaler: factor must be 2 or 4, got 3", { factor: 3 }],
    ["upscaler: channels must be a whole number from 1 up, got 0", { channels: 0 }],
    ["upscaler: blocks must be a whole number from 0 up, got 1.5", { blocks: 1.5 }],
    ["upscaler: a picture of 5×4 has no small one of which it is 2 ×", { shape: [1, 4, 5] }],
    ["upscaler: a picture of 6×6 has no small one of which it is 4 ×", { shape: [1, 6, 6], factor: 4 }],
    ["upscaler: there is no picture of 0 × 4 × 4", { shape: [0, 4, 4] }],
  ])("%s", (message, changes) => {
    expect(() => upscalerConfiguration({ shape: [1, 8, 8], ...changes })).toThrow(ArgumentError);
    expect(() => upscalerConfiguration({ shape: [1, 8, 8], ...changes })).toThrow(message);
  });

  it("include a batch without pictures", () => {
    const { phases } = upscaler(upscalerConfiguration({ shape: [1, 8, 8] }));
    expect(() => phases[0]!.loss({ upscaler: Scope.over({ params: {} }) }, {})).toThrow("a batch has pictures x");
    expect(() => phases[0]!.loss({}, {})).toThrow('the network "upscaler" is missing');
  });
});

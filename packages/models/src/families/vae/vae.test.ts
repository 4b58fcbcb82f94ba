/** The VAE beside PyTorch's example, the weight of its divergence, its collapse, and its settings. */
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
import type { Field } from "../../likelihoods/index.js";
import { torchFixture } from "../../torch-fixture.test-helpers.js";
import { posteriorCollapse } from "./collapse.js";
import { type VaeConfiguration, vaeConfiguration } from "./configuration.js";
import { klDivergence, vae, vaeDecode, vaeEncode, vaeLikelihood, vaeLoss, vaeReconstruct } from "./vae.js";

const unit = (levels?: number): Field => ({ name: "pixels", channels: 1, kind: "continuous", range: [0, 1], levels });

const tensor = (rows: readonly (readonly number[])[], shape: readonly number[]): HostTensor =>
  hostTensor(Float32Array.from(rows.flat()), shape);

/** A key that draws given numbers. */
const drawing = (numbers: readonly number[]): RandomKey => {
  const key: RandomKey = Object.create(RandomKey.prototype, {
    split: { value: (): RandomKey => key },
    normal: {
      value: (out: Float32Array): Float32Array => {
        out.set(numbers);
        return out;
      },
    },
  });
  return key;
};

describe("PyTorch's example", () => {
  interface Fixture {
    readonly x: number[][];
    readonly noise: number[][];
    readonly reconstruction: number;
    readonly kl: number;
    readonly loss: number;
    readonly mean: number[][];
    readonly logVariance: number[][];
    readonly pictures: number[][];
    readonly gradientNorms: Record<string, number>;
  }

  it.each([
    [0, 1],
    [-1, 1],
  ])("has its loss, gradients, posteriors and pictures, over pictures from %d to %d", async (low, high) => {
    const toRange = (value: number): number => low + (high - low) * value;
    // From `bench/peers/make_vae_fixture.py`.
    const { figures: fixture, weights } = await torchFixture<Fixture>("./fixtures/torch-vae", import.meta.url);
    const c = vaeConfiguration({
      shape: [1, 3, 4],
      fields: [{ ...unit(), range: [low, high] }],
      latent: 3,
      network: { kind: "mlp", hidden: [7] },
    });
    const run = compile(({ params, x }: { params: TreeRecord<Tensor>; x: Tensor }) => {
      const { loss, metrics } = vaeLoss(Scope.over({ params }, { training: true }), c, x);
      const grads = unflattenLike<Tensor, Tensor>(params, gradients(loss, leavesOf<Tensor>(params)));
      const again = Scope.over({ params });
      const { mean, logVariance } = vaeEncode(again, c, x);
      const pictures = vaeReconstruct(again, c, x);
      return { loss, metrics, grads: grads as TreeRecord<Tensor>, mean, logVariance, pictures };
    });
    const actual = await run(
      { params: weights(), x: tensor([fixture.x.flat().map(toRange)], [4, 1, 3, 4]) },
      { keys: drawing(fixture.noise.flat()) },
    );
    await run.release();
    const metrics = actual.metrics as Record<string, HostTensor>;
    expect(actual.loss.data[0]).toBeCloseTo(fixture.loss, 5);
    expect(metrics.reconstruction!.data[0]).toBeCloseTo(fixture.reconstruction, 5);
    expect(metrics.kl!.data[0]).toBeCloseTo(fixture.kl, 5);
    const { mean, logVariance, pictures } = fixture;
    const expected = { mean, logVariance, pictures: pictures.map((row) => row.map(toRange)) };
    for (const name of ["mean", "logVariance", "pictures"] as const) {
      expected[name].flat().forEach((value, i) => {
        expect(actual[name].data[i]).toBeCloseTo(value, 5);
      });
    }
    const norms = flattenTree<HostTensor>(actual.grads).map(([path, { data }]): [string, number] => [
      path,
      Math.sqrt([...data].reduce((sum, x) => sum + x * x, 0)),
    ]);
    expect(norms.map(([path]) => path).sort()).toEqual(Object.keys(fixture.gradientNorms).sort());
    for (const [path, norm] of norms) expect(norm / fixture.gradientNorms[path]!, path).toBeCloseTo(1, 5);
  });

  it("has its 652,824 parameters at its size, with the settings that are left out", () => {
    const c = vaeConfiguration({ shape: [1, 28, 28], fields: [unit(256)], latent: 20 });
    const { params } = Scope.declare(vae(c).networks.vae!, RandomKey.fromSeed(1));
    const count = leavesOf<HostTensor>(params).reduce((sum, { data }) => sum + data.length, 0);
    expect(count).toBe(652_824);
  });
});

it("the divergence of each axis is its integral", async () => {
  const posteriors = [
    [0.7, -1],
    [-2, 0.5],
    [0, 0],
  ];
  const run = compile(({ mean, logVariance }: { mean: Tensor; logVariance: Tensor }) => ({
    kl: klDivergence({ mean, logVariance }),
  }));
  const column = (i: number): HostTensor =>
    tensor(
      posteriors.map((each) => [each[i]!]),
      [1, 3],
    );
  const { kl } = await run({ mean: column(0), logVariance: column(1) });
  await run.release();
  posteriors.forEach(([mean, logVariance], i) => {
    const deviation = Math.exp(logVariance! / 2);
    let integral = 0;
    for (let t = -12; t < 12; t += 0.001) {
      const z = mean! + deviation * t;
      const density = Math.exp(-0.5 * t * t) / Math.sqrt(2 * Math.PI);
      integral += 0.001 * density * (-0.5 * t * t - logVariance! / 2 + 0.5 * z * z);
    }
    expect(kl.data[i]).toBeCloseTo(integral, 4);
  });
});

describe("the weight of the divergence", () => {
  const c = vaeConfiguration({
    shape: [1, 2, 2],
    fields: [unit(256)],
    latent: 2,
    network: { kind: "mlp", hidden: [3] },
    beta: 0.5,
    klWarmup: 4,
  });
  const declared = Scope.declare(vae(c).networks.vae!, RandomKey.fromSeed(1));

  it.each([
    [0, 0],
    [1, 0.125],
    [4, 0.5],
    [400, 0.5],
  ])("after %d batches is %d, and batches are counted while training alone", async (batches, weight) => {
    const run = compile(
      ({ params, buffers, x }: { params: TreeRecord<Tensor>; buffers: TreeRecord<Tensor>; x: Tensor }) => {
        const scope = Scope.over({ params, buffers }, { training: true });
        const { loss, metrics } = vaeLoss(scope, c, x);
        const judging = Scope.over({ params, buffers });
        vaeLoss(judging, c, x);
        expect(judging.updatedBuffers.size).toBe(0);
        return { loss, metrics, batches: scope.updatedBuffers.get("batches")! };
      },
    );
    const {
      loss,
      metrics,
      batches: counted,
    } = await run(
      {
        params: declared.params,
        buffers: { batches: hostTensor(Float32Array.of(batches), []) },
        x: tensor([[0.1, 0.9, 0.4, 0.6]], [1, 1, 2, 2]),
      },
      { keys: RandomKey.fromSeed(2) },
    );
    await run.release();
    const { reconstruction, kl } = metrics as Record<string, HostTensor>;
    expect(kl!.data[0]).toBeGreaterThan(0.01);
    expect(loss.data[0]).toBeCloseTo(reconstruction!.data[0]! + weight * kl!.data[0]!, 5);
    expect(counted.data[0]).toBe(batches + 1);
  });

  it("needs no count where it does not rise", () => {
    const still = vaeConfiguration({ ...c, klWarmup: 0 });
    expect(Scope.declare(vae(still).networks.vae!, RandomKey.fromSeed(1)).buffers).toEqual({});
    expect(Object.keys(declared.buffers)).toEqual(["batches"]);
  });
});

describe("posterior collapse", () => {
  const rows = 200;
  /** Means that vary by so much along each axis, around 100. */
  const means = (variances: readonly number[]): Float32Array => {
    const noise = RandomKey.fromSeed(4).normal(new Float32Array(rows * variances.length));
    return noise.map((value, i) => 100 + value * Math.sqrt(variances[i % variances.length]!));
  };

  it("counts the axes whose means vary", () => {
    const report = posteriorCollapse(means([1, 0.05, 0.002, 0, 0.5]), 5);
    expect(report).toEqual({ activeUnits: 3, of: 5, collapsed: false, message: "3 of 5 latent axes are in use" });
  });

  it("warns, and says what to try, where hardly any does", () => {
    const report = posteriorCollapse(means([0, 0.001, 0.005]), 3);
    expect(report).toMatchObject({ activeUnits: 0, of: 3, collapsed: true });
    expect(report.message).toMatch(/^0 of 3 .*klWarmup/);
    expect(posteriorCollapse(means([1, ...new Array<number>(19).fill(0)]), 20).collapsed).toBe(true);
    expect(posteriorCollapse(means([1, 1, ...new Array<number>(18).fill(0)]), 20).collapsed).toBe(false);
  });

  it("cannot be told from one row", () => {
    expect(() => posteriorCollapse(new Float32Array(5), 5)).toThrow(ArgumentError);
    expect(() => posteriorCollapse(new Float32Array(11), 5)).toThrow(ArgumentError);
  });
});

const label = { name: "label", role: "label", classes: 2, drop: 0 } as const;

describe("the family", () => {
  const size = { shape: [1, 4, 4], fields: [unit(256)], latent: 2 } as const;

  it("encodes, decodes and draws in the shapes that it says, with every network and likelihood", async () => {
    for (const network of [
      { kind: "mlp", hidden: [5] },
      { kind: "convolutional", channels: [4, 8], blocks: 1 },
    ] as const) {
      for (const kind of ["bernoulli", "gaussian", "discretised-logistic"] as const) {
        const c = vaeConfiguration({ ...size, network, likelihood: { kind } });
        const { params, buffers } = Scope.declare(vae(c).networks.vae!, RandomKey.fromSeed(1));
        expect(buffers).toEqual({});
        const run = compile(({ params, x, z }: { params: TreeRecord<Tensor>; x: Tensor; z: Tensor }) => {
          const scope = Scope.over({ params });
          const parameters = vaeDecode(scope, c, z);
          const drawn = vaeLikelihood(c).sample(scope.at("picture"), parameters);
          return { drawn, again: vaeReconstruct(scope, c, x), mean: vaeEncode(scope, c, x).mean };
        });
        const x = hostTensor(new Float32Array(48).fill(0.5), [3, 1, 4, 4]);
        const z = hostTensor(new Float32Array(10), [5, 2]);
        const { drawn, again, mean } = await run({ params, x, z }, { keys: RandomKey.fromSeed(2) });
        await run.release();
        expect([drawn.shape, again.shape, mean.shape]).toEqual([
          [5, 1, 4, 4],
          [3, 1, 4, 4],
          [3, 2],
        ]);
        for (const value of [...drawn.data, ...again.data]) expect(value >= 0 && value <= 1).toBe(true);
      }
    }
  });

  it.each<[string, Partial<VaeConfiguration>]>([
    ["vae: latent must be a whole number from 1 up, got 0", { latent: 0 }],
    ["vae: beta must be a number from 0 up, got -1", { beta: -1 }],
    ["vae: klWarmup must be a whole number from 0 up, got 1.5", { klWarmup: 1.5 }],
    ["vae: there is no picture of 1 × 0 × 4", { shape: [1, 0, 4] }],
    ["vae: the fields have 1 channels together, and the picture 3", { shape: [3, 4, 4] }],
    ["vae: network.channels", { network: { kind: "convolutional", channels: [] } }],
    ["vae: network.hidden", { network: { kind: "mlp", hidden: [0] } }],
    ["vae: network.blocks", { network: { kind: "convolutional", channels: [8], blocks: -1 } }],
    ["standard deviation", { likelihood: { kind: "gaussian", standardDeviation: -1 } }],
    ["another condition has this name", { conditions: [label, label] }],
  ])("refuses: %s", (message, changes) => {
    expect(() => vaeConfiguration({ ...size, ...changes })).toThrow(ArgumentError);
    expect(() => vaeConfiguration({ ...size, ...changes })).toThrow(message);
  });

  it("says what a batch has to have", () => {
    const c = vaeConfiguration(size);
    expect(() => vae(c).phases[0]!.loss({ vae: Scope.over({ params: {} }) }, {})).toThrow("a batch has pictures x");
    expect(() => vae(c).phases[0]!.loss({}, {})).toThrow('the network "vae" is missing');
  });
});

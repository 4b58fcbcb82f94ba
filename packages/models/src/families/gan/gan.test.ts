/** What the family is made of, its penalties in closed form, and how long its step takes to compile. */
import {
  ArgumentError,
  compile,
  constant,
  gradients,
  type HostTensor,
  hostTensor,
  leavesOf,
  mapTree,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { type GanConfiguration, type GanLoss, ganConfiguration } from "./configuration.js";
import { gan } from "./gan.js";
import { ganDiscriminate } from "./networks.js";
import { pointShape, ring, trainGan } from "./training.test-helpers.js";

const mlp = { kind: "mlp", hidden: [8], activation: "leaky-relu" } as const;
const small = (settings: Partial<GanConfiguration> = {}): GanConfiguration =>
  ganConfiguration({ shape: pointShape, latent: 3, generator: mlp, discriminator: mlp, ...settings });

const lazy: GanLoss = { kind: "non-saturating", gamma: 2, every: 16 };
const wasserstein: GanLoss = { kind: "wasserstein", penalty: 10, discriminatorSteps: 5 };
const relativistic: GanLoss = { kind: "relativistic", gamma: 1 };

describe("phases", () => {
  it.each<[GanLoss, [string, number, string][]]>([
    [
      lazy,
      [
        ["discriminator", 1, "discriminator"],
        ["penalty", 16, "discriminator"],
        ["generator", 1, "generator"],
      ],
    ],
    [
      wasserstein,
      [
        ["discriminator", 1, "discriminator"],
        ["generator", 5, "generator"],
      ],
    ],
    [
      relativistic,
      [
        ["discriminator", 1, "discriminator"],
        ["generator", 1, "generator"],
      ],
    ],
  ])("of %o", (loss, expected) => {
    expect(gan(small({ loss })).phases.map(({ name, every, trains }) => [name, every, ...trains])).toEqual(expected);
  });

  it.each<[string, GanLoss, number, number]>([
    // 33 steps of its own, and turns of the penalty at 0, 16 and 32.
    ["lazy R1", lazy, 36, 33],
    // The generator at 0, 5, …, 30.
    ["several discriminator steps", wasserstein, 33, 7],
  ])("have their turns: %s", async (_, loss, discriminator, generator) => {
    const counts: Record<string, HostTensor>[] = [];
    await trainGan(small({ loss }), (step) => ring(step, 8), {
      steps: 33,
      rates: { generator: 0.001, discriminator: 0.001 },
      onStep: ({ updates }) => counts.push(updates),
    });
    expect(counts).toHaveLength(33);
    expect(counts.at(-1)!.discriminator!.data[0]).toBe(discriminator);
    expect(counts.at(-1)!.generator!.data[0]).toBe(generator);
  });

  it("tell what a monitor looks at", async () => {
    const { history } = await trainGan(small({ loss: lazy }), (step) => ring(step, 8), {
      steps: 1,
      rates: { generator: 0.001, discriminator: 0.001 },
    });
    expect(Object.keys(history[0]!).sort()).toEqual([
      "discriminator.fakeAccuracy",
      "discriminator.fakeScore",
      "discriminator.loss",
      "discriminator.realAccuracy",
      "discriminator.realScore",
      "discriminator.spread",
      "generator.loss",
      "generator.outputGradient",
      "penalty.gradientPenalty",
      "penalty.loss",
    ]);
  });
});

describe("a discriminator that is a plane, w · x + b", () => {
  const weight = [0.6, -0.8 * 3];
  const slope = Math.hypot(...weight);
  const linear = { kind: "mlp", hidden: [] } as const;

  /** The figures of one step that moves nothing, and the discriminator's gradient over w in its phase `name`. */
  async function objective(c: GanConfiguration, name: string) {
    const phase = gan(c).phases.find((each) => each.name === name)!;
    const generator = Scope.declare(gan(c).networks.generator!, RandomKey.fromSeed(2)).params;
    const run = compile(({ x, w }: { x: Tensor; w: Tensor }) => {
      const plane = { network: { output: { weight: w, bias: w.sum().mul(0).reshape([1]) } } };
      const scopes = {
        generator: Scope.over({ params: asConstants(generator) }, { draws: "g." }),
        discriminator: Scope.over({ params: plane }, { draws: "d." }),
      };
      const { loss, metrics = {} } = phase.loss(scopes, { x });
      return { loss, penalty: metrics.gradientPenalty!, slopes: gradients(loss, [w])[0]! };
    });
    const out = await run(
      { x: ring(0, 8).x, w: hostTensor(Float32Array.from(weight), [2, 1]) },
      { keys: RandomKey.fromSeed(1) },
    );
    await run.release();
    return { loss: out.loss.data[0]!, penalty: out.penalty.data[0]!, slopes: [...out.slopes.data] };
  }

  it("has the penalty γ/2 · |w|² of R1, 16 times as strong, whose gradient is γ · w", async () => {
    const { loss, penalty, slopes } = await objective(small({ discriminator: linear, loss: lazy }), "penalty");
    expect(penalty).toBeCloseTo(slope ** 2, 5);
    expect(loss).toBeCloseTo(16 * slope ** 2, 4);
    slopes.forEach((g, i) => {
      expect(g).toBeCloseTo(16 * 2 * weight[i]!, 4);
    });
  });

  it("has |w|² on real and generated pictures, and (|w| − 1)² between them", async () => {
    const paired = await objective(small({ discriminator: linear, loss: relativistic }), "discriminator");
    expect(paired.penalty).toBeCloseTo(slope ** 2, 5);
    const between = await objective(small({ discriminator: linear, loss: wasserstein }), "discriminator");
    expect(between.penalty).toBeCloseTo((slope - 1) ** 2, 5);
  });

  it("is w · x / |w| under spectral norm", async () => {
    const c = small({ discriminator: linear, spectralNorm: true });
    const { params, buffers } = Scope.declare(gan(c).networks.discriminator!, RandomKey.fromSeed(4));
    const [w] = leavesOf<HostTensor>(params).filter(({ shape }) => shape.length === 2);
    const run = compile(({ x }: { x: Tensor }) => {
      const trees = { params: asConstants(params), buffers: asConstants(buffers) };
      return { scores: ganDiscriminate(Scope.over(trees, { training: true }), c, x) };
    });
    const { x } = ring(0, 4);
    const { scores } = await run({ x });
    await run.release();
    const length = Math.hypot(...w!.data);
    scores.data.forEach((score, i) => {
      const product = w!.data[0]! * x.data[2 * i]! + w!.data[1]! * x.data[2 * i + 1]!;
      expect(Number(score)).toBeCloseTo(product / length, 5);
    });
  });
});

describe("settings", () => {
  const refused: [string, Parameters<typeof ganConfiguration>[0]][] = [
    ["gan: there is no picture of 0 × 4 × 4", { shape: [0, 4, 4] }],
    ["gan: latent must be a whole number from 1 up, got 0", { shape: [1, 8, 8], latent: 0 }],
    [
      "gan: generator.channels has 4 levels, and 28 × 28 pixels do not bear 3 halvings",
      { shape: [1, 28, 28], generator: { kind: "residual", channels: [8, 8, 8, 8] } },
    ],
    [
      "gan: discriminator.groups of 3 do not divide the 16 channels",
      { shape: [1, 8, 8], discriminator: { kind: "residual", channels: [8], groups: 3 } },
    ],
    [
      "gan: generator.channels needs one level or more",
      { shape: [1, 8, 8], generator: { kind: "residual", channels: [] } },
    ],
    [
      "gan: generator.hidden[1] must be a whole number from 1 up, got 0",
      { shape: [1, 8, 8], generator: { kind: "mlp", hidden: [4, 0] } },
    ],
    [
      "gan: loss.gamma must be a number from 0 up, got -1",
      { shape: [1, 8, 8], loss: { kind: "relativistic", gamma: -1 } },
    ],
    ["gan: loss.every must be a whole number", { shape: [1, 8, 8], loss: { ...lazy, every: 0 } }],
    [
      "gan: loss.discriminatorSteps must be a whole number",
      { shape: [1, 8, 8], loss: { ...wasserstein, discriminatorSteps: 0.5 } },
    ],
    [
      "gan: conditions.kind.drop must be 0, got 0.1",
      { shape: [1, 8, 8], conditions: [{ name: "kind", role: "label", classes: 3, drop: 0.1 }] },
    ],
    [
      "gan: conditions.mask is a grid",
      { shape: [1, 8, 8], conditions: [{ name: "mask", role: "grid", channels: 1, drop: 0 }] },
    ],
    [
      "gan: augmentation.kinds may have each of flip, shift, brightness, contrast, cutout once, got flip",
      { shape: [1, 8, 8], augmentation: { kinds: ["flip", "flip"], target: 0.6, ramp: 100 } },
    ],
    [
      "gan: augmentation.target must be between −1 and 1, got 1",
      { shape: [1, 8, 8], augmentation: { kinds: ["flip"], target: 1, ramp: 100 } },
    ],
    [
      'gan: discriminator.norm cannot be "batch"',
      { shape: [1, 8, 8], discriminator: { kind: "convolutional", channels: [8], norm: "batch" } },
    ],
    [
      "gan: discriminator.blocks must be 0 with spectralNorm",
      {
        shape: [1, 8, 8],
        spectralNorm: true,
        discriminator: { kind: "convolutional", channels: [8], blocks: 1 },
      },
    ],
  ];
  it.each(refused)("that cannot be: %s", (message, settings) => {
    expect(() => ganConfiguration(settings)).toThrow(ArgumentError);
    expect(() => ganConfiguration(settings)).toThrow(message);
  });

  it("that are left out make and judge pictures of 28 × 28", () => {
    const { generator, discriminator } = gan(ganConfiguration({ shape: [1, 28, 28] })).networks;
    const shapes: unknown[] = [];
    for (const network of [generator!, discriminator!]) {
      Scope.declare((scope) => shapes.push((network(scope) as Tensor).shape), RandomKey.fromSeed(1));
    }
    expect(shapes).toEqual([[2, 1, 28, 28], [2]]);
  });

  it("name what a step is missing", () => {
    const [phase] = gan(small()).phases;
    const scope = Scope.over({ params: {} });
    expect(() => phase!.loss({ generator: scope }, {})).toThrow('the network "discriminator" is missing');
    expect(() => phase!.loss({ generator: scope, discriminator: scope }, {})).toThrow("a batch has pictures x");
  });
});

/** Trees of numbers as constants of a graph. */
const asConstants = (tree: TreeRecord<HostTensor>): TreeRecord<Tensor> =>
  mapTree<HostTensor, Tensor>(tree, (leaf) => constant(leaf)) as TreeRecord<Tensor>;

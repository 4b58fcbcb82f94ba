/** What a GAN is for: all that there is, each as often, and what is asked for. */
import { compile, hostTensor, RandomKey, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { BARS, barBatch, barShape, everyBar } from "../bars.test-helpers.js";
import { type GanConfiguration, type GanLoss, ganConfiguration } from "./configuration.js";
import { ganGenerate } from "./networks.js";
import { MODES, modesOf, pointShape, ring, sampleGan, trainGan } from "./training.test-helpers.js";

const SAMPLES = 1024;
const mlp = { kind: "mlp", hidden: [64, 64], activation: "leaky-relu" } as const;
const rates = { generator: 0.002, discriminator: 0.002 };

describe("eight places on a circle", () => {
  const covered = async (loss: GanLoss): Promise<ReturnType<typeof modesOf>> => {
    const c = ganConfiguration({ shape: pointShape, latent: 4, generator: mlp, discriminator: mlp, loss });
    return modesOf(await sampleGan(c, await trainGan(c, ring, { steps: 400, rates }), SAMPLES));
  };

  it.each<[string, GanLoss]>([
    ["relativistic", { kind: "relativistic", gamma: 0.2 }],
    ["non-saturating with lazy R1", { kind: "non-saturating", gamma: 0.1, every: 16 }],
  ])("are all found: %s", async (_, loss) => {
    const { counts, onCircle } = await covered(loss);
    // Each within 50 % of its share. Of a normal distribution with the same variance, e^−0.64 − e^−1.44 = 29 % would lie as near to the circle.
    for (const count of counts) {
      expect(count).toBeGreaterThan(0.5 * (SAMPLES / MODES));
      expect(count).toBeLessThan(1.5 * (SAMPLES / MODES));
    }
    expect(onCircle).toBeGreaterThan(0.5 * SAMPLES);
  });
});

it("four numbers have the right means and deviations: Wasserstein", async () => {
  const c = ganConfiguration({
    shape: [4, 1, 1],
    latent: 4,
    generator: { kind: "mlp", hidden: [] },
    discriminator: { ...mlp, hidden: [32, 32] },
    loss: { kind: "wasserstein", penalty: 10, discriminatorSteps: 5 },
  });
  const [means, deviations] = [
    [0.5, -0.5, 0, 0],
    [0.5, 0.2, 0.3, 0.3],
  ] as const;
  const batch = (step: number) => {
    const noise = RandomKey.fromSeed(6)
      .at(step)
      .normal(new Float32Array(4 * 64));
    const values = noise.map((off, i) => means[i % 4]! + deviations[i % 4]! * off);
    return { x: hostTensor(values, [64, 4, 1, 1]) };
  };
  const trained = await trainGan(c, batch, { steps: 1500, rates: { generator: 0.003, discriminator: 0.006 } });
  const { data } = await sampleGan(c, trained, 4096);
  for (let axis = 0; axis < 4; axis++) {
    const values = [...data].filter((_, i) => i % 4 === axis);
    const mean = values.reduce((sum, x) => sum + x) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean - means[axis]!)).toBeLessThan(0.15);
    expect(Math.abs(Math.sqrt(variance) - deviations[axis]!)).toBeLessThan(0.15);
  }
});

describe("eight pictures", () => {
  it.each<[string, Partial<GanConfiguration>]>([
    ["perceptrons", { generator: mlp, discriminator: mlp }],
    [
      "DCGAN, with spectral norm and augmentation",
      {
        generator: { kind: "convolutional", channels: [16, 32], norm: "batch", activation: "relu" },
        discriminator: { kind: "convolutional", channels: [16, 32], activation: "leaky-relu" },
        spectralNorm: true,
        augmentation: { kinds: ["flip", "brightness"], target: 0.6, ramp: 20_000 },
      },
    ],
    [
      "residual networks",
      {
        generator: { kind: "residual", channels: [8, 16] },
        discriminator: { kind: "residual", channels: [8, 16], groups: 2 },
      },
    ],
  ])("are what they are asked to be: %s", async (_, settings) => {
    const c = ganConfiguration({
      shape: barShape,
      latent: 8,
      loss: { kind: "relativistic", gamma: 1 },
      conditions: [{ name: "label", role: "label", classes: BARS, drop: 0 }],
      ...settings,
    });
    const { params, buffers } = await trainGan(c, (step) => barBatch(step), { steps: 200, rates });
    const run = compile(
      (given: { params: TreeRecord<Tensor>; buffers: TreeRecord<Tensor>; z: Tensor; label: Tensor }) => ({
        x: ganGenerate(Scope.over(given), c, given.z, { label: given.label }),
      }),
    );
    const rows = 8 * BARS;
    const { x } = await run({
      params: params.generator!,
      buffers: buffers.generator!,
      z: hostTensor(RandomKey.fromSeed(3).normal(new Float32Array(rows * 8)), [rows, 8]),
      label: hostTensor(
        Int32Array.from({ length: rows }, (_, i) => i % BARS),
        [rows],
      ),
    });
    await run.release();
    const bars = everyBar().data;
    const right = Array.from({ length: rows }, (_, row) => {
      const distances = Array.from({ length: BARS }, (_, bar) =>
        Math.hypot(...Array.from({ length: 16 }, (_, i) => x.data[row * 16 + i]! - bars[bar * 16 + i]!)),
      );
      return distances.indexOf(Math.min(...distances)) === row % BARS;
    });
    // By chance it would be an eighth.
    expect(right.filter(Boolean).length).toBeGreaterThan(0.6 * rows);
  });
});

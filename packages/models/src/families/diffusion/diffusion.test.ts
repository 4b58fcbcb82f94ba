/** Predictions and losses against closed forms, and settings that cannot be. */
import {
  ArgumentError,
  compile,
  constant,
  type HostTensor,
  hostScalar,
  hostTensor,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import {
  type DiffusionConfiguration,
  diffusionConfiguration,
  diffusionSigmas,
  type LossWeighting,
  sigmaRange,
  type TrainingNoise,
} from "./configuration.js";
import { diffusion, diffusionDenoise } from "./diffusion.js";
import { denoisingLoss, drawRatio } from "./loss.js";
import { precondition, predictions } from "./prediction.js";
import { cosineSchedule, linearSchedule } from "./schedules.js";

const ratios = [0.004, 0.1, 0.7, 1, 3, 160];
const column = (values: readonly number[]): HostTensor =>
  hostTensor(Float32Array.from(values), [values.length, 1, 1, 1]);

describe("predictions", () => {
  const [picture, noise] = [0.8, -1.3];
  const outputs = async (prediction: (typeof predictions)[number]) => {
    const run = compile(({ ratio }: { ratio: Tensor }) => {
      const c = precondition(prediction, ratio);
      const said = c.target.picture.mul(picture).add(c.target.noise.mul(noise));
      const x = ratio.mul(noise).add(picture);
      return { said, denoised: c.skip.mul(x).add(c.out.mul(said)), read: c.in.mul(x) };
    });
    const result = await run({ ratio: column(ratios) });
    await run.release();
    return { said: [...result.said.data], denoised: [...result.denoised.data], read: [...result.read.data] };
  };

  it.each(predictions)("a perfect network of %s makes a perfect denoiser at every level", async (prediction) => {
    const { denoised } = await outputs(prediction);
    // ε says least of x₀ where there is much noise: 160 times its rounding.
    for (const value of denoised) expect(value).toBeCloseTo(picture, 4);
  });

  it("mean what the papers say they do, of what the papers' processes hand to the network", async () => {
    const said = Object.fromEntries(
      await Promise.all(predictions.map(async (each) => [each, await outputs(each)] as const)),
    );
    ratios.forEach((sigma, i) => {
      const alphaBar = 1 / (1 + sigma ** 2);
      const [a, s] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
      expect(said.epsilon!.said[i]).toBeCloseTo(noise, 5);
      expect(said.x!.said[i]).toBeCloseTo(picture, 5);
      expect(said.v!.said[i]).toBeCloseTo(a * noise - s * picture, 5);
      expect(said.flow!.said[i]).toBeCloseTo(noise - picture, 5);
      for (const each of ["epsilon", "x", "v"]) expect(said[each]!.read[i]).toBeCloseTo(a * picture + s * noise, 5);
      const time = sigma / (1 + sigma);
      expect(said.flow!.read[i]).toBeCloseTo((1 - time) * picture + time * noise, 5);
    });
  });

  it("agree with each other: one network's word, said otherwise, is the same denoiser", async () => {
    // v by a formula of ε, x₀ and u (Salimans and Ho 2022, appendix D): a network that is wrong by `off` in x₀.
    const off = 0.25;
    const x = (sigma: number): number => picture + sigma * noise;
    const denoised = (sigma: number): number => picture + off * sigma;
    const words: Record<(typeof predictions)[number], (sigma: number) => number> = {
      epsilon: (sigma) => (x(sigma) - denoised(sigma)) / sigma,
      x: denoised,
      v: (sigma) => (x(sigma) / Math.hypot(1, sigma) - Math.hypot(1, sigma) * denoised(sigma)) / sigma,
      flow: (sigma) => (x(sigma) - denoised(sigma)) / sigma - denoised(sigma),
    };
    for (const prediction of predictions) {
      const run = compile(({ ratio, word }: { ratio: Tensor; word: Tensor }) => {
        const c = precondition(prediction, ratio);
        return { denoised: c.skip.mul(ratio.mul(noise).add(picture)).add(c.out.mul(word)) };
      });
      const result = await run({ ratio: column(ratios), word: column(ratios.map(words[prediction])) });
      await run.release();
      ratios.forEach((sigma, i) => {
        expect(result.denoised.data[i]).toBeCloseTo(denoised(sigma), 3);
      });
    }
  });
});

describe("the loss of the best network, for data that are standard normal", () => {
  const weightings: [LossWeighting, (ratio: number) => number][] = [
    [{ kind: "epsilon" }, (ratio) => 1 / ratio ** 2],
    [{ kind: "edm" }, (ratio) => (1 + ratio ** 2) / ratio ** 2],
    [{ kind: "min-snr", gamma: 5 }, (ratio) => Math.min(5, 1 / ratio ** 2)],
  ];
  /** The weight of the error of x₀ that each prediction has by itself. */
  const own: Record<(typeof predictions)[number], (ratio: number) => number> = {
    epsilon: (ratio) => 1 / ratio ** 2,
    x: () => 1,
    v: (ratio) => (1 + ratio ** 2) / ratio ** 2,
    flow: (ratio) => (1 + ratio) ** 2 / ratio ** 2,
  };
  const cases = predictions.flatMap((prediction) => [
    ...weightings.map(([weighting, weight]) => ({ prediction, weighting, weight })),
    { prediction, weighting: { kind: "prediction" } as const, weight: own[prediction] },
  ]);

  it("is the variance of what x₀ may have been, ρ² / (1 + ρ²), times the weight", async () => {
    const values = 40_000;
    const shape = [1, 1, 1, values];
    const key = RandomKey.fromSeed(2);
    const draw = (name: string): HostTensor => hostTensor(key.split(name).normal(new Float32Array(values)), shape);
    for (const ratio of [0.2, 1, 4]) {
      const run = compile(({ x, noise }: { x: Tensor; noise: Tensor }) =>
        Object.fromEntries(
          cases.map((c, i) => {
            const level = constant(column([ratio]));
            const loss = denoisingLoss(c, x, noise, level, (read) => {
              // The best denoiser is x / (1 + ρ²), and the network says what makes it so.
              const coefficients = precondition(c.prediction, level);
              const noised = read.div(coefficients.in);
              return noised
                .mul(1 / (1 + ratio ** 2))
                .sub(noised.mul(coefficients.skip))
                .div(coefficients.out);
            });
            return [String(i), loss];
          }),
        ),
      );
      const losses = await run({ x: draw("x"), noise: draw("noise") });
      await run.release();
      cases.forEach(({ weight }, i) => {
        const expected = (weight(ratio) * ratio ** 2) / (1 + ratio ** 2);
        // Of so many squares of normal values the mean deviates by 0.7 %.
        expect(losses[String(i)]!.data[0]! / expected).toBeGreaterThan(0.98);
        expect(losses[String(i)]!.data[0]! / expected).toBeLessThan(1.02);
      });
    }
  });
});

describe("the family", () => {
  const shape = [1, 4, 4] as const;
  const small = { kind: "unet", channels: 4, multipliers: [1, 2], blocks: 1, attention: [] } as const;

  /** The loss of the first step, of normal data of the deviation 0.5, averaged over a large batch. */
  async function firstLoss(settings: Partial<DiffusionConfiguration>): Promise<number> {
    const c = diffusionConfiguration({ shape, backbone: small, ...settings });
    const { params } = Scope.declare(diffusion(c).networks.denoiser!, RandomKey.fromSeed(1));
    const run = compile(({ params, x }: { params: TreeRecord<Tensor>; x: Tensor }) => {
      const denoiser = Scope.over({ params }, { training: true });
      return { loss: diffusion(c).phases[0]!.loss({ denoiser }, { x }).loss };
    });
    const x = RandomKey.fromSeed(3).normal(new Float32Array(2000 * 16), 0, 0.5);
    const { loss } = await run({ params, x: hostTensor(x, [2000, ...shape]) }, { keys: RandomKey.fromSeed(4) });
    await run.release();
    return loss.data[0]!;
  }

  it("begins at what a network that says 0 costs: for v, the best there is of normal data", async () => {
    expect(await firstLoss({})).toBeCloseTo(1, 1);
    expect(
      await firstLoss({ prediction: "epsilon", noise: { kind: "linear", steps: 1000, first: 1e-4, last: 0.02 } }),
    ).toBeCloseTo(1, 1);
    expect(await firstLoss({ prediction: "flow", noise: { kind: "uniform-time" } })).toBeCloseTo(2, 1);
  });

  it("denoises by the share of the variance while its network says 0, each row at its own level", async () => {
    for (const backbone of [
      small,
      { kind: "diffusion-transformer", patch: 2, layers: 1, heads: 2, width: 8 },
    ] as const) {
      const label = { name: "digit", role: "label", classes: 3, drop: 0.5 } as const;
      const c = diffusionConfiguration({ shape, backbone, conditions: [label] });
      const { params } = Scope.declare(diffusion(c).networks.denoiser!, RandomKey.fromSeed(1));
      const run = compile(
        ({ params, x, sigma, digit }: { params: TreeRecord<Tensor>; x: Tensor; sigma: Tensor; digit: Tensor }) => ({
          denoised: diffusionDenoise(Scope.over({ params }), c, x, sigma, { digit }),
        }),
      );
      const x = hostTensor(new Float32Array(32).fill(1), [2, ...shape]);
      const digit = hostTensor(Int32Array.of(2, -1), [2]);
      const { denoised } = await run({ params, x, sigma: hostTensor(Float32Array.of(0.5, 1), [2]), digit });
      await run.release();
      expect(denoised.shape).toEqual([2, ...shape]);
      // σ_data² / (σ_data² + σ²)
      expect(denoised.data[0]).toBeCloseTo(0.5, 5);
      expect(denoised.data[31]).toBeCloseTo(0.2, 5);
    }
  });

  it.each<[TrainingNoise, (u: number) => number]>([
    [{ kind: "log-normal", mean: -0.5, standardDeviation: 1.2 }, (half) => 0.5 * Math.exp(-0.5 + 1.2 * half)],
    [{ kind: "uniform-time" }, (half) => [0.5 / 3, 0.5, 1.5][half + 1]!],
    [{ kind: "linear", steps: 1000, first: 1e-4, last: 0.02 }, (half) => linearSchedule().sigmas[500 + half * 250]!],
    [{ kind: "cosine", steps: 200 }, (half) => cosineSchedule({ steps: 200 }).sigmas[100 + half * 50]!],
  ])("draws levels as $kind says", async (noise, levelAt) => {
    const c = diffusionConfiguration({ shape, noise });
    const run = compile(({ one }: { one: Tensor }) => ({
      ratio: drawRatio(Scope.over({ params: {} }), c, 4000).mul(one),
    }));
    const { ratio } = await run({ one: hostScalar(1) }, { keys: RandomKey.fromSeed(6) });
    await run.release();
    const sorted = [...ratio.data].map((value) => value * 0.5).sort((a, b) => a - b);
    const quantile = (share: number): number => sorted[Math.round(share * 3999)]!;
    // Normal levels are asked for at −1, 0 and 1 deviations, others at the quartiles.
    const shares = noise.kind === "log-normal" ? [0.1587, 0.5, 0.8413] : [0.25, 0.5, 0.75];
    shares.forEach((share, i) => {
      expect(Math.log(quantile(share) / levelAt(i - 1))).toBeCloseTo(0, 0.7);
    });
    const { min, max } = sigmaRange(c);
    if (noise.kind !== "log-normal") {
      expect(sorted[0]).toBeGreaterThan(min * 0.999);
      expect(sorted.at(-1)).toBeLessThan(max * 1.001);
    }
  });

  it("is sampled between the levels it was trained on", () => {
    const karras = diffusionSigmas(diffusionConfiguration({ shape }), 10);
    expect([karras.length, karras[0], karras[9], karras[10]]).toEqual([
      11,
      expect.closeTo(80, 8),
      expect.closeTo(0.002, 8),
      0,
    ]);
    const cosine = diffusionSigmas(diffusionConfiguration({ shape, noise: { kind: "cosine", steps: 50 } }), 10);
    const { sigmas } = cosineSchedule({ steps: 50 });
    expect([cosine[0]! / sigmas[49]!, cosine[9]! / sigmas[0]!]).toEqual([expect.closeTo(1, 10), expect.closeTo(1, 10)]);
  });

  it.each<[string, Partial<DiffusionConfiguration>]>([
    ["no picture of 1 × 0 × 4", { shape: [1, 0, 4] }],
    ["dataDeviation must be a number above 0, got 0", { dataDeviation: 0 }],
    ["weighting.gamma", { weighting: { kind: "min-snr", gamma: 0 } }],
    ["noise.standardDeviation", { noise: { kind: "log-normal", mean: 0, standardDeviation: -1 } }],
    ["noise.mean", { noise: { kind: "log-normal", mean: Number.NaN, standardDeviation: 1 } }],
    ["steps from 2 up, got 1", { noise: { kind: "cosine", steps: 1 } }],
    ["within (0, 1)", { noise: { kind: "linear", steps: 9, first: 0, last: 0.5 } }],
    ["backbone.channels", { backbone: { ...small, channels: 0 } }],
    ["backbone.width", { backbone: { kind: "diffusion-transformer", patch: 2, layers: 1, heads: 1, width: 2.5 } }],
    ["drop is a probability", { conditions: [{ name: "digit", role: "label", classes: 3, drop: 2 }] }],
  ])("refuses: %s", (message, changes) => {
    expect(() => diffusionConfiguration({ shape, ...changes })).toThrow(ArgumentError);
    expect(() => diffusionConfiguration({ shape, ...changes })).toThrow(message);
  });

  it("says what a batch has to have, and which setting of the backbone cannot be", () => {
    const { phases } = diffusion(diffusionConfiguration({ shape, backbone: small }));
    expect(() => phases[0]!.loss({ denoiser: Scope.over({ params: {} }) }, {})).toThrow("a batch has pictures x");
    expect(() => phases[0]!.loss({}, {})).toThrow('the network "denoiser" is missing');
    const odd = diffusion(diffusionConfiguration({ shape, backbone: { ...small, attention: [3] } }));
    const declare = () => Scope.declare(odd.networks.denoiser!, RandomKey.fromSeed(1));
    expect(declare).toThrow(ArgumentError);
    expect(declare).toThrow("attention");
  });
});

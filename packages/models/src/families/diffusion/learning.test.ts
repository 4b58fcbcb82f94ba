/** What a diffusion model is for: pictures of which there are few among all that could be, and the ones that are asked for. */
import { compile, hostTensor, RandomKey, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { expect, it } from "vitest";
import { BARS, barBatch, barShape, everyBar } from "../bars.test-helpers.js";
import { trainFamily } from "../training.test-helpers.js";
import { type DiffusionConfiguration, diffusionConfiguration, diffusionSigmas } from "./configuration.js";
import { denoiserOf, guided } from "./denoiser.js";
import { diffusion, diffusionDenoise } from "./diffusion.js";
import { diffusionSamplers } from "./samplers/index.js";

const ROWS = 2 * BARS;

it.each<[string, Partial<DiffusionConfiguration>]>([
  ["v", {}],
  ["flow", { prediction: "flow", noise: { kind: "log-normal", mean: 0, standardDeviation: 1 } }],
])("eight pictures, drawn and asked for: %s", async (_, settings) => {
  const c = diffusionConfiguration({
    shape: barShape,
    backbone: { kind: "unet", channels: 16, multipliers: [1], blocks: 1, attention: [] },
    conditions: [{ name: "label", role: "label", classes: BARS, drop: 0.2 }],
    // Of the values −1 and 1, of which a quarter are 1.
    dataDeviation: Math.sqrt(0.75),
    ...settings,
  });
  const { params } = await trainFamily(diffusion(c), barBatch, {
    steps: 100,
    learningRate: 0.004,
  });

  const run = compile(
    ({ params, x, sigma, label }: { params: TreeRecord<Tensor>; x: Tensor; sigma: Tensor; label: Tensor }) => ({
      denoised: diffusionDenoise(Scope.over({ params }), c, x, sigma, { label }),
    }),
  );
  const denoiserFor = (labels: Int32Array) =>
    denoiserOf([ROWS, ...barShape], async (x, sigma) => {
      return (await run({ params, x, sigma, label: hostTensor(labels, [ROWS]) })).denoised;
    });
  const asked = denoiserFor(Int32Array.from({ length: ROWS }, (_, i) => i % BARS));
  const free = denoiserFor(new Int32Array(ROWS).fill(-1));

  const sigmas = diffusionSigmas(c, 8);
  const noise = RandomKey.fromSeed(8).normal(new Float32Array(ROWS * 16), 0, sigmas[0]);
  const start = Float64Array.from(noise);
  const bars = everyBar().data;
  /** Of each row, the nearest bar, and its distance. */
  const nearest = (pictures: Float64Array) =>
    Array.from({ length: ROWS }, (_, row) => {
      const distances = Array.from({ length: BARS }, (_, bar) =>
        Math.hypot(...Array.from({ length: 16 }, (_, i) => pictures[row * 16 + i]! - bars[bar * 16 + i]!)),
      );
      const distance = Math.min(...distances);
      return { bar: distances.indexOf(distance), distance };
    });

  // By chance it would be 2 of 16.
  const wanted = nearest(await diffusionSamplers.dpmpp_2m(guided(asked, free, 1.5), start, sigmas));
  expect(wanted.filter(({ bar }, row) => bar === row % BARS).length).toBeGreaterThanOrEqual(13);
  // Of what is drawn without a wish there are several, most of them nearer to a bar than halfway to the next, which is 2 √6 away.
  const drawn = nearest(await diffusionSamplers.heun(free, start, sigmas));
  await run.release();
  expect(new Set(drawn.map(({ bar }) => bar)).size).toBeGreaterThan(3);
  expect(drawn.filter(({ distance }) => distance < Math.sqrt(6)).length).toBeGreaterThanOrEqual(13);
});

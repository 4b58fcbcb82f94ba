/** A diffusion model among the others: how it is made of a recipe, how its pictures are drawn and judged. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageCodec, PictureSet } from "@atelier/data";
import { RandomKey, Scope } from "@atelier/engine";
import { beforeAll, describe, expect, it } from "vitest";
import type { Measure } from "../../evaluation/metrics/measure.js";
import { testHome } from "../../library/tiny-models.test-helpers.js";
import { type LoadedPictureModel, openModel } from "../../model/load.js";
import { requirePictureRecipe, resolveRecipe } from "../../recipe/resolve.js";
import { BATCH } from "../in-batches.js";
import type { PictureGenerator, PictureRequest, Values } from "../picture-family.js";
import { CLASSES, SIZE, tinyDiffusion } from "../tiny-pictures.test-helpers.js";
import { diffusionFamily } from "./diffusion.js";
import { noiseLevelOf } from "./diffusion-judge.js";

const home = testHome();
const each = SIZE * SIZE;
const key = RandomKey.fromSeed(5);
let loaded: LoadedPictureModel;
let generator: PictureGenerator;
beforeAll(async () => {
  await tinyDiffusion({ home, classes: true });
  const opened = await openModel(home, "diffusion");
  if (opened.medium !== "pictures") throw new Error("a model of pictures was saved");
  loaded = opened;
  generator = loaded.model.generator!(loaded.state, { threads: 1 });
  return () => generator.release();
});

const draw = (request: PictureRequest): Promise<Values> => generator.generate(request, key);
/** The largest difference; pictures lie in [−1, 1]. */
const apart = (a: Values, b: Values): number => {
  expect(a).toHaveLength(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
};
const first = (pictures: Values, count: number): Values => pictures.slice(0, count * each);

describe("a recipe", () => {
  const small = { kind: "unet", channels: 4, multipliers: [1] };
  const codec = new ImageCodec({ size: SIZE, channels: 1 });
  const made = (more: object, train?: PictureSet) =>
    diffusionFamily.create(requirePictureRecipe(resolveRecipe({ data: "d", family: "diffusion", ...more })), {
      codec,
      classes: [...CLASSES],
      train,
    });

  it("has the deviation measured on the training pictures, unless it names one", () => {
    const pixels = Uint8Array.from({ length: 2 * each }, (_, i) => (i % 2 === 0 ? 0 : 255));
    const train = new PictureSet({ width: SIZE, height: SIZE, channels: 1, pixels });
    expect(made({}, train).configuration).toMatchObject({ dataDeviation: expect.closeTo(1, 10) });
    expect(made({ model: { dataDeviation: 0.3 } }, train).configuration).toMatchObject({ dataDeviation: 0.3 });
    expect(made({}).configuration).toMatchObject({ dataDeviation: 0.5 });
  });

  it.each([
    { backbone: { kind: "diffusion-transformer", patch: 2, layers: 1, heads: 2, width: 16 } },
    {
      backbone: { ...small, multipliers: [1, 2] },
      prediction: "epsilon",
      noise: { kind: "linear" },
      weighting: { kind: "epsilon" },
    },
    { backbone: small, prediction: "x", noise: { kind: "cosine" }, weighting: { kind: "min-snr" } },
    { backbone: small, prediction: "flow", noise: { kind: "uniform-time" } },
  ])("%j is kept, and made again", (settings) => {
    const model = made({ model: { ...settings, classes: 0.1 } });
    expect(model.configuration).toMatchObject(settings);
    const again = diffusionFamily.restore(JSON.parse(JSON.stringify(model.configuration)), codec, "model.json");
    expect(again.configuration).toEqual(model.configuration);
    expect(again.sampling).toEqual({ sampler: "dpmpp_2m", steps: 20, guidance: 1 });
    const shapes = (of: typeof model) => Scope.declare(of.trainable.networks.denoiser!, key).params;
    expect(shapes(again)).toEqual(shapes(model));
  });

  it("that guides a model which is told no classes is refused", () => {
    expect(() => made({ evaluation: { guidance: 2 } })).toThrow(/evaluation\.guidance is set.*told no classes/);
    expect(made({}).sampling).toEqual({ sampler: "dpmpp_2m", steps: 20 });
    const damaged = { ...made({}).configuration, prediction: "z" };
    expect(() => diffusionFamily.restore(damaged, codec, "model.json")).toThrow(/model\.json.*diffusion: prediction/);
  });
});

describe("pictures", () => {
  it.each(["dpmpp_2m", "euler_ancestral"])(
    "by %s follow from their key alone, whatever is drawn beside them",
    async (sampler) => {
      const [few, more] = [await draw({ count: 3, sampler }), await draw({ count: 7, sampler })];
      expect(apart(first(more, 3), few)).toBeLessThan(1e-4);
      expect(apart(await draw({ count: 3, sampler }), few)).toBe(0);
      // All of one class, or each of its own, drawn by its key.
      const ofClass = await draw({ count: 3, sampler, label: 1 });
      expect(apart(ofClass, few)).toBeGreaterThan(0.1);
      const other = await generator.generate({ count: 3, sampler }, RandomKey.fromSeed(6));
      expect(apart(other, few)).toBeGreaterThan(0.1);
    },
  );

  it("of a second batch, filled up, are those that a longer one would have", async () => {
    const many = await draw({ count: BATCH + 2, steps: 2 });
    const even = await draw({ count: 2 * BATCH, steps: 2 });
    expect(apart(many, first(even, BATCH + 2))).toBeLessThan(1e-4);
  });

  it("lie near real ones: dark, with something bright in it", async () => {
    const pictures = await draw({ count: 32 });
    const bright = pictures.filter((value) => value > 0.4).length / pictures.length;
    const dark = pictures.filter((value) => value < -0.5).length / pictures.length;
    // Bars of two rows out of eight, and spots of about a sixth.
    expect(bright).toBeGreaterThan(0.1);
    expect(bright).toBeLessThan(0.4);
    expect(dark).toBeGreaterThan(0.5);
  });

  it("change with guidance, which drives them away from what has no class", async () => {
    const at = (guidance: number) => draw({ count: 8, label: 0, guidance });
    const [none, one, three] = [await at(0), await at(1), await at(3)];
    expect(apart(one, await draw({ count: 8, label: 0 }))).toBe(0);
    expect(apart(none, one)).toBeGreaterThan(0.05);
    expect(apart(one, three)).toBeGreaterThan(0.05);
    // Without the class it does not matter which was asked for.
    expect(apart(none, await draw({ count: 8, label: 2, guidance: 0 }))).toBe(0);
  });

  it("tell of every step, and stop between two", async () => {
    const told: (readonly [number, number])[] = [];
    const controller = new AbortController();
    const onProgress = (done: number, total: number): void => {
      told.push([done, total]);
      if (done === 5) controller.abort(new Error("enough"));
    };
    const drawing = generator.generate({ count: 1 }, key, { onProgress, signal: controller.signal });
    await expect(drawing).rejects.toThrow("enough");
    expect(told).toEqual([1, 2, 3, 4, 5].map((done) => [done, 8]));
  });

  it("are refused of a sampler that is none, with the nearest", async () => {
    await expect(draw({ count: 1, sampler: "dpmpp-2m" })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'There is no sampler "dpmpp-2m"',
      hint: expect.stringMatching(/Did you mean dpmpp_2m\?.*heun/),
    });
  });
});

describe("the denoising loss", () => {
  it("has every level as often, and weighs errors by what noise and data allow", () => {
    const levels = Array.from({ length: 12 }, (_, i) => noiseLevelOf({ dataDeviation: 0.5 }, i));
    const sorted = (part: typeof levels) => part.map(({ deviation }) => deviation).sort((a, b) => a - b);
    expect(sorted(levels.slice(0, 6))).toEqual([1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2]);
    expect(sorted(levels.slice(6))).toEqual(sorted(levels.slice(0, 6)));
    expect(levels.map(({ deviation }) => deviation).slice(0, 6)).not.toEqual(sorted(levels.slice(0, 6)));
    for (const { deviation, weight } of levels) expect(weight).toBeCloseTo(1 / deviation ** 2 + 4, 10);
  });

  it("is about 1 of a network that says nothing, for values of the mean 0", async () => {
    const { model } = loaded;
    const pixels = Uint8Array.from({ length: 600 * each }, (_, i) => (((i * 7919) >> 3) % 2 === 0 ? 64 : 191));
    const set = new PictureSet({ width: SIZE, height: SIZE, channels: 1, pixels });
    const untrained = diffusionFamily.create(
      requirePictureRecipe(resolveRecipe({ data: "d", family: "diffusion", model: { dataDeviation: 0.5 } })),
      { codec: model.codec, classes: [] },
    );
    const params = Scope.declare(untrained.trainable.networks.denoiser!, key).params;
    const judge = untrained.judge!({ threads: 1 });
    const { losses } = await judge.judge({ params, buffers: {} }, set);
    await judge.release();
    // The last layer begins with zeros: what comes out is the noised picture, made smaller.
    expect(losses.reduce((sum, loss) => sum + loss, 0) / losses.length).toBeCloseTo(1, 1);
  });

  it("is the same each time, and below that of pixels by themselves", async () => {
    const { model, state } = loaded;
    const evidence = JSON.parse(await readFile(join(home, "models", "diffusion", "evidence.json"), "utf8")) as {
      measures: Measure[];
    };
    const { value, baseline, protocol } = evidence.measures.find(({ name }) => name === "denoising loss")!;
    expect(baseline!.name).toBe("pixels denoised by themselves");
    expect(baseline!.difference!.high).toBeLessThan(0);
    expect(value).toBeGreaterThan(0);
    expect(protocol).toContain("no likelihood");
    expect(evidence.measures.find(({ name }) => name === "Fréchet distance")!.protocol).toContain(
      "64 samples (sampler dpmpp_2m, 8 steps)",
    );
    const judge = model.judge!({ threads: 1 });
    const pixels = Uint8Array.from({ length: 5 * each }, (_, i) => (i * 37) % 256);
    const set = new PictureSet({ width: SIZE, height: SIZE, channels: 1, pixels });
    expect(await judge.judge(state, set)).toEqual(await judge.judge(state, set));
    await judge.release();
  });
});

/** Tiny diffusion models in the latent spaces of a tiny vq and a tiny vae: trained, judged, drawn from, gone on with, and what is refused. */
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { ArgumentError, FormatError, type HostTensor, RandomKey } from "@atelier/engine";
import { beforeAll, describe, expect, it } from "vitest";
import type { Measure } from "../../evaluation/metrics/measure.js";
import { AbilityError } from "../../library/ability.js";
import { load } from "../../library/model.js";
import { mixPictures } from "../../library/pictures/editing/mix.js";
import { testHome } from "../../library/tiny-models.test-helpers.js";
import { type LoadedPictureModel, openModel, requirePictures } from "../../model/load.js";
import { RecipeError, resolveRecipe } from "../../recipe/resolve.js";
import { NotFoundError } from "../../storage/index.js";
import { openSubject } from "../../training/open-subject.js";
import { resume, train } from "../../training/train.js";
import { openCollection } from "../collection.js";
import { restorePictureModel } from "../restore-model.js";
import { SIZE, tinyClassifier, tinyDiffusion, tinyPictures, tinyVae, tinyVq } from "../tiny-pictures.test-helpers.js";
import { LatentSpace } from "./latent-space.js";

const home = testHome();
const data = { name: "tiny", pictures: tinyPictures(50) };
const key = RandomKey.fromSeed(3);
const small = { kind: "unet", channels: 8, multipliers: [1] };
const recipe = {
  data: "tiny",
  family: "diffusion",
  model: { latents: "vq", backbone: small },
  training: { steps: 24, batch: 30, evaluateEvery: 12, checkpointEvery: 12, repeat: 4, averageDecay: 0.9 },
  evaluation: { samples: 64, steps: 4 },
};
const file = (...path: string[]): string => join(home, "models", ...path);
const evidenceOf = (name: string): readonly Measure[] =>
  (JSON.parse(readFileSync(file(name, "evidence.json"), "utf8")) as { measures: Measure[] }).measures;

let space: LatentSpace;
let learnt: LoadedPictureModel;
beforeAll(async () => {
  await tinyVq({ home });
  await tinyVae({ home, steps: 40 });
  await tinyDiffusion({ home, latents: "vq", classes: true });
  space = await LatentSpace.open(home, "vq");
  learnt = requirePictures(await openModel(home, "diffusion"));
});

describe("a training", () => {
  it("goes through the latents of the pictures that the vq was trained on, computed once, every one once in a pass", async () => {
    const stages = new Map<string, number>();
    const onProgress = ({ stage, done }: { stage: string; done: number }): unknown => stages.set(stage, done);
    const subject = await openSubject(resolveRecipe(recipe), { home, data, onProgress });
    expect(subject).toMatchObject({ family: "diffusion", can: ["generate"], unit: "pictures", unitsAStep: 30 });
    expect(subject.words.codec).toContain(space.description);
    expect(subject.checkMemory()).toBeUndefined();
    // The split is the vq's: four fifths, and not the recipe's nine tenths.
    expect(stages.get("encode")).toBe(120);
    const { train: pictures } = await openCollection({ ...space.recipe, data: "tiny" }, { home, data });
    const rows = await space.rows(pictures);
    const expected = Array.from({ length: 120 }, (_, i) => rows.read([i]).join());
    const batches = subject.batches(RandomKey.fromSeed(1));
    const seen: string[] = [];
    for (let step = 0; step < 4; step++) {
      const { x } = batches(step) as { x: HostTensor };
      expect(x.shape).toEqual([30, 8, 2, 2]);
      for (let row = 0; row < 30; row++) seen.push(x.data.subarray(32 * row, 32 * (row + 1)).join());
    }
    expect(seen.sort()).toEqual(expected.sort());
    // Their deviation is measured, all values around one mean.
    const values = Array.from({ length: 120 }, (_, i) => [...rows.read([i])]).flat();
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(subject.configuration).toMatchObject({
      latents: "vq",
      dataDeviation: expect.closeTo(Math.sqrt(variance), 5),
    });
  });

  it("is judged in the latent space beside latents denoised by themselves, and by the pictures that come of them", () => {
    const loss = evidenceOf("diffusion").find(({ name }) => name === "denoising loss")!;
    expect(loss.baseline!.name).toBe("latents denoised by themselves");
    expect(loss.baseline!.difference!.high).toBeLessThan(0);
    expect(loss.protocol).toContain(`compares only within ${space.description}`);
    const frechet = evidenceOf("diffusion").find(({ name }) => name === "Fréchet distance")!;
    expect(frechet.value).toBeLessThan(frechet.baseline!.value);
    expect(existsSync(file("diffusion", "samples.png"))).toBe(true);
  });

  it("learns in the space of a vae too", async () => {
    await tinyDiffusion({ home, name: "of-vectors", latents: "vae", steps: 16 });
    const { model, state } = requirePictures(await openModel(home, "of-vectors"));
    expect(model.words).toContain("over latents of 4×1×1, of the vae vae");
    const generator = model.generator!(state, { threads: 1 });
    expect(await generator.generate({ count: 3 }, key)).toHaveLength(3 * SIZE * SIZE);
    await generator.release();
  });

  it("that was stopped goes on without the vq, to the same weights", async () => {
    await train(recipe, { home, name: "whole", threads: 1, data });
    const stop = new AbortController();
    const onEvent = ({ kind }: { kind: string }): void => {
      if (kind === "checkpoint") stop.abort();
    };
    await train(recipe, { home, name: "stopped", threads: 1, data, signal: stop.signal, onEvent }).catch(() => {});
    renameSync(file("vq"), join(home, "elsewhere"));
    const { status } = await resume("stopped", { home, threads: 1, data });
    renameSync(join(home, "elsewhere"), file("vq"));
    expect(status).toBe("finished");
    const weights = (name: string): Buffer => readFileSync(file(name, "weights.safetensors"));
    expect(weights("stopped").equals(weights("whole"))).toBe(true);
  });
});

describe("a saved model", () => {
  it("draws pictures that the vq can make, each from its own key", async () => {
    const { model, state } = learnt;
    const generator = model.generator!(state, { threads: 1 });
    const many = await generator.generate({ count: 130, label: 1 }, key);
    const few = await generator.generate({ count: 2, label: 1 }, key);
    await generator.release();
    expect(many).toHaveLength(130 * SIZE * SIZE);
    expect(few).toEqual(many.slice(0, few.length));
    expect(model.codec.decode(few)).toHaveLength(2);
    // Grids of codes have only so many pictures.
    const { model: vq, state: frozen } = requirePictures(await openModel(home, "vq"));
    const codes = vq.codes!(frozen, {});
    const again = await codes.decode(await codes.encode(many));
    await codes.release();
    const error = again.reduce((sum, value, i) => sum + (value - many[i]!) ** 2, 0) / many.length;
    const mean = many.reduce((sum, value) => sum + value, 0) / many.length;
    expect(error).toBeLessThan(0.2 * (many.reduce((sum, value) => sum + (value - mean) ** 2, 0) / many.length));
  });

  it("can generate and no more", async () => {
    expect(learnt.model.can).toEqual(["generate"]);
    const model = await load("diffusion", { home, threads: 1 });
    const parts = [{ class: "down" }, { class: "spot" }];
    await expect(mixPictures(model, { parts })).rejects.toThrow(AbilityError);
    await model.release();
  });

  it("is refused where its files do not belong together", () => {
    const { configuration, codec } = learnt.model;
    const latents: unknown = JSON.parse(readFileSync(file("diffusion", "codec.json"), "utf8"));
    expect(latents).toEqual(space.toJSON());
    const restore = (settings: object, saved: unknown) => () =>
      restorePictureModel("diffusion", settings, saved, "model.json");
    expect(restore(configuration, codec.toJSON())).toThrow(FormatError);
    expect(restore(configuration, codec.toJSON())).toThrow(
      "model.json: a model of latents, and its codec says otherwise",
    );
    const { latents: _, ...pixels } = configuration;
    expect(restore(pixels, latents)).toThrow("model.json: no model of latents");
  });
});

describe("what cannot be is refused with what to do", () => {
  const open = (changes: object, model: object = {}) =>
    openSubject(resolveRecipe({ ...recipe, ...changes, model: { ...recipe.model, ...model } }), { home, data });

  it.each<[object, string]>([
    [{ training: { augmentation: { shift: 1 } } }, '"training.augmentation" changes pictures anew in every step'],
    [{ exclude: ["spot"] }, '"exclude" cannot be set beside model.latents: pictures are taken as vq takes them'],
    [{ curation: {} }, '"curation" cannot be set beside model.latents'],
    [{ codec: { size: 16 } }, '"codec" cannot be set beside model.latents'],
  ])("%j", async (changes, message) => {
    const opened = open(changes);
    await expect(opened).rejects.toThrow(RecipeError);
    await expect(opened).rejects.toThrow(message);
  });

  it("a model that has no latents, or is not there", async () => {
    await tinyClassifier({ home, steps: 8 });
    await expect(open({}, { latents: "classifier" })).rejects.toThrow(RecipeError);
    await expect(open({}, { latents: "vqq" })).rejects.toThrow(NotFoundError);
  });

  it("networks that are too deep, or cut too coarsely", async () => {
    const deep = { latents: "vae", backbone: { kind: "unet", channels: 8, multipliers: [1, 2] } };
    await expect(open({}, deep)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("names 2 levels, and latents of 4×1×1, of the vae vae"),
      hint: expect.stringContaining("patch 1"),
    });
    const coarse = { backbone: { kind: "diffusion-transformer", layers: 1, heads: 2, width: 16 } };
    await expect(open({}, coarse)).rejects.toThrow(ArgumentError);
    await expect(open({}, coarse)).rejects.toThrow("model.backbone.patch is 4, which does not divide latents of 8×2×2");
  });

  it("guidance towards nothing, as of pictures", async () => {
    await expect(open({ evaluation: { guidance: 2 } })).rejects.toThrow("told no classes or captions to be guided by");
  });
});

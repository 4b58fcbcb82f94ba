import { describe, expect, it } from "vitest";
import { resolveRecipe } from "../recipe/resolve.js";
import { type PictureInspection, proposePictures } from "./propose-pictures.js";
import type { Settings } from "./settings.js";

const machine = { memory: 8e9, flops: 1e11 };
const inspection = (pictures: number, more: Partial<PictureInspection> = {}): PictureInspection => ({
  card: {
    name: "icons",
    title: "Icons",
    origin: "here",
    licence: "CC0-1.0",
    fingerprint: `sha256:${"0".repeat(64)}`,
    bytes: 1000 * pictures,
    pictures,
    captions: 0,
  },
  form: { size: undefined, channels: 3 },
  divided: false,
  ...more,
});
const of = (about: PictureInspection, given: Settings = {}, minutes?: number) =>
  proposePictures(about, machine, { data: "./icons", given, minutes });

describe("a proposal for pictures", () => {
  it("is a recipe, with a reason for every choice", () => {
    const { recipe, reasons, metric } = of(inspection(3000));
    expect(resolveRecipe(recipe)).toMatchObject({
      family: "vae",
      codec: { size: [32, 32], channels: 3 },
      model: { latent: 32, network: { channels: [32, 64] } },
      curation: { exact: true },
    });
    expect(metric).toBe("negative evidence lower bound");
    for (const { value, why } of reasons) for (const text of [value, why]) expect(text).not.toMatch(/^$|NaN|undefined/);
  });

  it("takes small pictures as they are, and the data's own division", () => {
    const about = inspection(70_000, { form: { size: [28, 28], channels: 1 }, divided: true });
    const { recipe } = of(about);
    expect(recipe).toMatchObject({ codec: { size: [28, 28], channels: 1 } });
    expect(recipe).not.toHaveProperty("curation");
    expect(recipe).not.toHaveProperty("training.augmentation");
    expect(of(inspection(500))).toMatchObject({
      recipe: { training: { augmentation: { shift: 2 } }, model: { latent: 16 } },
    });
  });

  it("lets what was asked for stand", () => {
    const { recipe, reasons } = of(inspection(3000), { codec: { size: 16 }, model: { latent: 7 } });
    expect(recipe).toMatchObject({ codec: { size: 16, channels: 3 }, model: { latent: 7 } });
    expect(reasons.find(({ setting }) => setting === "size")).toMatchObject({
      value: "16×16, colour",
      why: "as asked",
    });
  });

  it("costs by its operations: twice the time is twice the steps, and a larger picture fewer", () => {
    const [one, two] = [of(inspection(60_000), {}, 1), of(inspection(60_000), {}, 2)];
    expect(two.estimate.steps / one.estimate.steps).toBeCloseTo(2, 1);
    const large = of(inspection(60_000), { codec: { size: 64 } }, 1);
    expect(large.estimate.steps).toBeLessThan(one.estimate.steps / 3);
    expect(one.minutes).toBe(1);
    // Few pictures are learnt before the time is over.
    expect(of(inspection(50), { codec: { size: 8 } }).minutes).toBeUndefined();
  });

  it("is made for every family of pictures", () => {
    const classes = { one: 1500, two: 1500 };
    const about = { ...inspection(3000), card: { ...inspection(3000).card, classes } };
    for (const family of ["vq", "gan", "diffusion", "upscaler", "classifier"])
      expect(resolveRecipe(of(about, { family }).recipe).family).toBe(family);
    expect(() => of(inspection(3000), { family: "classifier" })).toThrow("tells classes apart");
    expect(() => of(inspection(3000), { family: "diffusion", model: { latents: "vq" } })).toThrow(
      "A recipe with model.latents is not proposed",
    );
  });

  it("gives a GAN networks that bear the size, the classes there are, and changes of its own where pictures are few", () => {
    const about = { ...inspection(3000), card: { ...inspection(3000).card, classes: { one: 1500, two: 1500 } } };
    const { recipe, metric } = of(about, { family: "gan" });
    expect(recipe).toMatchObject({
      model: { generator: { kind: "residual", channels: [8, 32, 64] }, classes: true, augmentation: {} },
    });
    expect(recipe).not.toHaveProperty("training.augmentation");
    expect(metric).toBe("Fréchet distance");
    const odd = of(inspection(60_000), { family: "gan", codec: { size: [30, 32] } }).recipe;
    expect(odd).toMatchObject({ model: { generator: { kind: "convolutional" } } });
    expect(odd).not.toHaveProperty("model.augmentation");
    expect(odd).not.toHaveProperty("model.classes");
  });

  it("tells a diffusion model the captions in place of the classes, where most pictures have one", () => {
    const { card } = inspection(3000);
    const captioned = (captions: number) =>
      of(inspection(3000, { card: { ...card, captions, classes: { cat: 1500, dog: 1500 } } }), { family: "diffusion" });
    const { recipe, reasons } = captioned(2000);
    expect(resolveRecipe(recipe)).toMatchObject({ model: { captions: { drop: 0.1 } } });
    expect(recipe).not.toHaveProperty("model.classes");
    expect(reasons.find(({ setting }) => setting === "captions")?.why).toMatch(/^2,000 of the pictures have captions/);
    expect(captioned(1000).recipe).not.toHaveProperty("model.captions");
    expect(captioned(1000).recipe).toMatchObject({ model: { classes: 0.1 } });
  });

  it("tells a diffusion model the classes there are, and averages over a part of its steps", () => {
    const about = { ...inspection(3000), card: { ...inspection(3000).card, classes: { one: 1500, two: 1500 } } };
    const { recipe, metric } = of(about, { family: "diffusion" });
    expect(recipe).toMatchObject({ model: { backbone: { multipliers: [1, 2, 2] }, classes: 0.1 } });
    expect(metric).toBe("denoising loss");
    expect(of(inspection(3000), { family: "diffusion" }).recipe).not.toHaveProperty("model.classes");
    const average = (given: Settings): unknown => {
      const { training } = resolveRecipe(of(inspection(3000), { family: "diffusion", ...given }).recipe);
      return training.averageDecay;
    };
    expect(average({ training: { steps: 200 } })).toBe(0.95);
    expect(average({ training: { steps: 50_000 } })).toBe(0.999);
    expect(average({ training: { steps: 200, averageDecay: 0.5 } })).toBe(0.5);
  });
});

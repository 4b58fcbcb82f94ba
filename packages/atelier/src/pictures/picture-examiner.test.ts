/** A finished training of pictures: what it measured, and that the figures are of what they say. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Measure } from "../evaluation/metrics/measure.js";
import { testHome } from "../library/tiny-models.test-helpers.js";
import { tinyClassifier, tinyVae, tinyVq } from "./tiny-pictures.test-helpers.js";

const home = testHome();
const measures: Record<string, readonly Measure[]> = {};

beforeAll(async () => {
  await tinyVae({ home, classes: true });
  await tinyVq({ home });
  await tinyClassifier({ home });
  for (const name of ["vae", "vq", "classifier"]) {
    const evidence = JSON.parse(await readFile(join(home, "models", name, "evidence.json"), "utf8")) as {
      measures: Measure[];
    };
    measures[name] = evidence.measures;
  }
});

const named = (model: string, name: string): Measure => measures[model]!.find((measure) => measure.name === name)!;

describe("of a VAE", () => {
  it("are the bound beside its baseline, a tighter bound, the axes in use, samples, and copies", () => {
    expect(measures.vae!.map(({ name }) => name)).toEqual([
      "negative evidence lower bound",
      "negative log-likelihood",
      "active latent axes",
      "Fréchet distance",
      "kernel distance",
      "precision",
      "recall",
      "density",
      "coverage",
      "samples close to a training picture",
      "distance to the nearest training picture",
    ]);
    const bound = named("vae", "negative evidence lower bound");
    expect(bound.samples).toBe(30);
    expect(bound.baseline!.difference!.high).toBeLessThan(0);
    // Jensen: the mean of the logarithms lies below the logarithm of the mean.
    expect(named("vae", "negative log-likelihood").value).toBeLessThan(bound.value);
  });

  it("say what samples were compared by, how many there were, and how well held-out pictures do", () => {
    const { protocol, baseline, samples } = named("vae", "Fréchet distance");
    expect(protocol).toContain("64 samples");
    expect(protocol).toContain("features: the pixels themselves, 8×8×1 (no trained network)");
    expect(protocol).toContain("resize: none");
    expect(protocol).toMatch(/as many held-out pictures: \d/);
    expect(baseline!.name).toBe("pixels drawn by themselves");
    expect(samples).toBe(30);
  });
});

describe("of a vq", () => {
  it("are what is lost on the way, and how many codes are in use", () => {
    expect(measures.vq!.map(({ name }) => name)).toEqual([
      "reconstruction loss",
      "reconstruction error",
      "code perplexity",
    ]);
    const { value, baseline } = named("vq", "reconstruction error");
    expect(value).toBeLessThan(baseline!.value);
    expect(named("vq", "code perplexity").value).toBeGreaterThan(1);
    expect(named("vq", "code perplexity").value).toBeLessThanOrEqual(16);
  });
});

describe("of a classifier", () => {
  it("are how often it is right, beside the most frequent class", () => {
    const { value, baseline, low } = named("classifier", "accuracy");
    expect(value).toBeGreaterThan(0.9);
    expect(low).toBeGreaterThan(baseline!.high!);
  });
});

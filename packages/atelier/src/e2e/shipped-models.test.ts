/**
 * The models in the repository: whole, small, made by the recipes beside them, with evidence that they are better than their baselines; and
 * what they write, to the letter, which says more of codec, weights, decoding and sampling together than any test of one of them.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { evidenceSchema } from "../evaluation/metrics/evidence.js";
import { compareWithBaseline, type Measure } from "../evaluation/metrics/measure.js";
import { complete } from "../library/generate.js";
import { load } from "../library/model.js";
import { readRecipe, resolveRecipe } from "../recipe/resolve.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const folder = join(root, "models");
const names = (await readdir(folder, { withFileTypes: true })).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

describe("the models in the repository", () => {
  it("are these, 60 MB together at most", async () => {
    expect(names).toEqual(["state-of-the-union", "typescript"]);
  });

  it.each(names)("%s is whole, has at most 4 MB, and its recipe is in the repository", async (name) => {
    const files = await readdir(join(folder, name));
    expect(files.sort()).toEqual(["README.md", "codec.json", "evidence.json", "model.json", "weights.safetensors"]);
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, name, file))).size));
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(4e6);
    // Loading checks the SHA-256 of weights and codec.
    const model = await load(join(folder, name));
    const recipe = resolveRecipe(await readRecipe(join(root, "recipes", `${name}.json`)));
    expect(model.loaded.record.training.recipe).toEqual(recipe);
    await model.release();
  });

  it.each(names)(
    "%s has evidence that it is better than the n-gram, and a card with the same figures",
    async (name) => {
      const evidence = evidenceSchema.parse(JSON.parse(await readFile(join(folder, name, "evidence.json"), "utf8")));
      const card = await readFile(join(folder, name, "README.md"), "utf8");
      const bits = evidence.measures.find((measure) => measure.name === "bits per byte") as Measure;
      expect(compareWithBaseline(bits)).toBe("better");
      expect(card).toContain(`| bits per byte | ${bits.value.toPrecision(4)} |`);
      expect(evidence.energy).toBeDefined();
    },
  );
});

describe("what they write", () => {
  it("state-of-the-union, always taking the likeliest token", async () => {
    const model = await load(join(folder, "state-of-the-union"));
    const { rows } = await complete(model, { prompt: "The Congress", tokens: 24, temperature: 0 });
    await model.release();
    expect(rows[0]!.text).toBe(
      ". I have recommended to the Congress the propriety of making the necessary provision for the construction of the new",
    );
  });
});

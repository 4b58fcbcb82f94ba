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
import { formatMeasured } from "../evaluation/metrics/measure-table.js";
import { complete } from "../library/generate.js";
import { load } from "../library/model.js";
import { generatePictures } from "../library/pictures/generate.js";
import type { GeneratePicturesRequest } from "../library/pictures/request.js";
import { readRecipe, resolveRecipe } from "../recipe/resolve.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const folder = join(root, "models");
const names = (await readdir(folder, { withFileTypes: true })).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

/** What models are judged by; of one that has several of these, the first in its evidence. */
const DECIDING = [
  "bits per byte",
  "accuracy",
  "negative evidence lower bound",
  "reconstruction loss",
  "negative log-likelihood of the codes",
  "denoising loss",
  "mean squared error",
  "Fréchet distance",
];

describe("the models in the repository", () => {
  it("are these, 60 MB together at most", async () => {
    expect(names).toEqual([
      "emoji",
      "emoji-classifier",
      "emoji-upscaler",
      "fashion-mnist-classifier",
      "fashion-mnist-diffusion",
      "fashion-mnist-gan",
      "fashion-mnist-vae",
      "fashion-mnist-vq",
      "fashion-mnist-vq-gpt",
      "state-of-the-union",
      "typescript",
    ]);
  });

  it.each(names)("%s is whole, has at most 8 MB, and its recipe is in the repository", async (name) => {
    const files = await readdir(join(folder, name));
    const sheets = files.filter((file) => file.endsWith(".png"));
    const rest = files.filter((file) => !file.endsWith(".png"));
    expect(rest.sort()).toEqual(["README.md", "codec.json", "evidence.json", "model.json", "weights.safetensors"]);
    const shown = await readFile(join(folder, name, "README.md"), "utf8");
    for (const sheet of sheets) expect(shown).toContain(`](${sheet})`);
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, name, file))).size));
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(8e6);
    // Loading checks the SHA-256 of weights and codec.
    const model = await load(join(folder, name));
    const recipe = resolveRecipe(await readRecipe(join(root, "recipes", `${name}.json`)));
    expect(model.loaded.record.training.recipe).toEqual(recipe);
    await model.release();
  });

  it.each(names)(
    "%s has evidence that it is better than its baseline, and a card with the same figures",
    async (name) => {
      const evidence = evidenceSchema.parse(JSON.parse(await readFile(join(folder, name, "evidence.json"), "utf8")));
      const card = await readFile(join(folder, name, "README.md"), "utf8");
      const figure = evidence.measures.find(({ name: measured }) => DECIDING.includes(measured)) as Measure;
      expect(compareWithBaseline(figure)).toBe("better");
      expect(card).toContain(`| ${formatMeasured(figure.value, figure.unit)} |`);
      expect(evidence.energy).toBeDefined();
    },
  );
});

/** Pictures of a model, and for each how probable the classes are by one of the classifiers. */
async function judgedBy(classifier: string, name: string, request: GeneratePicturesRequest) {
  const model = await load(join(folder, name));
  const judge = await load(join(folder, classifier));
  const { pictures } = await generatePictures(model, request);
  const { codec, classes } = judge.pictures.model;
  const { probabilities } = await judge
    .pictureTool("embedder")
    .embed(codec.encode(Buffer.concat(pictures.map(({ data }) => data))));
  await model.release();
  await judge.release();
  const rows = pictures.map((_, i) => probabilities!.slice(classes.length * i, classes.length * (i + 1)));
  return { rows, classes };
}

describe("what they draw", () => {
  it.each([
    ["fashion-mnist-diffusion", "Sandal"],
    ["fashion-mnist-gan", "Bag"],
    ["fashion-mnist-vae", "Trouser"],
    ["fashion-mnist-vq-gpt", undefined],
  ])("%s draws clothing: the classifier beside it is sure of most of what it sees", async (name, kind) => {
    const request = { samples: 32, class: kind, seed: 1 };
    const { rows, classes } = await judgedBy("fashion-mnist-classifier", name, request);
    if (kind === undefined) {
      const seen = rows.map((row) => row.indexOf(Math.max(...row)));
      // Ten kinds as often as each other would show about 9.7 of them among 32.
      expect(new Set(seen).size).toBeGreaterThanOrEqual(6);
      expect(rows.filter((row) => Math.max(...row) > 0.5).length).toBeGreaterThan(24);
    } else {
      expect(rows.filter((row) => row[classes.indexOf(kind)]! > 0.5).length).toBeGreaterThan(24);
    }
  });
});

describe("what emoji is asked for", () => {
  it("it draws: the classifier of another hand's drawings takes each for what it is rather than for the others", async () => {
    const asked = { "red heart": "heart", "smiling face with sunglasses": "face-glasses", "green apple": "food-fruit" };
    const request = { prompt: Object.keys(asked), seed: 1 };
    const { rows, classes } = await judgedBy("emoji-classifier", "emoji", request);
    const kinds = Object.values(asked);
    const seen = rows.map((row) => {
      const of = kinds.map((kind) => row[classes.indexOf(kind)]!);
      return kinds[of.indexOf(Math.max(...of))];
    });
    expect(seen).toEqual(kinds);
  });
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

/** Pictures from a model: what they follow from, and what a model refuses. */
import type { Picture } from "@atelier/data";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CLASSES,
  SIZE,
  tinyClassifier,
  tinyPicture,
  tinyVae,
  tinyVq,
} from "../../pictures/tiny-pictures.test-helpers.js";
import { load } from "../model.js";
import { saveTiny, testHome } from "../tiny-models.test-helpers.js";
import { generatePictures } from "./generate.js";
import type { GeneratePicturesRequest } from "./request.js";

const home = testHome();
beforeAll(async () => {
  await tinyVae({ home });
  await tinyVae({ home, name: "labelled", classes: true });
  await tinyVq({ home, steps: 5 });
  await tinyClassifier({ home, steps: 5 });
  await saveTiny(home, "writer");
});

async function drawn(name: string, request: GeneratePicturesRequest): Promise<Picture[]> {
  const model = await load(name, { home, threads: 1 });
  try {
    return [...(await generatePictures(model, request)).pictures];
  } finally {
    await model.release();
  }
}

const difference = (a: Picture, b: Picture): number =>
  a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;

describe("a picture", () => {
  it("follows from the seed and its place, however many are drawn", async () => {
    const [one] = await drawn("vae", { seed: 5 });
    const nine = await drawn("vae", { samples: 9, seed: 5 });
    // More than are computed in one call.
    const many = await drawn("vae", { samples: 150, seed: 5 });
    expect(one).toMatchObject({ width: SIZE, height: SIZE, channels: 1 });
    expect(nine[0]).toEqual(one);
    expect(many.slice(0, 9)).toEqual(nine);
    expect(new Set(many.map(({ data }) => data.join()))).toHaveProperty("size", 150);
    expect((await drawn("vae", { seed: 6 }))[0]).not.toEqual(one);
  });

  it("is always the same at temperature 0", async () => {
    const [first, second] = await drawn("vae", { samples: 2, temperature: 0, seed: 1 });
    expect(second).toEqual(first);
    expect((await drawn("vae", { temperature: 0, seed: 2 }))[0]).toEqual(first);
  });

  it("is of the class that is asked for", async () => {
    for (const name of CLASSES) {
      const pictures = await drawn("labelled", { class: name, samples: 12, seed: 3 });
      const mean = (of: (typeof CLASSES)[number]): Picture => ({
        ...pictures[0]!,
        data: Uint8Array.from({ length: SIZE * SIZE }, (_, i) => {
          let sum = 0;
          for (let seed = 1; seed <= 40; seed++) sum += tinyPicture(of, seed).data[i]!;
          return sum / 40;
        }),
      });
      const own: Picture = {
        ...pictures[0]!,
        data: Uint8Array.from({ length: SIZE * SIZE }, (_, i) => {
          return pictures.reduce((sum, { data }) => sum + data[i]!, 0) / pictures.length;
        }),
      };
      const nearest = [...CLASSES].sort((a, b) => difference(own, mean(a)) - difference(own, mean(b)))[0];
      expect(nearest).toBe(name);
    }
  });

  it("has what made it beside it, with every default", async () => {
    const model = await load("labelled", { home, threads: 1 });
    const { provenance } = await generatePictures(model, { class: "down", samples: 3 });
    expect(provenance).toMatchObject({
      model: { name: "labelled", family: "vae", weights: model.loaded.record.weights.sha256 },
      request: { task: "generate-pictures", samples: 3, class: "down", temperature: 1 },
      seed: expect.any(Number),
      batch: 3,
      threads: 1,
    });
    await model.release();
  });
});

describe("is refused", () => {
  it.each<[string, string, GeneratePicturesRequest, string, RegExp, RegExp]>([
    [
      "a mistyped class",
      "labelled",
      { class: "donw" },
      "INVALID_ARGUMENT",
      /labelled knows no class "donw"/,
      /mean down\?.*across, down, spot/,
    ],
    [
      "a class of a model that knows none",
      "vae",
      { class: "down" },
      "INVALID_ARGUMENT",
      /vae cannot be asked for a class/,
      /model\.classes/,
    ],
    ["no pictures", "vae", { samples: 0 }, "INVALID_ARGUMENT", /samples/, /./],
    ["a temperature below 0", "vae", { temperature: -1 }, "INVALID_ARGUMENT", /temperature/, /./],
    ["a seed that is none", "vae", { seed: 0.5 }, "INVALID_ARGUMENT", /seed.*0\.5/, /./],
    [
      "a classifier",
      "classifier",
      {},
      "NOT_ABLE",
      /classifier cannot generate pictures: it is a classifier/,
      /turn pictures into features/,
    ],
    ["a vq", "vq", {}, "NOT_ABLE", /vq cannot generate pictures/, /encode pictures and decode pictures/],
    ["a model that writes", "writer", {}, "NOT_ABLE", /writer cannot generate pictures: it is a gpt/, /generate text/],
  ])("%s", async (_, name, request, code, says, hint) => {
    await expect(drawn(name, request)).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
    if (hint.source !== ".")
      await expect(drawn(name, request)).rejects.toMatchObject({ hint: expect.stringMatching(hint) });
  });

  it("text of a model of pictures, tools that it has not, weights of 8 bits, and everything after release", async () => {
    const model = await load("vae", { home, threads: 1 });
    expect(() => model.tool("generator")).toThrow(/vae cannot generate text: it is a vae/);
    expect(() => model.pictureTool("embedder")).toThrow(/vae cannot turn pictures into features/);
    expect(() => model.text).toThrow(/vae makes pictures/);
    await model.release();
    expect(() => model.pictureTool("generator")).toThrow(/was released/);
    const small = await load("vae", { home, weights: "int8" });
    expect(() => small.pictureTool("generator")).toThrow(/32 bits/);
    const writer = await load("writer", { home });
    expect(() => writer.pictures).toThrow(/writer writes text/);
  });
});

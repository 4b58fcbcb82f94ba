/** What can be asked of a model that draws step by step, and of one that does not; and that what was asked for makes the same picture again. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readPicture } from "@atelier/data";
import { beforeAll, describe, expect, it } from "vitest";
import { emit } from "../../output/emit.js";
import { reproduce } from "../../output/reproduce.js";
import { tinyDiffusion, tinyVae } from "../../pictures/tiny-pictures.test-helpers.js";
import { load } from "../model.js";
import { testHome } from "../tiny-models.test-helpers.js";
import { type GeneratedPictures, generatePictures } from "./generate.js";
import { interpolate } from "./interpolate.js";
import type { GeneratePicturesRequest } from "./request.js";

const home = testHome();
beforeAll(async () => {
  await tinyDiffusion({ home, steps: 16 });
  await tinyDiffusion({ home, name: "labelled", classes: true, steps: 16 });
  await tinyVae({ home, steps: 5 });
});

async function drawn(name: string, request: GeneratePicturesRequest): Promise<GeneratedPictures> {
  const model = await load(name, { home, threads: 1 });
  try {
    return await generatePictures(model, request);
  } finally {
    await model.release();
  }
}
const pixels = ({ pictures }: GeneratedPictures) => pictures.map(({ data }) => data);

describe("a request", () => {
  it("is filled in with what the model's recipe says", async () => {
    const plain = await drawn("diffusion", { seed: 1 });
    expect(plain.provenance.request).toEqual({
      task: "generate-pictures",
      samples: 1,
      temperature: 1,
      sampler: "dpmpp_2m",
      steps: 8,
    });
    const { provenance } = await drawn("labelled", { sampler: "heun", steps: 3 });
    expect(provenance.request).toMatchObject({ sampler: "heun", steps: 3, guidance: 1 });
    // What stands there says all that there is to say.
    const spelled = await drawn("diffusion", { sampler: "dpmpp_2m", steps: 8, seed: 1 });
    expect(pixels(spelled)).toEqual(pixels(plain));
    expect((await drawn("vae", {})).provenance.request).not.toHaveProperty("steps");
  });

  it.each<GeneratePicturesRequest>([{ sampler: "euler" }, { steps: 3 }, { guidance: 4 }])(
    "with %j changes the pictures",
    async (more) => {
      const seed = 4;
      const [usual, other] = [await drawn("labelled", { seed }), await drawn("labelled", { seed, ...more })];
      expect(pixels(other)).not.toEqual(pixels(usual));
      expect(pixels(await drawn("labelled", { seed, ...more }))).toEqual(pixels(other));
    },
  );
});

it("is made again by its own metadata, with fresh noise in every step", async () => {
  const path = join(home, "one.png");
  const made = await drawn("labelled", { sampler: "euler_ancestral", steps: 5, guidance: 2, class: "down", seed: 7 });
  const [picture] = made.pictures;
  await emit({ media: "picture", picture: picture!, shown: { place: 0 } }, made.provenance, { to: "file", path });
  expect((await readPicture(readFileSync(path))).frames).toHaveLength(1);
  const again = await reproduce(path, { home });
  expect(again).toMatchObject({ equal: true, edited: false, changed: [] });
  expect(again.provenance.request).toMatchObject({ sampler: "euler_ancestral", steps: 5, guidance: 2 });
});

describe("is refused:", () => {
  it.each<[string, GeneratePicturesRequest, RegExp, RegExp]>([
    ["diffusion", { sampler: "huen" }, /no sampler "huen"/, /Did you mean heun\?.*ddim/],
    ["diffusion", { guidance: 2 }, /diffusion has no guidance/, /model\.classes/],
    ["diffusion", { temperature: 0.5 }, /diffusion has no temperature/, /Guidance/],
    ["diffusion", { class: "down" }, /cannot be asked for a class/, /model\.classes/],
    ["diffusion", { steps: 0 }, /steps/, /^/],
    ["labelled", { class: "donw" }, /knows no class "donw"/, /down/],
    ["labelled", { guidance: Number.POSITIVE_INFINITY }, /guidance/, /^/],
    ["vae", { sampler: "heun" }, /vae has no sampler: it is a vae/, /diffusion/],
    ["vae", { steps: 3 }, /vae has no steps/, /diffusion/],
    ["vae", { guidance: 3 }, /vae has no guidance/, /diffusion/],
  ])("of %s %j", async (name, request, says, hint) => {
    await expect(drawn(name, request)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(says),
      ...(hint.source === "^" ? {} : { hint: expect.stringMatching(hint) }),
    });
  });

  it("what needs latent vectors", async () => {
    const model = await load("diffusion", { home, threads: 1 });
    await expect(interpolate(model, { seeds: [1, 2] })).rejects.toMatchObject({
      code: "NO_LATENT_VECTORS",
      message: expect.stringContaining("it is a diffusion, and its pictures are drawn from noise"),
    });
    await model.release();
  });
});

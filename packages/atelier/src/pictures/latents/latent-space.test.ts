/** The latent spaces of a tiny vae and a tiny vq: 8×8 pictures, which are vectors of 4, or 2×2 codes of 8 numbers out of 16. */
import { loadGridCodec, type PictureSet } from "@atelier/data";
import { FormatError } from "@atelier/engine";
import { beforeAll, describe, expect, it } from "vitest";
import { testHome } from "../../library/tiny-models.test-helpers.js";
import { openModel, requirePictures } from "../../model/load.js";
import { RecipeError } from "../../recipe/resolve.js";
import { NotFoundError } from "../../storage/index.js";
import { setOf } from "../examine-samples.js";
import { CLASSES, tinyClassifier, tinyPicture, tinyVae, tinyVq } from "../tiny-pictures.test-helpers.js";
import { holdsLatents, LatentSpace } from "./latent-space.js";

const home = testHome();
const pictures: PictureSet = setOf(
  Array.from({ length: 9 }, (_, i) => tinyPicture(CLASSES[i % 3]!, i + 1)),
  "picture",
);
const all = Array.from({ length: 9 }, (_, i) => i);
let [vae, vq]: LatentSpace[] = [];
const opened = async (name: string) => requirePictures(await openModel(home, name));

beforeAll(async () => {
  await tinyVae({ home, classes: true, steps: 40 });
  await tinyVq({ home, steps: 40 });
  await tinyClassifier({ home, steps: 8 });
  vae = await LatentSpace.open(home, "vae");
  vq = await LatentSpace.open(home, "vq");
});

describe("of a vae", () => {
  it("it is its vectors, of no class, as channels of one place", async () => {
    expect(vae!.shape).toEqual([4, 1, 1]);
    expect(vae!.description).toMatch(/^latents of 4×1×1, of the vae vae \(weights [0-9a-f]{12}\)$/);
    const { model, state } = await opened("vae");
    const coder = model.coder!(state, {});
    const expected = await coder.encode(model.codec.encode(pictures.rows(all)));
    const rows = await vae!.rows(pictures);
    expect([rows.length, rows.width]).toEqual([9, 4]);
    expect(rows.read(all)).toEqual(expected);
    const space = vae!.coder();
    expect(await space.decode(rows.read([2, 5]))).toEqual(
      await coder.decode(Float32Array.of(...expected.slice(8, 12), ...expected.slice(20, 24))),
    );
    await space.release();
    await coder.release();
  });
});

describe("of a vq", () => {
  it("it is the vectors of its codebook at the places of its grid, which come back by the nearest code", async () => {
    expect(vq!.shape).toEqual([8, 2, 2]);
    expect(vq!.description).toMatch(/^latents of 8×2×2, of the vq vq \(weights [0-9a-f]{12}\)$/);
    const { model, state } = await opened("vq");
    const tool = model.codes!(state, {});
    const codes = await tool.encode(model.codec.encode(pictures.rows(all)));
    const book = await tool.vectors();
    expect(new Set(codes).size).toBeGreaterThan(2);
    const rows = await vq!.rows(pictures);
    expect([rows.length, rows.width]).toEqual([9, 32]);
    const values = rows.read(all);
    values.forEach((value, i) => {
      const [picture, depth, place] = [Math.floor(i / 32), Math.floor((i % 32) / 4), i % 4];
      expect(value).toBe(book[8 * codes[4 * picture + place]! + depth]);
    });
    const space = vq!.coder();
    const back = await space.decode(values);
    expect(back).toEqual(await tool.decode(codes));
    // What lies beside a code is that code.
    expect(await space.decode(values.map((value, i) => value + (i % 2 === 0 ? 1e-6 : -1e-6)))).toEqual(back);
    await space.release();
    await tool.release();
  });

  it("pictures are encoded once, unless that was stopped", async () => {
    const others = pictures.select([3, 1, 4]);
    const stopped = vq!.rows(others, { signal: AbortSignal.abort(new Error("enough")) });
    await expect(stopped).rejects.toThrow("enough");
    const counted: number[][] = [];
    const rows = await vq!.rows(others, { onProgress: (...progress) => counted.push(progress) });
    expect(counted).toEqual([[3, 3]]);
    expect(await vq!.rows(others)).toBe(rows);
    expect(rows.read([1])).toEqual((await vq!.rows(pictures)).read([1]));
  });
});

it("is whole in its JSON", async () => {
  for (const space of [vae!, vq!]) {
    const json: unknown = JSON.parse(JSON.stringify(space.toJSON()));
    expect(holdsLatents(json)).toBe(true);
    const loaded = LatentSpace.load(json);
    expect(loaded).toMatchObject({ shape: space.shape, description: space.description });
    expect(loaded.recipe).toEqual(space.recipe);
    expect((await loaded.rows(pictures)).read(all)).toEqual((await space.rows(pictures)).read(all));
    expect(loaded.toJSON()).toEqual(json);
    expect(() => LatentSpace.load({ ...(json as object), family: "gan" })).toThrow(FormatError);
    expect(() => LatentSpace.load({ ...(json as object), family: "gan" })).toThrow("no saved codec of latents: family");
    // A picture's codec is another thing.
    expect(holdsLatents(space.image.toJSON())).toBe(false);
    expect(() => loadGridCodec(json)).toThrow(FormatError);
  }
});

it("is refused of a model that has none, and of one that is not there", async () => {
  const classifier = LatentSpace.open(home, "classifier");
  await expect(classifier).rejects.toThrow(RecipeError);
  await expect(classifier).rejects.toThrow("model.latents: classifier is a classifier, and only a vae or a vq has");
  await expect(LatentSpace.open(home, "vqq")).rejects.toThrow(NotFoundError);
});

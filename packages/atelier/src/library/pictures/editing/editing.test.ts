/** Edits of pictures as a library: what they give, that they are made again, and what they refuse. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePicture, type Picture } from "@atelier/data";
import { beforeAll, describe, expect, it } from "vitest";
import { emit } from "../../../output/emit.js";
import { arrange } from "../../../output/media/shown.js";
import type { Provenance } from "../../../output/provenance.js";
import { reproduce } from "../../../output/reproduce.js";
import { SIZE, tinyDiffusion, tinyPicture, tinyVae } from "../../../pictures/tiny-pictures.test-helpers.js";
import { load, type Model } from "../../model.js";
import { saveTiny, testHome } from "../../tiny-models.test-helpers.js";
import { generatePictures } from "../generate.js";
import { framesFor } from "../layouts.js";
import { squaredError } from "../reconstruct.js";
import type { EditedPictures } from "./edit.js";
import { editImage } from "./edit-image.js";
import { inpaint } from "./inpaint.js";
import { interpolateWishes, mixPictures } from "./mix.js";
import { outpaint } from "./outpaint.js";
import { restyle } from "./restyle.js";

const home = testHome();
const files = join(home, "files");
const file = (name: string): string => join(files, `${name}.png`);
const grey = (width: number, height: number, level: (x: number, y: number) => number): Picture => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from({ length: width * height }, (_, i) => level(i % width, Math.floor(i / width))),
});
const save = async (name: string, picture: Picture): Promise<void> =>
  writeFileSync(file(name), await encodePicture(picture));

const bar = tinyPicture("across", 99);
let model: Model;
let plain: Model;
let vae: Model;
beforeAll(async () => {
  mkdirSync(files);
  await save("bar", bar);
  await save(
    "right",
    grey(SIZE, SIZE, (x) => (x >= 5 ? 255 : 0)),
  );
  await save(
    "black",
    grey(SIZE, SIZE, () => 100),
  );
  await save(
    "small",
    grey(4, 6, () => 255),
  );
  await save(
    "large",
    grey(4 * SIZE, 4 * SIZE, (x, y) => bar.data[(y >> 2) * SIZE + (x >> 2)]!),
  );
  await save(
    "large-right",
    grey(4 * SIZE, 4 * SIZE, (x) => (x >= 20 ? 255 : 0)),
  );
  writeFileSync(file("broken"), "no picture");
  await tinyDiffusion({ home, classes: true });
  await tinyDiffusion({ home, name: "plain", steps: 4 });
  await tinyVae({ home, steps: 4 });
  const open = (name: string): Promise<Model> => load(name, { home, threads: 1 });
  [model, plain, vae] = await Promise.all([open("diffusion"), open("plain"), open("vae")]);
  return async () => {
    for (const each of [model, plain, vae]) await each.release();
  };
});

const outside = (picture: Picture, inside: (x: number, y: number) => boolean): number[] =>
  [...picture.data].filter((_, i) => !inside(i % SIZE, Math.floor(i / SIZE)));
const right = (x: number): boolean => x >= 5;
const few = { steps: 4, seed: 7 };

async function madeAgain(name: string, { pictures, provenance }: EditedPictures): Promise<void> {
  const path = join(files, name);
  const shown = pictures.length === 1 ? { place: 0 } : { columns: 2, scale: 3 };
  const picture = await arrange(pictures, shown);
  await emit({ media: "picture", picture, shown }, provenance, { to: "file", path });
  expect(await reproduce(path, { home })).toMatchObject({ equal: true, edited: false, changed: [] });
}

describe("image to image", () => {
  it("gives the picture back at strength 0, and nearly what is drawn at strength 1", async () => {
    const { pictures } = await editImage(model, file("bar"), { strength: 0, class: "down", samples: 2 });
    expect(pictures.map(({ data }) => data)).toEqual([bar.data, bar.data]);
    const strong = await editImage(model, file("bar"), { strength: 1, class: "down", seed: 7 });
    const drawn = await generatePictures(model, { class: "down", seed: 7 });
    expect(squaredError(strong.pictures[0]!, drawn.pictures[0]!)).toBeLessThan(0.005);
    expect(squaredError(bar, drawn.pictures[0]!)).toBeGreaterThan(0.05);
  });

  it("says all that it was made with, and is made again", async () => {
    const made = await editImage(model, file("bar"), { class: "down", strength: 0.3, samples: 3, guidance: 2, ...few });
    expect(made.provenance.request).toEqual({
      task: "edit-image",
      picture: { name: "bar.png", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      class: "down",
      strength: 0.3,
      samples: 3,
      sampler: "dpmpp_2m",
      steps: 4,
      guidance: 2,
    });
    expect(made.warnings).toEqual([]);
    await madeAgain("image.png", made);
    const free = await editImage(model, file("bar"), { sampler: "euler_ancestral", ...few });
    expect(free.provenance.request).not.toHaveProperty("guidance");
    await madeAgain("free.webp", free);
  });

  it("is not made again of another picture", async () => {
    await save("gone", tinyPicture("spot", 1));
    const made = await editImage(plain, file("gone"), few);
    await madeAgain("of-gone.png", made);
    await save("gone", tinyPicture("spot", 2));
    await expect(reproduce(join(files, "of-gone.png"), { home })).rejects.toMatchObject({ code: "INPUT_GONE" });
    rmSync(file("gone"));
  });
});

describe("inpainting", () => {
  it("leaves every pixel outside the mask as it is, and makes the others anew", async () => {
    const request = { class: "down", samples: 4, sampler: "ddpm", ...few };
    const made = await inpaint(model, file("bar"), file("right"), request);
    for (const picture of made.pictures) {
      expect(outside(picture, right)).toEqual(outside(bar, right));
      expect(picture.data).not.toEqual(bar.data);
    }
    expect(new Set(made.pictures.map(({ data }) => String(data))).size).toBe(4);
    expect(made.provenance.request).toMatchObject({ strength: 1, rounds: 4, mask: { name: "right.png" } });
    await madeAgain("inpainted.png", made);
  });

  it("goes on with what is there", async () => {
    const { pictures } = await inpaint(model, file("bar"), file("right"), { class: "across", samples: 16, seed: 7 });
    const mean = pictures[0]!.data.map((_, i) => pictures.reduce((sum, { data }) => sum + data[i]!, 0) / 16);
    // The two rows of the bar are the brighter ones in the new part, too.
    const rows = Array.from({ length: SIZE }, (_, y) => ({ y, made: mean[y * SIZE + 6]!, there: bar.data[y * SIZE]! }));
    const brightest = (by: "made" | "there"): number[] =>
      rows
        .toSorted((a, b) => b[by] - a[by])
        .slice(0, 2)
        .map(({ y }) => y)
        .sort();
    expect(brightest("made")).toEqual(brightest("there"));
  });

  it("brings mask and picture to the model's size in one way", async () => {
    const { pictures } = await inpaint(model, file("large"), file("large-right"), few);
    const { pictures: as } = await editImage(model, file("large"), { strength: 0 });
    expect(outside(pictures[0]!, right)).toEqual(outside(as[0]!, right));
    expect(pictures[0]!.data).not.toEqual(as[0]!.data);
  });
});

describe("outpainting", () => {
  it("draws around the picture, which is brought to what the margins leave", async () => {
    const made = await outpaint(model, file("large"), { margin: [1, 2, 3, 0], samples: 2, ...few });
    expect(made.provenance.request).toMatchObject({ task: "outpaint", margin: [1, 2, 3, 0], rounds: 4 });
    const inside = (x: number, y: number): boolean => y < 1 || y >= SIZE - 3 || x >= SIZE - 2;
    const [first, second] = made.pictures;
    expect(outside(first!, inside)).toEqual(outside(second!, inside));
    expect(first!.data).not.toEqual(second!.data);
    await madeAgain("outpainted.png", made);
  });

  it("keeps every pixel of a picture that needs no resizing", async () => {
    await save(
      "inner",
      grey(6, 6, (x, y) => 20 * x + 7 * y),
    );
    const { pictures } = await outpaint(model, file("inner"), { margin: 1, ...few });
    const inner = Uint8Array.from(
      { length: 36 },
      (_, i) => pictures[0]!.data[(1 + Math.floor(i / 6)) * SIZE + 1 + (i % 6)]!,
    );
    expect(inner).toEqual(grey(6, 6, (x, y) => 20 * x + 7 * y).data);
  });
});

describe("several descriptions", () => {
  it("make one picture, whatever their weights sum to", async () => {
    const parts = (a: number, b: number) => [
      { class: "across", weight: a },
      { class: "down", weight: b },
    ];
    const made = await mixPictures(model, { parts: parts(3, 1), samples: 2, ...few });
    const same = await mixPictures(model, { parts: parts(0.75, 0.25), samples: 2, ...few });
    expect(same.pictures).toEqual(made.pictures);
    const other = await mixPictures(model, { parts: parts(1, 3), samples: 2, ...few });
    expect(other.pictures).not.toEqual(made.pictures);
    await madeAgain("mix.png", made);
  });

  it("are the ends of a way, each as it is drawn alone", async () => {
    const ends = [{ class: "across" }, { class: "down" }] as const;
    const made = await interpolateWishes(model, { ends, frames: 5, seed: 7 });
    expect(made.words).toBe("from across to down, of the same noise");
    for (const [place, name] of [
      [0, "across"],
      [4, "down"],
    ] as const) {
      const drawn = await generatePictures(model, { class: name, seed: 7 });
      expect(squaredError(made.frames[place]!, drawn.pictures[0]!)).toBeLessThan(1e-4);
    }
    for (const name of ["way.gif", "way.webp", "way.png"]) {
      const path = join(files, name);
      await emit(await framesFor(made.frames, path), made.provenance, { to: "file", path });
      expect(await reproduce(path, { home })).toMatchObject({ equal: true, edited: false });
    }
  });
});

it("another style comes of the noise of the picture, by chance in nothing", async () => {
  const request = { class: "down", from: { class: "across" }, steps: 12, guidance: 1.5 };
  const made = await restyle(model, file("bar"), request);
  const kept = (await restyle(model, file("bar"), { ...request, class: "across" })).pictures[0]!;
  expect(squaredError(kept, bar)).toBeLessThan(squaredError(made.pictures[0]!, bar));
  expect(made.provenance).toMatchObject({ seed: 0, request: { task: "restyle", sampler: "ddim", strength: 0.6 } });
  await madeAgain("style.png", made);
});

describe("refused:", () => {
  const refuses = (made: Promise<unknown>, message: RegExp, hint: RegExp, code = "INVALID_ARGUMENT") =>
    expect(made).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });

  it("a mask of another size, and one without white", async () => {
    await refuses(
      inpaint(model, file("bar"), file("small")),
      /mask small\.png is 4×6, and the picture bar\.png is 8×8/,
      /picture's size, 8×8/,
    );
    await refuses(inpaint(model, file("bar"), file("black")), /Nothing in the mask black\.png is white/, /Paint white/);
  });

  it.each([-0.1, 1.01, Number.NaN])("a strength of %d", async (strength) => {
    await expect(editImage(model, file("bar"), { strength })).rejects.toThrow("strength");
    await expect(inpaint(model, file("bar"), file("right"), { strength })).rejects.toThrow("strength");
    await expect(restyle(model, file("bar"), { class: "down", strength })).rejects.toThrow("strength");
  });

  it("a model that cannot edit, before any file is read", async () => {
    const cannot = [/The model vae cannot edit pictures: it is a vae/, /It can generate pictures/, "NOT_ABLE"] as const;
    const nowhere = file("nowhere");
    await refuses(editImage(vae, nowhere), ...cannot);
    await refuses(inpaint(vae, nowhere, nowhere), ...cannot);
    await refuses(outpaint(vae, nowhere, { margin: 1 }), ...cannot);
    await refuses(mixPictures(vae, { parts: [] }), ...cannot);
    await refuses(interpolateWishes(vae, { ends: [{}, {}] }), ...cannot);
    await refuses(restyle(vae, nowhere, {}), ...cannot);
    await saveTiny(home, "writer");
    const writer = await load("writer", { home, threads: 1 });
    await refuses(editImage(writer, nowhere), /writer cannot edit pictures: it is a gpt/, /generate text/, "NOT_ABLE");
    await writer.release();
  });

  it("what the model does not know", async () => {
    await refuses(editImage(model, file("bar"), { class: "donw" }), /no class "donw"/, /Did you mean down\?/);
    await refuses(editImage(model, file("bar"), { prompt: "a bar" }), /cannot be asked in words/, /--class/);
    await refuses(editImage(plain, file("bar"), { class: "down" }), /cannot be asked for a class/, /model\.classes/);
    await refuses(editImage(model, file("bar"), { sampler: "huen" }), /no sampler "huen"/, /Did you mean heun\?/);
    await refuses(editImage(model, file("bar"), { guidance: 2 }), /Guidance drives a picture/, /prompt or a class/);
    await refuses(restyle(model, file("bar"), {}), /not said what the picture is to show/, /prompt or a class/);
    const silent = { parts: [{ class: "down" }, {}] };
    await refuses(mixPictures(model, silent), /says nothing of what the picture is to show/, /prompt or a class/);
    await expect(mixPictures(model, { parts: [{ class: "down" }] })).rejects.toThrow("parts");
    const none = { parts: [{ class: "down" }, { class: "spot", weight: 0 }] };
    await expect(mixPictures(model, none)).rejects.toThrow("weight");
  });

  it("margins that leave nothing, or nothing to draw", async () => {
    await refuses(outpaint(model, file("bar"), { margin: 4 }), /leave nothing of the picture.*8×8/, /smaller/);
    await refuses(outpaint(model, file("bar"), { margin: 0 }), /nothing to be drawn/, /above 0/);
    await expect(outpaint(model, file("bar"), { margin: -1 })).rejects.toThrow("margin");
  });

  it("pictures that cannot be read, and more than one", async () => {
    await expect(editImage(model, file("broken"))).rejects.toMatchObject({ code: "NO_PICTURES" });
    await expect(editImage(model, file("nowhere"))).rejects.toMatchObject({
      message: expect.stringContaining("nowhere"),
    });
    await refuses(editImage(model, [file("bar"), file("large")]), /One picture is wanted here, and 2/, /one file/);
    await refuses(restyle(model, file("bar"), { class: "down", steps: 1 }), /two steps or more/, /50/);
  });
});

it("keeps a provenance that says what it is made of", async () => {
  const { provenance }: { provenance: Provenance } = await editImage(plain, { pictures: [{ picture: bar }] }, few);
  expect(provenance.request).toMatchObject({ picture: { name: "picture 1" } });
});

/** Pictures with their provenance: in each kind of file, read back, made again, and whatever can be wrong with them. */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePicture, type Picture, readPicture } from "@atelier/data";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { load } from "../library/model.js";
import { type GeneratedPictures, generatePictures } from "../library/pictures/generate.js";
import { testHome } from "../library/tiny-models.test-helpers.js";
import { tinyVae } from "../pictures/tiny-pictures.test-helpers.js";
import { emit, type Output } from "./emit.js";
import { arrange, type Shown } from "./media/shown.js";
import type { SealedProvenance } from "./provenance.js";
import { reproduce } from "./reproduce.js";

const root = testHome();
const home = join(root, "home");
let made: GeneratedPictures;
let folder: string;
beforeAll(async () => {
  await tinyVae({ home });
  const model = await load("vae", { home, threads: 1 });
  made = await generatePictures(model, { samples: 5, seed: 9 });
  await model.release();
});
beforeEach(() => {
  folder = mkdtempSync(join(root, "outputs-"));
});

const file = (name: string): string => join(folder, name);
const sideCar = (path: string): string => `${path}.provenance.json`;

async function written(name: string, shown: Shown, provenance = made.provenance): Promise<SealedProvenance> {
  const picture = await arrange(made.pictures, shown);
  return emit({ media: "picture", picture, shown }, provenance, { to: "file", path: file(name) });
}

/** As the field is documented: a line with frames, width and height, then red, green, blue and opacity of every pixel. */
function hashOf(picture: Picture): string {
  const { width, height, channels, data } = picture;
  expect(channels).toBe(1);
  const hash = createHash("sha256").update(`1 ${width} ${height}\n`);
  for (const level of data) hash.update(Uint8Array.of(level, level, level, 255));
  return hash.digest("hex");
}

describe.each(["png", "webp", "jpg", "gif"])(".%s", (ending) => {
  const name = `one.${ending}`;

  it("carries what made it, and is made again", async () => {
    const sealed = await written(name, { place: 3 });
    const bytes = readFileSync(file(name));
    const label =
      "<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia<";
    const inside = ending !== "gif";
    expect(bytes.includes(label)).toBe(inside);
    expect(existsSync(sideCar(file(name)))).toBe(!inside);
    if (!inside) expect(JSON.parse(readFileSync(sideCar(file(name)), "utf8"))).toEqual(sealed);
    // Without loss, the hash is that of the pixels as they were drawn.
    if (ending !== "jpg") expect(sealed.output.sha256).toBe(hashOf(made.pictures[3]!));
    const again = await reproduce(file(name), { home });
    expect(again).toMatchObject({ equal: true, edited: false, difference: undefined, changed: [], model: "vae" });
    expect(again.provenance).toEqual(sealed);
  });

  it("is told from one that was edited", async () => {
    const sealed = await written(name, { place: 0 });
    const { frames, xmp } = await readPicture(readFileSync(file(name)));
    const [first] = frames;
    const data = first!.data.slice();
    // Five pixels of the fourth row, far from what they were.
    for (let x = 2; x < 7; x++) data.set([255, 0, 0, 255], 4 * (3 * 8 + x));
    const format = ({ jpg: "jpeg", gif: "png" } as const)[ending] ?? (ending as "png" | "webp");
    writeFileSync(file(name), await encodePicture({ ...first!, data }, format, { xmp }));
    const again = await reproduce(file(name), { home });
    expect(again).toMatchObject({ equal: false, edited: true, provenance: sealed });
    if (ending === "jpg") return;
    const level = made.pictures[0]!.data[3 * 8 + 2]!.toString(16).padStart(2, "0");
    expect(again.difference).toEqual({
      frame: 0,
      x: 2,
      y: 3,
      pixels: 5,
      of: 64,
      before: "#ff0000ff",
      now: `#${level}${level}${level}ff`,
    });
  });
});

it("a sheet is made again as it was laid out", async () => {
  const sealed = await written("sheet.png", { columns: 2, scale: 3 });
  expect(sealed).toMatchObject({
    output: { media: "picture", format: "png", shown: { columns: 2, scale: 3 } },
    batch: 5,
  });
  const { frames } = await readPicture(readFileSync(file("sheet.png")));
  // Two of 24 pixels beside each other and three rows of them, 4 between and around.
  expect([frames[0]!.width, frames[0]!.height]).toEqual([2 * 24 + 3 * 4, 3 * 24 + 4 * 4]);
  expect(await reproduce(file("sheet.png"), { home })).toMatchObject({ equal: true });
});

it("an animation is read back with all its frames", async () => {
  for (const name of ["moving.gif", "moving.webp"]) {
    const output: Output = { media: "animation", frames: made.pictures, delay: 80 };
    const sealed = await emit(output, made.provenance, { to: "file", path: file(name) });
    const { frames, format, xmp } = await readPicture(readFileSync(file(name)));
    expect([frames.length, sealed.output]).toEqual([5, { media: "animation", format, sha256: sealed.output.sha256 }]);
    expect([xmp !== undefined, existsSync(sideCar(file(name)))]).toEqual(
      format === "webp" ? [true, false] : [false, true],
    );
  }
});

it("a picture of another model differs, and says in what", async () => {
  await written("ours.png", { place: 1 });
  const elsewhere = join(root, "elsewhere");
  if (!existsSync(elsewhere)) await tinyVae({ home: elsewhere, seed: 2, steps: 20 });
  const { equal, edited, changed, difference } = await reproduce(file("ours.png"), { home: elsewhere });
  expect([equal, edited, changed.map(({ what }) => what)]).toEqual([false, false, ["model's weights"]]);
  expect(difference).toMatchObject({ of: 64 });
  await expect(reproduce(file("ours.png"), { home: join(root, "none") })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("a side-car says enough where the picture is gone", async () => {
  await written("gone.gif", { place: 0 });
  rmSync(file("gone.gif"));
  expect(await reproduce(sideCar(file("gone.gif")), { home })).toMatchObject({ equal: true, edited: false });
});

it("a file that is cut off has its side-car still, and differs", async () => {
  await written("cut.gif", { place: 0 });
  writeFileSync(file("cut.gif"), readFileSync(file("cut.gif")).subarray(0, 40));
  const { equal, edited, difference } = await reproduce(file("cut.gif"), { home });
  expect([equal, edited]).toEqual([false, true]);
  expect(difference).toMatchObject({ before: "no picture that can be read", now: "8×8" });
});

it("what JPEG has no room for goes beside it; a side-car of before does not stay", async () => {
  const long = { ...made.provenance, request: { ...made.provenance.request, class: "x".repeat(70_000) } };
  const sealed = await written("long.jpg", { place: 0 }, long as typeof made.provenance);
  expect(JSON.parse(readFileSync(sideCar(file("long.jpg")), "utf8"))).toEqual(sealed);
  await written("long.jpg", { place: 0 });
  expect(existsSync(sideCar(file("long.jpg")))).toBe(false);
  expect(await reproduce(file("long.jpg"), { home })).toMatchObject({ equal: true });
});

it("refuses a picture whose provenance is not there, was edited, or is not one", async () => {
  writeFileSync(file("bare.png"), await encodePicture(made.pictures[0]!));
  await expect(reproduce(file("bare.png"), { home })).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringMatching(/bare\.png says nothing of what made it/),
  });
  await written("sealed.png", { place: 0 });
  const { xmp } = await readPicture(readFileSync(file("sealed.png")));
  const forge = async (from: string | RegExp, to: string): Promise<void> => {
    expect(xmp).toMatch(from);
    writeFileSync(file("sealed.png"), await encodePicture(made.pictures[0]!, "png", { xmp: xmp!.replace(from, to) }));
  };
  await forge('"seed":9', '"seed":10');
  await expect(reproduce(file("sealed.png"), { home })).rejects.toMatchObject({
    code: "BAD_FORMAT",
    message: expect.stringMatching(/edited/),
  });
  await forge('"seed":9', '"seed":');
  await expect(reproduce(file("sealed.png"), { home })).rejects.toMatchObject({ code: "BAD_FORMAT" });
});

it("refuses endings that name no format", async () => {
  for (const [name, hint] of [
    ["a.tiff", /\.png, \.webp, \.jpg, \.jpeg, \.gif/],
    ["a", /\.png/],
  ] as const) {
    await expect(written(name, { place: 0 })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      hint: expect.stringMatching(hint),
    });
    expect(existsSync(file(name))).toBe(false);
  }
  const moving: Output = { media: "animation", frames: made.pictures, delay: 80 };
  await expect(emit(moving, made.provenance, { to: "file", path: file("a.png") })).rejects.toMatchObject({
    hint: "End the name with .webp, .gif.",
  });
});

/** `atelier edit …` as command lines: what they write and print, that it is made again, and what they refuse. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePicture, type Picture, readPicture } from "@atelier/data";
import { beforeAll, describe, expect, it } from "vitest";
import { testHome } from "../../library/tiny-models.test-helpers.js";
import { SIZE, tinyDiffusion, tinyPicture, tinyVae } from "../../pictures/tiny-pictures.test-helpers.js";
import { edit } from "./edit.js";
import { type Ended, inProcess } from "./in-process.test-helpers.js";

const home = testHome();
const path = (name: string): string => join(home, name);
const mask = (width: number, height: number): Picture => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from({ length: width * height }, (_, i) => (i % width < 3 ? 255 : 0)),
});
beforeAll(async () => {
  await tinyDiffusion({ home, name: "bars", classes: true, steps: 20 });
  await tinyVae({ home, steps: 2 });
  writeFileSync(path("bar.png"), await encodePicture(tinyPicture("across", 1)));
  writeFileSync(path("mask.png"), await encodePicture(mask(SIZE, SIZE)));
  writeFileSync(path("wide.png"), await encodePicture(mask(12, SIZE)));
});

function atelier(...args: string[]): Promise<Ended> {
  const given = args.map((arg) => (arg.endsWith(".png") || arg.endsWith(".gif") ? path(arg) : arg));
  const threads = args.includes("--help") ? [] : ["--threads", "1"];
  return inProcess([...given, ...threads], { home });
}

const framesOf = async (name: string): Promise<readonly Picture[]> =>
  (await readPicture(readFileSync(path(name)))).frames;
const few = ["--steps", "3"];

describe("edit", () => {
  it.each<[string, readonly [frames: number, width: number, height: number]]>([
    ["image bars bar.png --class down --strength 0.4 --seed 3 --out one.png", [1, 8, 8]],
    // Four lie two by two, with gaps of 4 between and around.
    ["image bars bar.png -n 4 --scale 2 --sampler euler_ancestral --seed 3 --out sheet.png", [1, 44, 44]],
    ["inpaint bars bar.png --mask mask.png --class down --rounds 2 --seed 3 --out inpainted.png", [1, 8, 8]],
    ["outpaint bars bar.png --margin 1,2,0,2 --seed 3 --out outpainted.png", [1, 8, 8]],
    ["style bars bar.png --class down --from-class across --out style.png", [1, 8, 8]],
    ["mix bars --class down --class across --weights 3,1 -n 2 --guidance 2 --seed 3 --out mix.png", [1, 28, 16]],
    ["interpolate bars --class down --class across --frames 4 --seed 3 --out way.gif", [6, 192, 192]],
  ])("%s", async (line, [count, width, height]) => {
    const words = line.split(" ");
    const { code, stderr, stdout } = await atelier("edit", ...words, ...few);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^drawing (\d+)\/\1 steps \(100 %\)\n$/)]);
    const name = words.at(-1)!;
    expect(stdout).toMatch(name.endsWith(".gif") ? /, and what made it: / : /, which holds what made it\n$/);
    const frames = await framesOf(name);
    expect([frames.length, frames[0]!.width, frames[0]!.height]).toEqual([count, width, height]);
    const seed = words[0] === "style" ? 0 : 3;
    expect(await atelier("reproduce", name)).toMatchObject({
      code: 0,
      stdout: `The same, pixel for pixel: made with bars from seed ${seed}.\n`,
    });
  });

  it("keeps what the mask does not cover, to the pixel", async () => {
    await atelier("edit", "inpaint", "bars", "bar.png", "--mask", "mask.png", ...few, "--out", "kept.png");
    const [before, after] = [(await framesOf("bar.png"))[0]!, (await framesOf("kept.png"))[0]!];
    const columns = [...Array(SIZE * SIZE).keys()].filter((i) => before.data[4 * i] !== after.data[4 * i]);
    expect(new Set(columns.map((i) => i % SIZE))).toEqual(new Set([0, 1, 2]));
  });

  it("gives programs what it made", async () => {
    const { stdout } = await atelier(
      "edit",
      "image",
      "bars",
      "bar.png",
      ...few,
      "--seed",
      "5",
      "--out",
      "j.png",
      "--json",
    );
    expect(JSON.parse(stdout)).toEqual({
      model: "bars",
      seed: 5,
      files: [{ path: path("j.png"), provenance: expect.objectContaining({ seed: 5 }) }],
    });
  });

  it("explains itself", async () => {
    const { code, stdout } = await atelier("edit", "--help");
    expect(code).toBe(0);
    for (const name of Object.keys(edit.commands)) expect(stdout).toContain(`atelier edit ${name} `);
    expect((await atelier("edit", "style", "--help")).stdout.replace(/\s+/g, " ")).toContain(
      "This is image to image, and no optimisation over the features of a network",
    );
    expect((await atelier("edit", "outpaint", "--help")).stdout.replace(/\s+/g, " ")).toContain(
      "brought to that size less the margins",
    );
  });
});

describe("refused, with nothing left behind:", () => {
  it.each<[string, RegExp, number]>([
    ["image bars bar.png --strength 1.5", /--strength: expected a number from 0 to 1, got "1\.5"/, 2],
    ["inpaint bars bar.png --mask wide.png", /mask wide\.png is 12×8, and the picture bar\.png is 8×8/, 1],
    ["inpaint bars bar.png", /there is no mask.*--mask FILE/, 2],
    ["inpaint bars bar.png --mask nowhere.png", /nowhere\.png/, 1],
    ["inpaint bars bar.png --mask mask.png --rounds 0", /--rounds: expected a whole number from 1 to 100/, 2],
    ["outpaint bars bar.png", /there is no margin.*--margin N/, 2],
    ["outpaint bars bar.png --margin 1,2", /--margin: expected 1 or 4 numbers, got "1,2".*--margin 1,1,1,1/, 2],
    ["outpaint bars bar.png --margin 4", /leave nothing of the picture: the model draws 8×8 pixels/, 1],
    ["outpaint bars bar.png --margin 0.5", /margin/, 1],
    ["style bars bar.png", /not said what the picture is to show.*--prompt TEXT or --class NAME/, 2],
    ["mix bars --class down", /two descriptions or more, and 1 were given/, 2],
    ["mix bars --class down --class spot --weights 1", /--weights: expected 2 numbers, got "1"/, 2],
    ["mix bars --class down --class spot --weights 1,-1", /--weights: each is above 0/, 2],
    ["interpolate bars --class down", /between two descriptions, and 1 were given/, 2],
    ["image bars bar.png --class donw", /knows no class "donw".*Did you mean down\?/, 1],
    ["image bars bar.png --prompt bar", /bars cannot be asked in words.*--class/, 1],
    ["image bars bar.png --sampler huen", /no sampler "huen".*heun/, 1],
    ["image bars bar.png --guidance 2", /Guidance drives a picture towards what it is to show/, 1],
    ["image vae bar.png", /vae cannot edit pictures: it is a vae/, 1],
    ["mix vae --class a --class b", /vae cannot edit pictures/, 1],
    ["upscale bars bar.png --factor 2", /bars cannot make pictures larger: it is a diffusion.*edit pictures/, 1],
    ["upscale bars bar.png --factor 3", /--factor/, 2],
    ["upscale bars", /there is no picture/, 2],
    ["imagine bars bar.png", /unknown command "edit imagine".*did you mean atelier edit image\?/, 2],
  ])("%s", async (line, says, exit) => {
    const out = line.startsWith("imagine") ? [] : ["--out", "refused.png"];
    const { code, stdout, stderr } = await atelier("edit", ...line.split(" "), ...out);
    expect(stderr.replaceAll("\n", " ")).toMatch(says);
    expect(stderr).not.toContain("unexpected");
    expect([code, stdout, existsSync(path("refused.png"))]).toEqual([exit, "", false]);
  });

  it("a file that is no picture's", async () => {
    const { code, stderr } = await atelier("edit", "image", "bars", "bar.png", "--out", path("refused.txt"));
    expect([code, stderr]).toEqual([2, expect.stringContaining("cannot be written as .txt")]);
  });
});

it("writes into the current folder where no file is named", async () => {
  const before = process.cwd();
  mkdirSync(path("here"));
  process.chdir(path("here"));
  try {
    expect((await atelier("edit", "image", "bars", "bar.png", ...few)).code).toBe(0);
    expect((await atelier("edit", "mix", "bars", "--class", "down", "--class", "spot", ...few)).code).toBe(0);
  } finally {
    process.chdir(before);
  }
  expect(readdirSync(path("here")).sort()).toEqual(["bars-edited.png", "bars-mix.png"]);
});

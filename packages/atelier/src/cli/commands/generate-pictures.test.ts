/** `atelier generate` and `reproduce` of pictures as command lines: what they write, print and refuse. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePicture, readPicture } from "@atelier/data";
import { beforeAll, describe, expect, it } from "vitest";
import { saveTiny, testHome } from "../../library/tiny-models.test-helpers.js";
import type { SealedProvenance } from "../../output/provenance.js";
import { tinyVae, tinyVq } from "../../pictures/tiny-pictures.test-helpers.js";
import { type Ended, inProcess } from "./in-process.test-helpers.js";

const home = testHome();
const path = (name: string): string => join(home, name);
beforeAll(async () => {
  await tinyVae({ home });
  await tinyVae({ home, name: "labelled", classes: true });
  await tinyVq({ home, steps: 5 });
  await saveTiny(home, "writer");
});

const run = (args: readonly string[], terminal?: number): Promise<Ended> =>
  inProcess([...args, "--threads", "1"], { home, terminal });
const atelier = (...args: string[]): Promise<Ended> => run(args);

interface Document {
  readonly model: string;
  readonly seed: number;
  readonly files: readonly { readonly path: string; readonly provenance: SealedProvenance }[];
}
async function json(...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await atelier(...args, "--json");
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Document;
}

const sizeOf = async (file: string): Promise<readonly [number, number]> => {
  const { frames } = await readPicture(readFileSync(file));
  return [frames[0]!.width, frames[0]!.height];
};

describe("generate", () => {
  it("writes one picture, or a sheet of several", async () => {
    const one = await atelier("generate", "vae", "--seed", "3", "--out", path("one.webp"));
    expect(one).toEqual({ code: 0, stdout: `${path("one.webp")}, which holds what made it\n`, stderr: "" });
    expect(await sizeOf(path("one.webp"))).toEqual([8, 8]);
    const sheet = ["generate", "vae", "--seed", "3", "-n", "6", "--out", path("sheet.png")];
    expect((await atelier(...sheet)).code).toBe(0);
    // Three in a row, 4 pixels between them and around.
    expect(await sizeOf(path("sheet.png"))).toEqual([3 * 8 + 4 * 4, 2 * 8 + 3 * 4]);
    expect((await atelier(...sheet, "--columns", "6", "--scale", "2")).code).toBe(0);
    expect(await sizeOf(path("sheet.png"))).toEqual([6 * 16 + 7 * 4, 16 + 2 * 4]);
    // A single one that is enlarged needs no border.
    expect((await atelier("generate", "vae", "--scale", "5", "--out", path("large.png"))).code).toBe(0);
    expect(await sizeOf(path("large.png"))).toEqual([40, 40]);
  });

  it("writes a folder, each picture as it is alone and made again by itself", async () => {
    const folder = path("samples/");
    const { seed, files } = await json("generate", "labelled", "--class", "spot", "-n", "12", "--out", folder);
    expect(readdirSync(folder)).toEqual(Array.from({ length: 12 }, (_, i) => `${String(i + 1).padStart(2, "0")}.png`));
    expect(files.map(({ path: file }) => file)).toEqual(readdirSync(folder).map((name) => join(folder, name)));
    const { provenance } = files[6]!;
    expect(provenance).toMatchObject({
      seed,
      request: { task: "generate-pictures", class: "spot", samples: 12, temperature: 1 },
      output: { media: "picture", format: "png", shown: { place: 6 } },
    });
    expect(new Set(files.map((file) => file.provenance.output.sha256)).size).toBe(12);
    const again = await atelier("reproduce", files[6]!.path);
    expect(again).toMatchObject({
      code: 0,
      stdout: `The same, pixel for pixel: made with labelled from seed ${seed}.\n`,
    });
    mkdirSync(path("there"));
    const settings = ["generate", "labelled", "--class", "spot", "--seed", String(seed)];
    expect((await atelier(...settings, "--out", path("there"))).stdout).toBe(
      `${path("there")}: 1 pictures from seed ${seed}, each holds what made it\n`,
    );
    expect(readFileSync(path("there/1.png")).length).toBeGreaterThan(0);
    expect((await readPicture(readFileSync(path("there/1.png")))).frames).toEqual(
      (await readPicture(readFileSync(path("samples/01.png")))).frames,
    );
  });

  it("shows a preview where the terminal has colours, and none elsewhere", async () => {
    const args = ["generate", "vae", "-n", "9", "--seed", "1", "--out", path("seen.png")];
    const { stdout } = await run(args, 20);
    const [first, ...lines] = stdout.trimEnd().split("\n");
    expect(first).toBe(`${path("seen.png")}, which holds what made it`);
    // 40 pixels across and down, made to fit 20 columns: 20 rows of pixels, two a line.
    expect(lines.map((line) => line.match(/▀/g)?.length)).toEqual(new Array(10).fill(20));
    expect((await run([...args, "--json"], 20)).stdout).not.toContain("▀");
    expect((await run([...args, "--no-preview"], 20)).stdout).not.toContain("▀");
    expect((await run(args)).stdout).not.toContain("▀");
  });

  it("GIF has its provenance beside it", async () => {
    const { stdout } = await atelier("generate", "vae", "--seed", "1", "--out", path("one.gif"));
    expect(stdout).toBe(`${path("one.gif")}, and what made it: ${path("one.gif")}.provenance.json\n`);
    expect((await atelier("reproduce", path("one.gif"))).code).toBe(0);
  });
});

it("reproduce tells where an edited picture differs", async () => {
  const file = path("edited.png");
  await atelier("generate", "vae", "--seed", "1", "--out", file);
  const { frames, xmp } = await readPicture(readFileSync(file));
  const data = frames[0]!.data.slice();
  data.set([0, 255, 0, 255], 4 * (5 * 8 + 2));
  writeFileSync(file, await encodePicture({ ...frames[0]!, data }, "png", { xmp }));
  const { code, stderr } = await atelier("reproduce", file);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /edited\.png: the file was changed since it was made, and differs, in 1 of 64 pixels, first at x 2, y 5: #00ff00ff there, #\w{8} now\n/,
  );
  writeFileSync(file, await encodePicture({ ...frames[0]!, width: 4, height: 16 }, "png", { xmp }));
  expect((await atelier("reproduce", file)).stderr).toMatch(/differs, in its form: 4×16 there, 8×8 now/);
});

describe("refusals are one line with a hint, and leave nothing behind", () => {
  const out = path("refused.png");
  it.each<[string, string[], RegExp, number]>([
    [
      "a prompt",
      ["vae", "--prompt", "a", "--out", out],
      /vae cannot be asked in words: it learnt from pictures without captions.*model\.captions/,
      1,
    ],
    ["a number of tokens", ["vae", "--tokens", "5", "--out", out], /--tokens has no meaning/, 2],
    ["a switch for texts", ["vae", "--no-echo", "--out", out], /--no-echo has no meaning/, 2],
    ["stop strings", ["vae", "--stop", "a", "--out", out], /--stop has no meaning/, 2],
    ["weights of 8 bits", ["vae", "--weights", "int8", "--out", out], /--weights has no meaning/, 2],
    [
      "a class of texts",
      ["writer", "--class", "a", "--out", out],
      /--class has no meaning here: writer writes text \(gpt\).*--tokens/,
      2,
    ],
    ["a sheet of texts", ["writer", "--columns", "2"], /--columns has no meaning/, 2],
    ["hundreds of texts", ["writer", "-n", "257"], /at most 256 texts/, 2],
    [
      "a mistyped class",
      ["labelled", "--class", "spott", "--out", out],
      /no class "spott".*Did you mean spot\?.*across, down, spot/,
      1,
    ],
    ["a class of a model without", ["vae", "--class", "spot", "--out", out], /vae cannot be asked for a class/, 1],
    ["a sampler of a vae", ["vae", "--sampler", "heun", "--out", out], /vae has no sampler.*family diffusion/, 1],
    ["an ending that is none", ["vae", "--out", path("refused.txt")], /cannot be written as \.txt.*\.png/, 2],
    ["columns of one picture", ["vae", "--columns", "2", "--out", out], /sheet of several/, 2],
    [
      "columns in a folder",
      ["vae", "-n", "2", "--columns", "2", "--out", path("refused/")],
      /--columns is for a sheet/,
      2,
    ],
    ["a scale in a folder", ["vae", "-n", "2", "--scale", "2", "--out", path("refused/")], /--scale is for a sheet/, 2],
    ["a vq", ["vq", "--out", out], /vq cannot generate pictures: it is a vq.*encode pictures/, 1],
  ])("%s", async (_, args, says, exit) => {
    const { code, stdout, stderr } = await atelier("generate", ...args);
    expect(stderr).toMatch(/^error: [^\n]+\n {2}hint: [^\n]+\n$/);
    expect(stderr.replace("\n", " ")).toMatch(says);
    expect([code, stdout, existsSync(out), existsSync(path("refused/"))]).toEqual([exit, "", false, false]);
  });
});

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { encodePicture, type Picture } from "@atelier/data";
import { RandomKey } from "@atelier/engine/random";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommandLine } from "../shell.js";
import { data } from "./data.js";

const folder = mkdtempSync(join(tmpdir(), "atelier-pictures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const code = await runCommandLine(
    ["data", ...args],
    {
      stdout,
      stderr,
      stdin: Object.assign(stdin, { isTTY: false }),
      environment: { ATELIER_HOME: join(folder, "home") },
      signal: new AbortController().signal,
    },
    [{ name: "data", summary: data.summary, load: async () => data }],
  );
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

/** Coloured squares, 8×8 of them, each of `scale` pixels. */
function squares(seed: number, scale: number): Picture {
  const words = RandomKey.fromSeed(seed).bits(new Uint32Array(192));
  const side = 8 * scale;
  const square = (i: number): number => Math.floor(Math.floor(i / side) / scale) * 8 + Math.floor((i % side) / scale);
  return {
    width: side,
    height: side,
    channels: 3,
    data: Uint8Array.from({ length: side * side * 3 }, (_, i) => words[3 * square(Math.floor(i / 3)) + (i % 3)]! & 255),
  };
}

const pictures = join(folder, "pictures");
beforeAll(async () => {
  for (const each of ["red", "blue"]) mkdirSync(join(pictures, each), { recursive: true });
  const [first, second] = [await encodePicture(squares(1, 8)), await encodePicture(squares(2, 8))];
  writeFileSync(join(pictures, "blue", "1.png"), first);
  writeFileSync(join(pictures, "red", "2.png"), second);
  writeFileSync(join(pictures, "red", "2 again.png"), second);
  writeFileSync(join(pictures, "red", "small.png"), await encodePicture(squares(3, 1)));
  writeFileSync(join(pictures, "red", "x larger.jpg"), await encodePicture(squares(1, 12), "jpeg"));
  writeFileSync(join(pictures, "red", "y broken.png"), first.subarray(0, first.length / 2));
  writeFileSync(join(pictures, "blue", "1.txt"), "Squares of many colours.");
  writeFileSync(join(pictures, "blue", "9.txt"), "A caption without a picture.");
});

it("shows classes, sizes, captions and what was skipped, and draws a sheet", async () => {
  const sheet = join(folder, "sheet.png");
  const { code, stdout } = await run("show", pictures, "--sheet", sheet);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^pictures +6$/m);
  expect(stdout).toMatch(/^sizes +64×64 \(3\), 8×8 \(1\), 96×96 \(1\)$/m);
  expect(stdout).toMatch(/^captions +1$/m);
  expect(stdout).toMatch(/^red +5 +83\.3 %$/m);
  expect(stdout).toMatch(/^blue +1 +16\.7 %$/m);
  expect(stdout).toContain("skipped 2");
  expect(stdout).toContain("blue/9.txt: ");
  expect(stdout).toContain("red/y broken.png: is broken");
  expect(stdout).toContain("Squares of many colours.");
  expect([...readFileSync(sheet).subarray(1, 4)]).toEqual([...Buffer.from("PNG")]);
});

it("shows the same as JSON", async () => {
  const { stdout } = await run("show", pictures, "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    pictures: 6,
    classes: { blue: 1, red: 5 },
    sizes: { distinct: 3, frequent: [{ width: 64, height: 64, pictures: 3 }, {}, {}] },
    skipped: [{ file: "blue/9.txt" }, { file: "red/y broken.png" }],
    captioned: [{ name: "blue/1.png", caption: "Squares of many colours." }],
    grey: false,
  });
});

it("writes the pictures that stay, what is known of them, a report, and a sheet of the copies", async () => {
  const out = join(folder, "clean");
  const { code, stdout } = await run("curate", pictures, "--out", `${out}/`, "--min-side", "16");
  expect(code).toBe(0);
  expect(readdirSync(out, { recursive: true }).sort()).toEqual([
    "blue",
    "blue/1.png",
    "metadata.jsonl",
    "red",
    "red/2 again.png",
  ]);
  expect(readFileSync(join(out, "blue", "1.png"))).toEqual(readFileSync(join(pictures, "blue", "1.png")));
  const lines = readFileSync(join(out, "metadata.jsonl"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { file_name: "blue/1.png", caption: "Squares of many colours.", label: "blue" },
    { file_name: "red/2 again.png", label: "red" },
  ]);
  expect(JSON.parse(readFileSync(`${out}.report.json`, "utf8"))).toMatchObject({
    source: { skipped: [{ file: "blue/9.txt" }] },
    settings: { minSide: 16, near: 0.75, exact: true },
    input: { pictures: 6 },
    output: { pictures: 2 },
    removed: {
      broken: { pictures: 1, examples: [{ name: "red/y broken.png" }] },
      "too-small": { pictures: 1, examples: [{ name: "red/small.png", found: "8×8 pixels" }] },
      "exact-duplicate": { pictures: 1, examples: [{ name: "red/2.png", kept: "red/2 again.png" }] },
      "near-duplicate": { pictures: 1, examples: [{ name: "red/x larger.jpg", kept: "blue/1.png" }] },
    },
  });
  expect(stdout).toMatch(/^read +6$/m);
  expect(stdout).toMatch(/^- near-duplicate +1$/m);
  expect(stdout).toMatch(/^kept +2$/m);
  expect(stdout).toContain("Skipped before that, as the report says: 1");
  expect(existsSync(`${out}.copies.png`)).toBe(true);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  // What was written is a dataset itself, with the same classes and captions.
  const again = await run("show", out, "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ pictures: 2, classes: { blue: 1, red: 1 }, captions: 1 });
});

it("replaces nothing, writes nothing where nothing is left, and refuses settings of texts", async () => {
  const there = await run("curate", pictures, "--out", pictures, "--yes");
  expect(there).toMatchObject({ code: 2 });
  expect(there.stderr).toContain("is there already");
  const out = join(folder, "none");
  const none = await run("curate", pictures, "--out", out, "--max-side", "4");
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("none of 6 pictures is left: 1 broken, 5 too-large");
  expect(existsSync(out)).toBe(false);
  const foreign = await run("curate", pictures, "--out", out, "--min-words", "3");
  expect(foreign.code).toBe(2);
  expect(foreign.stderr).toContain("--min-words is not for pictures");
});

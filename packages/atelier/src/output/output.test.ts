/** Outputs with their provenance: written, read back, made again, and whatever can be wrong with them. */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { fill } from "../library/fill.js";
import { complete } from "../library/generate.js";
import { load } from "../library/model.js";
import type { GenerateRequest } from "../library/request.js";
import { masked, saveTiny, testHome } from "../library/tiny-models.test-helpers.js";
import { emit } from "./emit.js";
import type { SealedProvenance } from "./provenance.js";
import { reproduce } from "./reproduce.js";

const root = testHome();
const home = join(root, "home");
let folder: string;
beforeAll(async () => {
  await saveTiny(home, "writer");
  await saveTiny(home, "hidden", { family: "bert", codec: masked });
});
beforeEach(() => {
  folder = mkdtempSync(join(root, "outputs-"));
});

const place = { home, threads: 1 };

/** Generates into a file and returns what was written. */
async function written(path: string, request: GenerateRequest): Promise<{ text: string; sealed: SealedProvenance }> {
  const model = await load("writer", place);
  const { rows, provenance } = await complete(model, request);
  await model.release();
  const texts = rows.map(({ prompt, text }) => prompt + text);
  const sealed = await emit({ media: "text", texts, whole: true }, provenance, { to: "file", path });
  return { text: readFileSync(path, "utf8"), sealed };
}

const request = { prompt: "abc", tokens: 40, temperature: 1, topK: 12, seed: 9 };

it("a text is the whole file, and what made it stands beside it", async () => {
  const path = join(folder, "one.txt");
  const { text, sealed } = await written(path, request);
  expect(text).toMatch(/^abc[\s\S]{40}$/);
  const sideCar = JSON.parse(readFileSync(`${path}.provenance.json`, "utf8")) as SealedProvenance;
  expect(sideCar).toEqual(sealed);
  expect(sideCar.output.sha256).toBe(createHash("sha256").update(readFileSync(path)).digest("hex"));
  expect(sideCar.model.weights).toBe(
    createHash("sha256")
      .update(readFileSync(join(home, "models", "writer", "weights.safetensors")))
      .digest("hex"),
  );
  expect(sideCar).toMatchObject({ format: 1, seed: 9, batch: 1, request: { prompts: ["abc"], topK: 12 } });
});

it("is made again from the file, its side-car alone, or a JSON document", async () => {
  const path = join(folder, "three.txt");
  const { text } = await written(path, { ...request, samples: 3 });
  expect(text.match(/^─── \d of 3$/gm)).toHaveLength(3);
  expect(await reproduce(path, { home })).toMatchObject({ equal: true, edited: false, contents: text, changed: [] });
  rmSync(path);
  const alone = await reproduce(`${path}.provenance.json`, { home });
  expect(alone).toMatchObject({ equal: true, contents: text, difference: undefined });

  const model = await load("writer", place);
  const { rows, provenance } = await complete(model, request);
  await model.release();
  const texts = rows.map((row) => row.text);
  const sealed = await emit({ media: "text", texts, whole: false }, provenance, { to: "document" });
  const document = join(folder, "document.json");
  writeFileSync(document, JSON.stringify({ generated: rows, provenance: sealed }));
  expect(await reproduce(document, { home })).toMatchObject({ equal: true, contents: texts[0] });
});

it("is made again with weights of 8 bits where it was made with them", async () => {
  const model = await load("writer", { ...place, weights: "int8" });
  const { rows, provenance } = await complete(model, request);
  await model.release();
  const path = join(folder, "int8.txt");
  await emit({ media: "text", texts: [rows[0]!.text], whole: false }, provenance, { to: "file", path });
  expect(provenance.weights).toBe("int8");
  expect(await reproduce(path, { home })).toMatchObject({ equal: true, changed: [] });
});

it("a filled text is made again", async () => {
  const model = await load("hidden", place);
  const path = join(folder, "filled.txt");
  const { text, provenance } = await fill(model, { text: "ab<blank>de", choices: 2 });
  await model.release();
  await emit({ media: "text", texts: [text], whole: true }, provenance, { to: "file", path });
  expect(await reproduce(path, { home })).toMatchObject({ equal: true, contents: text, model: "hidden" });
});

it("a changed file is told from a changed making, with the place", async () => {
  const path = join(folder, "edited.txt");
  const { text } = await written(path, request);
  const at = 20;
  const other = text[at] === "a" ? "b" : "a";
  writeFileSync(path, text.slice(0, at) + other + text.slice(at + 1));
  const { equal, edited, difference } = await reproduce(path, { home });
  const lines = text.slice(0, at).split("\n");
  expect([equal, edited]).toEqual([false, true]);
  expect(difference).toMatchObject({ offset: at, line: lines.length, column: lines.at(-1)!.length + 1 });
  expect([difference!.before[0], difference!.now[0]]).toEqual([other, text[at]]);
});

it("finds the model by its weights, else by its name, and names what is not as it was", async () => {
  const path = join(folder, "moved.txt");
  const { text } = await written(path, request);
  const elsewhere = join(root, "elsewhere");
  await saveTiny(elsewhere, "writer", { seed: 2 });
  const { equal, difference, changed } = await reproduce(path, { home: elsewhere, threads: 2 });
  if (difference === undefined || !("offset" in difference)) throw new Error("two texts differ at an offset");
  expect([equal, difference.before]).toEqual([false, text.slice(difference.offset, difference.offset + 24)]);
  expect(changed.map(({ what }) => what).sort()).toEqual(["model's weights", "threads"]);
  expect(changed.find(({ what }) => what === "threads")).toMatchObject({ before: "1", now: "2" });

  await saveTiny(elsewhere, "another", { seed: 1 });
  expect(await reproduce(path, { home: elsewhere })).toMatchObject({ equal: true, model: "another", changed: [] });
  const byPath = { home: join(root, "none"), model: join(elsewhere, "models", "another") };
  expect(await reproduce(path, byPath)).toMatchObject({ equal: true });
  await expect(reproduce(path, { home: join(root, "none") })).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringMatching(/model that made it is gone.*"writer"/),
  });
});

it("refuses a provenance that was edited, is not one, or is not there", async () => {
  const path = join(folder, "sealed.txt");
  await written(path, request);
  const sideCar = `${path}.provenance.json`;
  const sealed = readFileSync(sideCar, "utf8");
  writeFileSync(sideCar, sealed.replace('"seed": 9', '"seed": 10'));
  await expect(reproduce(path, { home })).rejects.toMatchObject({
    code: "BAD_FORMAT",
    message: expect.stringMatching(/edited/),
  });
  writeFileSync(sideCar, sealed.replace('"seed": 9', '"seed": "nine"'));
  await expect(reproduce(path, { home })).rejects.toMatchObject({
    code: "BAD_FORMAT",
    message: expect.stringMatching(/seed/),
  });
  // The order of the fields is no change.
  const reversed = Object.fromEntries(Object.entries(JSON.parse(sealed) as object).reverse());
  writeFileSync(sideCar, JSON.stringify(reversed));
  expect(await reproduce(path, { home })).toMatchObject({ equal: true });
  renameSync(sideCar, join(folder, "away"));
  await expect(reproduce(path, { home })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(reproduce(join(folder, "nothing.txt"), { home })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("a screen gets the text alone, and the seed as a remark", async () => {
  const model = await load("writer", place);
  const { rows, provenance } = await complete(model, request);
  await model.release();
  const [shown, notes]: [string[], string[]] = [[], []];
  const screen = {
    to: "screen",
    print: (text: string) => shown.push(text),
    note: (text: string) => notes.push(text),
  } as const;
  await emit({ media: "text", texts: [rows[0]!.text], whole: false }, provenance, screen);
  expect([shown, notes]).toEqual([[rows[0]!.text], ["seed 9"]]);
  expect(existsSync(join(folder, "one.txt"))).toBe(false);
});

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FormatError } from "@atelier/engine/errors";
import { hostTensor, type StoredTensor } from "@atelier/engine/storage";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { bundleForNode, startNode } from "./child-process.test-helpers.js";
import { NotFoundError } from "./errors.js";
import { listModels, loadModel, type NewModel, removeModel, saveModel } from "./model-directory.js";

let script: string;
const root = mkdtempSync(join(tmpdir(), "atelier-model-"));
let home: string;
beforeAll(async () => {
  script = await bundleForNode(new URL("storage-child.test-helpers.ts", import.meta.url));
});
beforeEach(() => {
  home = mkdtempSync(join(root, "home-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const model: NewModel = {
  family: "gpt",
  configuration: { layers: 2 },
  dataset: { name: "test text", licence: "CC0-1.0" },
  training: { steps: 10, seed: 1 },
  weights: new Map<string, StoredTensor>([
    ["head.w", hostTensor(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3])],
    ["narrow", { ...hostTensor(new Float32Array([0.1])), storedAs: "BF16" }],
  ]),
  codec: { kind: "characters", alphabet: "abc" },
  evidence: { loss: 1.25 },
  card: "# A test model\n",
};

it("comes back as saved, with plain files a person can read", async () => {
  const directory = await saveModel(home, "first", model);
  expect(readdirSync(directory).sort()).toEqual([
    "README.md",
    "codec.json",
    "evidence.json",
    "model.json",
    "weights.safetensors",
  ]);
  const loaded = await loadModel(home, "first");
  const { weights } = model;
  for (const key of ["family", "configuration", "dataset", "training", "codec", "evidence", "card"] as const) {
    expect(loaded[key]).toEqual(model[key]);
  }
  expect(loaded.record).toMatchObject({ name: "first", parameters: 7, format: 1 });
  expect(loaded.weights.get("head.w")).toMatchObject({ shape: [2, 3], data: weights.get("head.w")!.data });
  expect(loaded.weights.get("narrow")!.data[0]).toBe(0.10009765625);
});

it("is portable: a copy elsewhere loads by path", async () => {
  cpSync(await saveModel(home, "first", model), join(home, "copy"), { recursive: true });
  expect((await loadModel(home, join(home, "copy"))).codec).toEqual(model.codec);
});

it("refuses altered, cut or missing files, saying which", async () => {
  const weights = join(await saveModel(home, "first", model), "weights.safetensors");
  const bytes = readFileSync(weights);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(weights, bytes);
  const error = await loadModel(home, "first").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(FormatError);
  expect(error).toMatchObject({ message: expect.stringContaining("weights.safetensors"), hint: expect.any(String) });
  truncateSync(weights, 100);
  await expect(loadModel(home, "first")).rejects.toThrow(/has 100 bytes, but model.json says/);
  rmSync(weights);
  await expect(loadModel(home, "first")).rejects.toThrow(NotFoundError);

  const codec = join(await saveModel(home, "second", model), "codec.json");
  writeFileSync(codec, readFileSync(codec, "utf8").replace("abc", "abd"));
  await expect(loadModel(home, "second")).rejects.toThrow(/codec\.json/);
});

it("cannot point outside its folder", async () => {
  const file = join(await saveModel(home, "first", model), "model.json");
  writeFileSync(file, readFileSync(file, "utf8").replace('"codec.json"', '"../codec.json"'));
  await expect(loadModel(home, "first")).rejects.toThrow(/codec\.file/);
});

it("is replaced whole, listed, found by the nearest name, and removed", async () => {
  await saveModel(home, "first", model);
  await saveModel(home, "first", { ...model, codec: { version: 2 } });
  await saveModel(home, "second", model);
  expect((await loadModel(home, "first")).codec).toEqual({ version: 2 });
  expect((await listModels(home)).map(({ name }) => name)).toEqual(["first", "second"]);
  expect(await loadModel(home, "frist").catch((e: unknown) => e)).toMatchObject({ hint: "did you mean first?" });
  await removeModel(home, "first");
  expect(readdirSync(join(home, "models"))).toEqual(["second"]);
});

it("brings the old one back after a kill between setting it aside and moving the new one in", async () => {
  const directory = await saveModel(home, "first", model);
  renameSync(directory, join(home, "models", ".replaced-first"));
  expect((await listModels(home)).map(({ name }) => name)).toEqual(["first"]);
  expect((await loadModel(home, "first")).codec).toEqual(model.codec);
});

it("killed at any moment while replacing, is one of those written, whole", async () => {
  const directory = join(home, "models", "m");
  for (let round = 0; round < 6; round++) {
    const child = startNode(script, ["model-forever", directory]);
    await child.printed("started");
    await sleep(3 + 4 * round);
    child.process.kill("SIGKILL");
    await child.finished;
    const { weights, codec, card } = await loadModel(home, "m");
    const i = weights.get("w")!.data[0]!;
    expect([codec, card]).toEqual([{ i }, `${i}`]);
  }
  expect(existsSync(directory)).toBe(true);
});

it("leaves what may still be written, and sweeps what was left half written long ago", async () => {
  await saveModel(home, "whole", model);
  const [fresh, old] = [".partial-1-aa-new", ".partial-1-bb-old"].map((name) => join(home, "models", name));
  for (const folder of [fresh!, old!]) mkdirSync(folder);
  const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3600 * 1000);
  utimesSync(old!, twoDaysAgo, twoDaysAgo);
  expect((await listModels(home)).map(({ name }) => name)).toEqual(["whole"]);
  expect([existsSync(fresh!), existsSync(old!)]).toEqual([true, false]);
});

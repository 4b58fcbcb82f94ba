import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError } from "@atelier/engine/errors";
import { decodeSafetensors, hostTensor } from "@atelier/engine/storage";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import { CheckpointFolder, loadCheckpoint } from "./checkpoint-folder.js";
import { NotFoundError } from "./errors.js";

const root = mkdtempSync(join(tmpdir(), "atelier-checkpoint-"));
let folder: CheckpointFolder;
beforeEach(() => {
  folder = new CheckpointFolder(mkdtempSync(join(root, "case-")));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const checkpoint = (step: number): Checkpoint => ({
  step,
  trees: {
    trained: new Map([
      ["blocks.0.w", hostTensor(new Float32Array([step, -0, Number.NaN, 1e-45]), [2, 2])],
      ["a/b", hostTensor(new Int32Array([7]))],
    ]),
    optimiser: new Map([["blocks.0.w", hostTensor(new Uint8Array([1, 0]))]]),
    buffers: new Map(),
  },
  json: { position: 12, text: 'a "sha256":"quoted" é', nested: { list: [1, null] } },
});
const files = (): string[] => readdirSync(folder.directory).sort();
const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
};

describe("one file", () => {
  const bytes = new Uint8Array(Buffer.concat(encodeCheckpoint(checkpoint(3))));

  it("comes back as it was, bit for bit", () => {
    const back = decodeCheckpoint(bytes, "f");
    const original = checkpoint(3);
    expect([back.step, back.json, Object.keys(back.trees)]).toEqual([
      3,
      original.json,
      ["trained", "optimiser", "buffers"],
    ]);
    for (const [tree, leaves] of Object.entries(original.trees)) {
      expect(back.trees[tree]!.size).toBe(leaves.size);
      for (const [path, { dtype, shape, data }] of leaves) {
        const found = back.trees[tree]!.get(path)!;
        expect([found.dtype, found.shape]).toEqual([dtype, shape]);
        const raw = (array: typeof data): Buffer => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
        expect(raw(found.data).equals(raw(data))).toBe(true);
      }
    }
  });

  it("is an ordinary safetensors file whose hash anyone can check", () => {
    const { metadata, tensors } = decodeSafetensors(bytes);
    expect([...tensors.keys()].sort()).toEqual(["optimiser/blocks.0.w", "trained/a/b", "trained/blocks.0.w"]);
    const text = Buffer.from(bytes).toString("latin1").replace(metadata.sha256!, "0".repeat(64));
    expect(createHash("sha256").update(Buffer.from(text, "latin1")).digest("hex")).toBe(metadata.sha256);
  });

  it("is refused with any single bit flipped, anywhere", () => {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decodeCheckpoint(damaged, "f")).toThrow(FormatError);
    }
  });

  it("is refused when cut short anywhere, or grown", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeCheckpoint(bytes.slice(0, length), "f")).toThrow(FormatError);
    }
    expect(() => decodeCheckpoint(new Uint8Array([...bytes, 0]), "f")).toThrow(FormatError);
  });
});

describe("the folder", () => {
  it("keeps the newest two and the best", async () => {
    for (const step of [10, 20, 30, 40, 50]) {
      await folder.save(checkpoint(step), step === 20 ? { best: { metric: "loss", value: 1.5 } } : {});
    }
    expect(files()).toEqual(["best.json", ...[20, 40, 50].map((step) => `step-000000${step}.safetensors`)]);
    expect(await folder.best()).toEqual({ step: 20, metric: "loss", value: 1.5 });
    await folder.save(checkpoint(60), { best: { metric: "loss", value: 1.2 }, keep: 1 });
    expect(await folder.steps()).toEqual([60]);
  });

  it("loads the newest; none at all is undefined", async () => {
    expect(await folder.loadLatest()).toBeUndefined();
    await folder.save(checkpoint(10));
    await folder.save(checkpoint(20));
    expect(await folder.loadLatest()).toMatchObject({
      checkpoint: { step: 20 },
      path: folder.pathOf(20),
      warnings: [],
    });
  });

  it("passes over a damaged newest with a warning that names it", async () => {
    for (const step of [10, 20, 30]) await folder.save(checkpoint(step), { keep: 3 });
    flip(folder.pathOf(30), 500);
    truncateSync(folder.pathOf(20), 400);
    const loaded = await folder.loadLatest();
    expect(loaded?.checkpoint.step).toBe(10);
    expect(loaded?.warnings).toEqual([
      expect.stringContaining(`${folder.pathOf(30)} is damaged`),
      expect.stringContaining(`${folder.pathOf(20)} is damaged`),
    ]);
    flip(folder.pathOf(10), 0);
    await expect(folder.loadLatest()).rejects.toThrow(FormatError);
  });

  it("never replaces a checkpoint that was named, but names the good one before it", async () => {
    for (const step of [10, 20]) await folder.save(checkpoint(step));
    flip(folder.pathOf(20), 500);
    const error = await loadCheckpoint(folder.pathOf(20)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ hint: expect.stringContaining(folder.pathOf(10)) });
    expect(await loadCheckpoint(folder.pathOf(10))).toMatchObject({ step: 10 });
    expect(await folder.load(15).catch((e: unknown) => e)).toBeInstanceOf(NotFoundError);
  });

  it("refuses other files by what they are", async () => {
    const path = join(folder.directory, "step-00000010.safetensors");
    writeFileSync(path, "hello");
    await expect(loadCheckpoint(path)).rejects.toThrow(/not a checkpoint/);
  });

  it("discards what lies after a step", async () => {
    for (const step of [10, 20, 30]) await folder.save(checkpoint(step), { keep: 3 });
    await folder.save(checkpoint(40), { keep: 4, best: { metric: "loss", value: 1 } });
    copyFileSync(folder.pathOf(10), join(folder.directory, "notes.txt"));
    await folder.discardAfter(20);
    expect(files()).toEqual(["notes.txt", "step-00000010.safetensors", "step-00000020.safetensors"]);
  });
});

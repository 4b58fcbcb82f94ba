import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importHuggingFace } from "../model/huggingface.js";
import { huggingFaceParity } from "./follow-huggingface.js";

/** A GPT-2 made by Hugging Face transformers with random weights, with what that gave. */
const folder = fileURLToPath(new URL("fixtures/hf-gpt2-tiny", import.meta.url));

describe("huggingFaceParity", () => {
  it("gives the recorded encodings, decodings, logits and greedy tokens", async () => {
    const { logits, ...equal } = await huggingFaceParity(folder);
    expect(logits).toBeLessThan(1e-4);
    expect(equal).toEqual({ encodingsEqual: true, decodingsEqual: true, greedyEqual: true });
  });
});

describe("importHuggingFace", () => {
  let empty: string;
  beforeAll(async () => {
    empty = await mkdtemp(join(tmpdir(), "atelier-hf-"));
  });
  afterAll(() => rm(empty, { recursive: true }));

  it("names the file that is missing", async () => {
    await expect(importHuggingFace(empty)).rejects.toMatchObject({
      code: "BAD_FORMAT",
      message: expect.stringContaining("config.json"),
    });
  });

  it("refuses another architecture", async () => {
    await writeFile(join(empty, "config.json"), JSON.stringify({ model_type: "llama" }));
    await expect(importHuggingFace(empty)).rejects.toMatchObject({
      code: "BAD_FORMAT",
      message: expect.stringContaining("model_type"),
    });
  });
});

/** A GPT-2 that Hugging Face transformers made, as a model of ours: the same logits and the same text. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { evaluateLoaded } from "../evaluation/evaluate.js";
import { fullLogits } from "../tools/full-logits.js";
import { importModel } from "./import.js";
import { openModel, requireText } from "./load.js";

const folder = fileURLToPath(new URL("../tools/fixtures/hf-gpt2-tiny", import.meta.url));
const expectedSchema = z.object({ input_ids: z.array(z.array(z.int())), greedy_ids: z.array(z.int()) });

describe("an imported model", () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "atelier-import-"));
  });
  afterAll(() => rm(home, { recursive: true }));

  it("is saved like one of ours, and goes on as the original does", async () => {
    await importModel(home, folder);
    const { record, model, weights } = requireText(await openModel(home, "hf-gpt2-tiny"));
    expect(record).toMatchObject({ family: "gpt", parameters: expect.any(Number) });
    const expected = expectedSchema.parse(JSON.parse(await readFile(join(folder, "expected.json"), "utf8")));
    const full = fullLogits(model.configuration, weights);
    const greedy = await full.continueGreedily(expected.input_ids[0]!, expected.greedy_ids.length);
    await full.release();
    expect(greedy).toEqual(expected.greedy_ids);
  });

  it("is judged on a text that is given, of which the baseline learns a part; and on nothing without one", async () => {
    await importModel(home, folder, "judged");
    const loaded = requireText(await openModel(home, "judged"));
    await expect(evaluateLoaded(loaded, { home })).rejects.toThrow("no held-out text of its own");
    const text = fileURLToPath(new URL("../../README.md", import.meta.url));
    const { score, data } = await evaluateLoaded(loaded, { home, data: text, threads: 2 });
    expect(data).toContain("README.md");
    // Random weights know nothing: about as bad as guessing.
    expect(score.loss).toBeGreaterThan(0.8 * Math.log(loaded.model.configuration.vocabulary));
  });
});

/** Recorded runs of nanoGPT are followed step by step, and files that are none are refused in words. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { largestDifference } from "./compare.js";
import { followTrajectory, LOSS_BAR } from "./follow-trajectory.js";
import { readTrajectory } from "./trajectory-fixture.js";

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const nanogpt = fixture("nanogpt-trajectory");
const text = `${nanogpt}.txt`;

describe("recorded runs", () => {
  // nanogpt-trajectory: karpathy/nanoGPT itself, 2 layers, biases. three-layers-no-bias: bench/peers/make_trajectory.py. Their texts hold
  // only the windows of tinyshakespeare that the batches need.
  it.each(["nanogpt-trajectory", "three-layers-no-bias"])("%s is followed over 50 steps", async (name) => {
    const trajectory = await readTrajectory(fixture(name), `${fixture(name)}.txt`);
    expect(trajectory.batches.length).toBe(50);
    const result = await followTrajectory(trajectory);
    expect(result.loss).toBeLessThanOrEqual(LOSS_BAR);
    expect(result.gradNorm).toBeLessThanOrEqual(1e-3);
    expect(result.logits).toBeLessThanOrEqual(1e-3);
    expect(result.tokensEqual).toBe(true);
  });

  it("notices weights that differ, and another learning rate", async () => {
    const trajectory = await readTrajectory(nanogpt, text);
    const { record } = trajectory;
    const short = { ...trajectory, batches: trajectory.batches.slice(0, 3) };
    const faster = { ...record, losses: record.losses.slice(0, 3), optimizer: { ...record.optimizer, lr: 2e-3 } };
    expect((await followTrajectory({ ...short, record: faster })).loss).toBeGreaterThan(10 * LOSS_BAR);
    expect((await followTrajectory({ ...short, record })).loss).toBeNaN();
  });

  it("accepts the stem with an ending, and logits of the last position alone", async () => {
    const trajectory = await readTrajectory(`${nanogpt}.json`, text);
    const { after_training: after } = trajectory.record;
    const last = after.logits.at(-1) as number[];
    const record = { ...trajectory.record, after_training: { ...after, logits: last } };
    expect((await followTrajectory({ ...trajectory, record })).logits).toBeLessThanOrEqual(1e-3);
  });
});

describe("largestDifference", () => {
  it("is the largest, and NaN wherever one is missing or not a number", () => {
    expect(largestDifference([1, 2, 5], [1, 4, 4])).toBe(2);
    expect(largestDifference([1, Number.NaN, 5], [1, 4, 4])).toBeNaN();
    expect(largestDifference([1, 2], [1, 2, 3])).toBeNaN();
  });
});

describe("bad input", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-trajectory-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A fixture in which some settings are replaced. */
  const altered = async (name: string, change: (json: Record<string, unknown>) => unknown): Promise<string> => {
    const json = JSON.parse(await readFile(`${nanogpt}.json`, "utf8")) as Record<string, unknown>;
    const stem = join(folder, name);
    await writeFile(`${stem}.json`, JSON.stringify(change(json)));
    await writeFile(`${stem}.safetensors`, await readFile(`${nanogpt}.safetensors`));
    return stem;
  };

  it("names a missing file, and what to give", async () => {
    await expect(readTrajectory(join(folder, "none"), text)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: `There is no file ${join(folder, "none")}.json`,
      hint: expect.stringContaining("without its ending"),
    });
    await expect(readTrajectory(nanogpt, join(folder, "none.txt"))).rejects.toThrow("There is no file");
    await expect(readTrajectory(nanogpt, folder)).rejects.toThrow("cannot be read");
  });

  it("names the setting that a JSON file of another kind lacks", async () => {
    const stem = await altered("partial", ({ config: _, ...rest }) => rest);
    await expect(readTrajectory(stem, text)).rejects.toMatchObject({
      code: "BAD_FORMAT",
      message: expect.stringMatching(/partial\.json is no trajectory fixture: config/),
    });
    await writeFile(join(folder, "plain.json"), "To be");
    await expect(readTrajectory(join(folder, "plain"), text)).rejects.toThrow("it is not JSON");
  });

  it("refuses counts that do not fit together", async () => {
    const fewer = await altered("fewer", (json) => ({ ...json, losses: [1] }));
    await expect(readTrajectory(fewer, text)).rejects.toThrow("50 batches, 1 losses and 50 gradient norms");
    const vocabulary = await altered("vocabulary", (json) => ({ ...json, vocabulary: "ab" }));
    await expect(readTrajectory(vocabulary, text)).rejects.toThrow("vocab_size is 65");
  });

  it("refuses weights of another model", async () => {
    const stem = await altered("deeper", (json) => ({ ...json, config: { ...(json.config as object), n_layer: 3 } }));
    await expect(readTrajectory(stem, text)).rejects.toThrow('has no tensor "transformer.h.2.ln_1.weight"');
    await writeFile(`${stem}.safetensors`, "To be, or not to be");
    await expect(readTrajectory(stem, text)).rejects.toMatchObject({ code: "BAD_FORMAT" });
  });

  it("refuses a text that is too short, or has characters that the vocabulary lacks", async () => {
    const path = join(folder, "text.txt");
    await writeFile(path, "To be, or not to be");
    await expect(readTrajectory(nanogpt, path)).rejects.toThrow(
      "text.txt has 19 characters, and a batch of the fixture needs",
    );
    await writeFile(path, "Être");
    await expect(readTrajectory(nanogpt, path)).rejects.toThrow('has the character "Ê"');
  });
});

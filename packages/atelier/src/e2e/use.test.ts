/** What people do with a trained model, through the program: generate, evaluate, look at runs, models, the report and the model card. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { atelier, atelierJson, runFolder, startAtelier, workFolder, writeRecipe } from "./atelier.test-helpers.js";

const folder = workFolder();
const home = join(folder, "home");

const score = {
  loss: expect.any(Number),
  perplexity: expect.any(Number),
  bitsPerByte: expect.any(Number),
  tokens: expect.any(Number),
};
interface Score {
  readonly loss: number;
  readonly perplexity: number;
  readonly bitsPerByte: number;
  readonly tokens: number;
}
let trained: Record<string, unknown>;

beforeAll(async () => {
  const recipe = writeRecipe(folder, "whale", { training: { steps: 80, averageDecay: 0.9 } });
  // One setting of a part alone: what kind of optimiser it is stays as it was.
  const rate = ["--set", "training.optimiser.learningRate=0.015"];
  const { code, stdout, stderr } = await atelier(["train", recipe, "--name", "whale", "--json", ...rate], { home });
  expect(code, stderr).toBe(0);
  trained = JSON.parse(stdout) as Record<string, unknown>;
});

describe("train --json", () => {
  it("is one document with the figures and the places of everything", () => {
    expect(trained).toMatchObject({
      run: "whale",
      directory: runFolder(home, "whale"),
      report: join(runFolder(home, "whale"), "report.html"),
      model: join(home, "models", "whale"),
      status: "finished",
      step: 80,
      steps: 80,
      score,
      baseline: score,
      baselineName: expect.stringMatching(/^\d-gram Kneser-Ney$/),
    });
    const { loss, perplexity, bitsPerByte, tokens } = trained.score as Score;
    // The held-out tenth of 30,000 characters, each one byte; every one but the first is predicted.
    expect(tokens).toBe(2999);
    expect(perplexity).toBeCloseTo(Math.exp(loss), 10);
    expect(bitsPerByte).toBeCloseTo(loss / Math.LN2, 10);
    // The text uses 23 characters: better than guessing among them.
    expect(loss).toBeLessThan(Math.log(23));
  });

  it("left a report and a model card that hold the figures, and samples", () => {
    const { loss, bitsPerByte } = trained.score as Score;
    const { loss: rival } = trained.baseline as Score;
    const report = readFileSync(trained.report as string, "utf8");
    const card = readFileSync(join(trained.model as string, "README.md"), "utf8");
    for (const figure of [loss, rival]) {
      expect(report).toContain(figure.toPrecision(4));
      expect(card).toContain(figure.toPrecision(4));
    }
    expect(card).toContain(bitsPerByte.toPrecision(4));
    expect(card).toContain("sample.txt");
    expect(report).toMatch(/^<!doctype html>/i);
    const [first] = trained.samples as { readonly prompt: string; readonly model: string }[];
    expect(readFileSync(join(runFolder(home, "whale"), "samples", "final.txt"), "utf8")).toContain(first!.model);
  });
});

describe("generate", () => {
  const generate = (...args: string[]) => atelierJson(["generate", "whale", "--tokens", "60", ...args], { home });
  const texts = (document: Record<string, unknown>): string[] =>
    (document.generated as { readonly text: string }[]).map(({ text }) => text);

  it("streams what --json returns, and the same seed gives the same text", async () => {
    const args = ["--prompt", "the whale ", "--seed", "7"];
    const [document, again, other] = await Promise.all([
      generate(...args),
      generate(...args),
      generate(...args.slice(0, 3), "8"),
    ]);
    expect(document).toMatchObject({
      model: "whale",
      prompt: "the whale ",
      seed: 7,
      provenance: {
        model: { name: "whale", weights: expect.stringMatching(/^[0-9a-f]{64}$/) },
        request: { temperature: 0.8, tokens: 60, samples: 1 },
      },
      tokensPerSecond: expect.any(Number),
    });
    expect(texts(document)[0]).toHaveLength(60);
    expect(texts(again)).toEqual(texts(document));
    expect(texts(other)).not.toEqual(texts(document));
    const plain = await atelier(["generate", "whale", "--tokens", "60", ...args], { home });
    expect([plain.code, plain.stderr]).toEqual([0, ""]);
    expect(plain.stdout).toBe(`the whale ${texts(document)[0]}\n`);
    const bare = await atelier(["generate", "whale", "--tokens", "60", ...args, "--no-echo"], { home });
    expect(bare.stdout).toBe(`${texts(document)[0]}\n`);
  });

  it("makes several samples that differ, and a row does not depend on how many there are", async () => {
    const settings = ["--seed", "7", "--temperature", "1", "--top-k", "9", "--top-p", "0.95"];
    const [three, two] = await Promise.all([generate("-n", "3", ...settings), generate("-n", "2", ...settings)]);
    expect(new Set(texts(three)).size).toBe(3);
    expect(texts(three).slice(0, 2)).toEqual(texts(two));
    const request = { temperature: 1, topK: 9, topP: 0.95, tokens: 60, samples: 3 };
    expect(three).toMatchObject({ provenance: { request, seed: 7, batch: 3 } });
  });

  it("at temperature 0 needs no seed, and reads its prompt from a file", async () => {
    writeFileSync(join(folder, "prompt.txt"), "old ship and ");
    const args = ["--temperature", "0", "--prompt-file", join(folder, "prompt.txt")];
    const [one, other] = await Promise.all([generate(...args, "--seed", "1"), generate(...args, "--seed", "2")]);
    expect(one.prompt).toBe("old ship and ");
    expect(texts(one)).toEqual(texts(other));
  });

  it("stops at Ctrl-C", async () => {
    const child = startAtelier(["generate", "whale", "--tokens", "1000000"], { home });
    await child.printed(" ");
    child.process.kill("SIGINT");
    expect(await child.finished).toMatchObject({ code: 130, stderr: expect.stringMatching(/interrupted\n$/) });
  });
});

describe("evaluate", () => {
  it("gives the figures that training ended with", async () => {
    const document = await atelierJson(["evaluate", "whale"], { home }).catch((error: unknown) => error);
    expect(document).toMatchObject({ model: "whale", baseline: { name: trained.baselineName } });
    const { score: own, baseline } = document as { readonly score: Score; readonly baseline: Score };
    expect(own).toEqual(trained.score);
    expect(baseline).toMatchObject(trained.baseline as object);
  });

  it("judges the whole of another text", async () => {
    writeFileSync(join(folder, "other.txt"), "the old captain of the white whale.\n".repeat(20));
    const document = await atelierJson(["evaluate", "whale", "--data", join(folder, "other.txt")], { home });
    expect(document.score).toMatchObject({ tokens: 20 * 36 - 1 });
  });
});

describe("what is there", () => {
  it("is listed and shown", async () => {
    const [runs, run, models, model] = await Promise.all([
      atelierJson(["runs"], { home }),
      atelierJson(["runs", "show", "whale"], { home }),
      atelierJson(["models"], { home }),
      atelierJson(["models", "show", "whale"], { home }),
    ]);
    const { loss } = trained.score as Score;
    expect(runs).toEqual([
      expect.objectContaining({
        name: "whale",
        state: "finished",
        step: 80,
        results: expect.objectContaining({ loss }),
      }),
    ]);
    expect(run).toMatchObject({
      name: "whale",
      state: "finished",
      seed: 3,
      recipe: { training: { optimiser: { kind: "muon", learningRate: 0.015 } } },
      report: trained.report,
      pid: null,
    });
    expect(models).toEqual([expect.objectContaining({ name: "whale", family: "gpt", dataset: "sample.txt" })]);
    expect(model).toMatchObject({
      name: "whale",
      directory: trained.model,
      evidence: { measures: expect.arrayContaining([expect.objectContaining({ name: "loss", value: loss })]) },
    });
  });

  it("is told by the doctor, measured, without making anything", async () => {
    const nowhere = join(folder, "nowhere");
    const document = await atelierJson(["doctor"], { home: nowhere });
    expect(document).toMatchObject({
      versions: { node: process.versions.node, "onnxruntime-node": expect.any(String) },
      cores: expect.any(Number),
      threads: expect.any(Number),
      memory: expect.any(Number),
      home: nowhere,
      writable: true,
    });
    const [cpu, ...others] = document.devices as { device: string; available: boolean; gflops: number | null }[];
    expect(cpu).toMatchObject({ device: "cpu", available: true });
    expect(cpu!.gflops).toBeGreaterThan(0.1);
    expect(others.map(({ device }) => device)).toEqual(["webgpu", "cuda"]);
    expect(existsSync(nowhere)).toBe(false);
  });
});

/** A whole training in this process: what it tells, what it leaves behind, and that a stopped one goes on to the same bits. */
import { access, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RandomKey } from "@atelier/engine";
import { decodeSafetensors } from "@atelier/engine/storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fitBaseline } from "../evaluation/baseline.js";
import { GptJudge, scoreBaseline, scoreOf, targetBytes } from "../evaluation/evaluate.js";
import { sampleBoth } from "../generation/samples.js";
import { openModel } from "../model/load.js";
import { resolveRecipe } from "../recipe/resolve.js";
import { openCorpus } from "./corpus.js";
import { resume, type TrainEvent, type TrainResult, train } from "./train.js";

const key = RandomKey.fromSeed(17);
const words = ["the", "whale", "sea", "ship", "and", "white", "of", "a", "sailed", "old"];
const text = Array.from({ length: 700 }, (_, i) => words[key.at(i).integer(words.length)]).join(" ");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-train-"));
  await writeFile(join(folder, "words.txt"), text);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const recipe = (training: object = {}): Record<string, unknown> => ({
  data: join(folder, "words.txt"),
  model: { layers: 1, heads: 2, width: 16, context: 16, dropout: 0.1 },
  training: {
    steps: 24,
    batch: 4,
    repeat: 4,
    evaluateEvery: 8,
    checkpointEvery: 8,
    averageDecay: 0.8,
    ...training,
  },
  seed: 5,
});

const home = (name: string): string => join(folder, name);
const weightsIn = async (model: string): Promise<Buffer> => readFile(join(model, "weights.safetensors"));

describe("a training", () => {
  let result: TrainResult;
  const events: TrainEvent[] = [];
  beforeAll(async () => {
    result = await train(recipe(), { home: home("whole"), threads: 2, onEvent: (event) => events.push(event) });
  });

  it("tells what happens, in order", () => {
    const told = events
      .filter(({ kind }) => !["data", "final", "warning"].includes(kind))
      .map((event) => ("step" in event ? `${event.kind} ${event.step}` : event.kind));
    expect(told).toEqual([
      "corpus",
      "run",
      "baseline",
      "steps 4",
      "steps 8",
      "evaluation 8",
      "checkpoint 8",
      "steps 12",
      "steps 16",
      "evaluation 16",
      "checkpoint 16",
      "steps 20",
      "steps 24",
      "checkpoint 24",
    ]);
    expect(result).toMatchObject({ status: "finished", step: 24, steps: 24 });
  });

  it("leaves a model that scores and writes the same as it did", async () => {
    const model = await openModel(home("whole"), result.model!);
    const corpus = await openCorpus(resolveRecipe(recipe()), { home: home("whole") });
    expect(model.codec.toJSON()).toEqual(corpus.codec.toJSON());
    expect(model.configuration).toMatchObject({ layers: 1, width: 16, context: 16, positions: "rotary" });
    const judge = new GptJudge(model.configuration, { threads: 2 });
    const { nats, count } = await judge.score(model.weights, corpus.validation);
    await judge.release();
    expect(count).toBe(corpus.validation.length - 1);
    expect(scoreOf(nats, count, targetBytes(model.codec, corpus.validation))).toEqual(result.score);

    const baseline = fitBaseline(corpus.train.ids, model.codec.spec.vocabulary);
    expect(scoreBaseline(baseline, corpus.codec, corpus.validation, 16)).toEqual(result.baseline);
    const samples = await sampleBoth({
      configuration: model.configuration,
      weights: model.weights,
      baseline,
      codec: corpus.codec,
      validation: corpus.validation,
      key: RandomKey.fromSeed(5).split("samples"),
      threads: 2,
    });
    expect(samples).toEqual(result.samples);
  });

  it("keeps the moving average as the model, and the figures as evidence and on the card", async () => {
    const { tensors } = decodeSafetensors(await weightsIn(result.model!));
    const checkpoints = join(result.directory, "checkpoints");
    const last = (await readdir(checkpoints))
      .filter((file) => file.endsWith(".safetensors"))
      .sort()
      .at(-1)!;
    const checkpoint = decodeSafetensors(await readFile(join(checkpoints, last))).tensors;
    const saved = (tree: string) =>
      [...checkpoint].find(([name]) => name.includes(tree) && name.endsWith("gpt.embedding.tokens"))![1];
    expect([...tensors.get("embedding.tokens")!.data]).toEqual([...saved("average").data]);
    expect([...tensors.get("embedding.tokens")!.data]).not.toEqual([...saved("params").data]);

    const evidence: unknown = JSON.parse(await readFile(join(result.model!, "evidence.json"), "utf8"));
    expect(evidence).toMatchObject({ model: result.score, baseline: result.baseline, tokens: result.score!.tokens });
    const card = await readFile(join(result.model!, "README.md"), "utf8");
    expect(card).toContain(`| bits per byte | ${result.score!.bitsPerByte.toFixed(4)} |`);
    expect(card).toContain("words");
  });

  it("logs every chunk and every evaluation", async () => {
    const lines = (await readFile(join(result.directory, "metrics.jsonl"), "utf8")).trim().split("\n");
    const records = lines.map((line) => JSON.parse(line) as Record<string, number>);
    expect(records.filter(({ loss }) => loss !== undefined).map(({ step }) => step)).toEqual([4, 8, 12, 16, 20, 24]);
    expect(records.filter(({ validationLoss }) => validationLoss !== undefined).map(({ step }) => step)).toEqual([
      8, 16, 24,
    ]);
    expect(records.at(-1)!.validationLoss).toBe(result.score!.loss);
    await access(result.report!);
  });

  it("is the same, bit for bit, in another home", async () => {
    const again = await train(recipe(), { home: home("again"), threads: 2 });
    expect(again.score).toEqual(result.score);
    expect((await weightsIn(again.model!)).equals(await weightsIn(result.model!))).toBe(true);
  });

  it("that is stopped, twice, and goes on ends in the same bits", async () => {
    const options = (at: number) => {
      const controller = new AbortController();
      const onEvent = (event: TrainEvent): void => {
        if (event.kind === "steps" && event.step === at) controller.abort();
      };
      return { home: home("stopped"), threads: 2, signal: controller.signal, onEvent };
    };
    const first = await train(recipe(), options(4));
    expect(first).toMatchObject({ status: "stopped", step: 4, model: undefined, score: undefined });
    const second = await resume(first.run, options(20));
    expect(second).toMatchObject({ status: "stopped", step: 20 });
    const third = await resume(first.run, options(-1));
    expect(third).toMatchObject({ status: "finished", step: 24, score: result.score, samples: result.samples });
    expect((await weightsIn(third.model!)).equals(await weightsIn(result.model!))).toBe(true);
    await expect(resume(first.run, options(-1))).rejects.toThrow("is finished, at step 24");
  });

  it("refuses to go on with other data", async () => {
    const path = join(folder, "changing.txt");
    await writeFile(path, text);
    const started = { ...recipe(), data: path };
    const stop = new AbortController();
    const onEvent = ({ kind }: TrainEvent): void => {
      if (kind === "steps") stop.abort();
    };
    const { run } = await train(started, { home: home("data"), threads: 2, signal: stop.signal, onEvent });
    await writeFile(path, `${text} and more`);
    await expect(resume(run, { home: home("data") })).rejects.toThrow("has changed since the run began");
  });
});

describe("a training that cannot be", () => {
  it("is refused before anything is written", async () => {
    await writeFile(join(folder, "short.txt"), "too short");
    const short = { ...recipe(), data: join(folder, "short.txt") };
    await expect(train(short, { home: home("none") })).rejects.toMatchObject({ code: "TEXT_TOO_SHORT" });
    await expect(train({ ...recipe(), model: { width: 15 } }, { home: home("none") })).rejects.toThrow("width 15");
    await expect(train({ ...recipe(), sede: 1 }, { home: home("none") })).rejects.toMatchObject({ code: "BAD_RECIPE" });
    await expect(access(join(home("none"), "runs"))).rejects.toThrow();
  });

  it("because its numbers run away keeps its checkpoints and says at which step", async () => {
    const wild = recipe({ optimiser: { kind: "sgd", learningRate: 1e30 }, clip: null, schedule: { kind: "constant" } });
    await expect(train(wild, { home: home("wild"), threads: 2 })).rejects.toMatchObject({
      code: "NON_FINITE",
      message: expect.stringMatching(/at step [23];/),
    });
    const [run] = await readdir(join(home("wild"), "runs"));
    const record: unknown = JSON.parse(await readFile(join(home("wild"), "runs", run!, "run.json"), "utf8"));
    expect(record).toMatchObject({ status: "failed", failure: expect.stringContaining("no longer finite") });
  });
});

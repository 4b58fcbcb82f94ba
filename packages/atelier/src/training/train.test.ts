/** A whole training in this process: what it tells, what it leaves behind, and that a stopped one goes on to the same bits. */
import { access, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostTensor, RandomKey, type TreeRecord } from "@atelier/engine";
import { decodeSafetensors } from "@atelier/engine/storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateLoaded } from "../evaluation/evaluate.js";
import { openModel } from "../model/load.js";
import { recordEvidence } from "../model/record-evidence.js";
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
      .filter(({ kind }) => !["data", "stage", "warning"].includes(kind))
      .map((event) => ("step" in event ? `${event.kind} ${event.step}` : event.kind));
    expect(told).toEqual([
      "subject",
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

  it("leaves a model that is measured again with the same figures and samples", async () => {
    const loaded = await openModel(home("whole"), result.model!);
    expect(loaded.model.configuration).toMatchObject({ layers: 1, width: 16, context: 16, positions: "rotary" });
    const evaluated = await evaluateLoaded(loaded, { home: home("whole"), threads: 2 });
    expect(evaluated.score).toEqual(result.score);
    expect(evaluated.samples).toEqual(result.samples);
    expect(evaluated.measures).toEqual(result.evidence!.measures);
    const { name, value, baseline } = evaluated.measures.find((measure) => measure.name === "loss")!;
    expect([name, value]).toEqual(["loss", result.score!.loss]);
    expect(baseline).toMatchObject({ name: result.baselineName, value: result.baseline.loss });
  });

  it("is measured anew, and the figures recorded, without losing what the training said", async () => {
    const copy = join(home("recorded"), "models", result.run);
    await cp(result.model!, copy, { recursive: true });
    const loaded = await openModel(home("recorded"), result.run);
    const { evidence } = await evaluateLoaded(loaded, { home: home("recorded"), threads: 2 });
    const [first, ...rest] = evidence.measures;
    await recordEvidence(loaded, { ...evidence, measures: [{ ...first!, value: 12.5 }, ...rest] });
    const now = await openModel(home("recorded"), result.run);
    expect(now.evidence).toMatchObject({ measures: [{ value: 12.5 }, ...rest], verdict: result.evidence!.verdict });
    const [before, after] = await Promise.all(
      [result.model!, copy].map((at) => readFile(join(at, "README.md"), "utf8")),
    );
    expect(after).toMatch(/^\| loss .*\| 12\.50 \|/m);
    const titles = (card: string): string[] => card.match(/^#+ .*$/gm) ?? [];
    expect(titles(after!)).toEqual(titles(before!));
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
    expect(evidence).toEqual(result.evidence);
    const card = await readFile(join(result.model!, "README.md"), "utf8");
    expect(card).toContain(`| bits per byte | ${result.score!.bitsPerByte!.toPrecision(4)} |`);
    expect(card).toContain(result.evidence!.verdict!.summary);
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

describe("early stopping", () => {
  it("ends when evaluations bring nothing new, keeps the best weights, and does so across a stop", async () => {
    // A rate that throws the weights about: the loss soon rises.
    const patient = recipe({
      steps: 400,
      patience: 2,
      averageDecay: undefined,
      schedule: { kind: "constant" },
      optimiser: { kind: "adamw", learningRate: 0.3 },
    });
    const events: TrainEvent[] = [];
    const whole = await train(patient, { home: home("patient"), threads: 2, onEvent: (event) => events.push(event) });
    const losses = events.flatMap((event) => (event.kind === "evaluation" ? [event] : []));
    const best = losses.reduce((least, each) => (each.loss < least.loss ? each : least));
    expect(whole.status).toBe("finished");
    expect(whole.step).toBeLessThan(400);
    expect(whole.step).toBe(best.step + 2 * 8);
    expect(events.find(({ kind }) => kind === "early-stop")).toMatchObject({ best: best.step });
    // What is saved is what was judged then: all of the held-out text, so the same figure.
    expect(whole.score!.loss).toBeCloseTo(best.loss, 5);

    const stop = new AbortController();
    const first = await train(patient, {
      home: home("patient-stopped"),
      threads: 2,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === "steps" && event.step === best.step + 8) stop.abort();
      },
    });
    const second = await resume(first.run, { home: home("patient-stopped") });
    expect(second.step).toBe(whole.step);
    expect((await weightsIn(second.model!)).equals(await weightsIn(whole.model!))).toBe(true);
  });
});

describe("going on from a model", () => {
  it("begins with its weights, codec and sizes, on other data", async () => {
    const base = await train(recipe(), { home: home("from"), threads: 2, name: "base" });
    const path = join(folder, "more.txt");
    await writeFile(path, words.toReversed().join(" ").repeat(40));
    const further = {
      data: path,
      from: "base",
      training: {
        steps: 4,
        batch: 4,
        repeat: 4,
        optimiser: { kind: "adamw", learningRate: 1e-12 },
        schedule: { kind: "constant" },
      },
    };
    const result = await train(further, { home: home("from"), threads: 2 });
    const [before, after] = await Promise.all([base, result].map(async ({ model }) => openModel(home("from"), model!)));
    expect(after!.model.codec.toJSON()).toEqual(before!.model.codec.toJSON());
    expect(after!.model.configuration).toEqual(before!.model.configuration);
    const table = (loaded: typeof before): number[] => [
      ...(((loaded!.state.params.embedding as TreeRecord<HostTensor>).tokens as HostTensor).data as Float32Array),
    ];
    // Rates this small leave the weights where they were.
    expect(Math.max(...table(after).map((x, i) => Math.abs(x - table(before)[i]!)))).toBeLessThan(1e-6);
    await expect(train({ ...further, model: { width: 32 } }, { home: home("from") })).rejects.toThrow("model.width");
    await expect(train({ ...further, from: "bass" }, { home: home("from") })).rejects.toThrow(/bass/);
  });
});

describe("a bert", () => {
  it("is trained, measured beside n-grams from both sides, and saved, by the same trainer", async () => {
    const masked = { ...recipe(), family: "bert" };
    const result = await train(masked, { home: home("bert"), threads: 2 });
    expect(result).toMatchObject({ status: "finished", can: ["fill", "score", "embed"], samples: [] });
    expect(result.baselineName).toMatch(/-gram Kneser-Ney from both sides$/);
    const loaded = await openModel(home("bert"), result.model!);
    const again = await evaluateLoaded(loaded, { home: home("bert"), threads: 2 });
    expect(again.measures).toEqual(result.evidence!.measures);
    // 15 % of each window of 16 are 2 tokens.
    const windows = Math.floor(result.evidence!.measures[0]!.samples);
    expect(result.score!.tokens).toBe(2 * windows);
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

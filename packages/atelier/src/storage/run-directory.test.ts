import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError, FormatError } from "@atelier/engine/errors";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { NotFoundError, RunExistsError, RunLockedError } from "./errors.js";
import { figuresSince, MetricsLog, readMetrics, warningsOf } from "./metrics-log.js";
import { nameOf, nextNumbered } from "./names.js";
import { listRuns, type NewRun, RunDirectory, readRun, readRunMetrics, removeRun } from "./run-directory.js";

const root = mkdtempSync(join(tmpdir(), "atelier-run-"));
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(root, "home-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const newRun: NewRun = {
  seed: 7,
  recipe: { family: "gpt", model: { layers: 4 } },
  versions: { "@atelier/engine": "0.1.0" },
  machine: { cores: 2 },
  data: { name: "test text", fingerprint: "abc" },
  totalSteps: 100,
};

describe("names", () => {
  it("are readable, safe and numbered after the last", () => {
    expect(nameOf("Moby Dick", "gpt")).toBe("moby-dick-gpt");
    expect(nameOf("../Élan vital (2)", "GPT")).toBe("elan-vital-2-gpt");
    expect(nameOf("白鯨")).toBe("untitled");
    expect(nextNumbered("a-gpt", ["a-gpt-01", "a-gpt-09", "a-gpt-x", "b-gpt-50"])).toBe("a-gpt-10");
    expect(nextNumbered("a", [])).toBe("a-01");
  });
});

describe("runs", () => {
  it("are numbered, and two started at once get two folders", async () => {
    const runs = await Promise.all([1, 2, 3].map(() => RunDirectory.create(home, ["Moby Dick", "gpt"], newRun)));
    for (const run of runs) run.close();
    expect(runs.map((run) => run.record.name).sort()).toEqual([
      "moby-dick-gpt-01",
      "moby-dick-gpt-02",
      "moby-dick-gpt-03",
    ]);
  });

  it("are never clobbered, and their names are checked", async () => {
    (await RunDirectory.create(home, "mine", newRun)).close();
    writeFileSync(join(home, "runs", "mine", "precious"), "");
    await expect(RunDirectory.create(home, "mine", newRun)).rejects.toThrow(RunExistsError);
    expect(readdirSync(join(home, "runs", "mine"))).toContain("precious");
    for (const name of ["../up", "", ".hidden", "a b", "a/b"]) {
      await expect(RunDirectory.create(home, name, newRun)).rejects.toThrow(ArgumentError);
    }
  });

  it("can be made where a process was killed while making one, once only", async () => {
    mkdirSync(join(home, "runs", "mine", "checkpoints"), { recursive: true });
    const made = await Promise.allSettled([1, 2, 3].map(() => RunDirectory.create(home, "mine", newRun)));
    const runs = made.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(runs).toHaveLength(1);
    expect((await readRun(home, "mine")).record.status).toBe("created");
    runs[0]!.close();
  });

  it("are opened by name or path, one process at a time, with what was recorded", async () => {
    const run = await RunDirectory.create(home, "mine", newRun);
    await run.update({ status: "running", step: 40 });
    await expect(RunDirectory.open(home, "mine")).rejects.toThrow(RunLockedError);
    expect(await readRun(home, "mine")).toMatchObject({ state: "running", pid: process.pid });
    run.close();
    expect(await readRun(home, run.paths.directory)).toMatchObject({ state: "interrupted", pid: undefined });
    const again = await RunDirectory.open(home, run.paths.directory);
    expect(again.record).toMatchObject({ ...newRun, status: "running", step: 40, format: 1 });
    again.close();
  });

  it("that are unknown are answered with the nearest name", async () => {
    (await RunDirectory.create(home, "moby-dick-gpt-01", newRun)).close();
    const error = await RunDirectory.open(home, "moby-dik-gpt-01").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ hint: "did you mean moby-dick-gpt-01?" });
    await expect(readRun(home, "./nowhere")).rejects.toThrow(/is not a run/);
  });

  it("with a damaged run.json say what is wrong, and do not hide the others", async () => {
    (await RunDirectory.create(home, "a", newRun)).close();
    const b = await RunDirectory.create(home, "b", newRun);
    b.close();
    writeFileSync(b.paths.run, readFileSync(b.paths.run, "utf8").replace('"seed": 7', '"seed": "seven"'));
    await expect(RunDirectory.open(home, "b")).rejects.toThrow(/run\.json.*seed: expected number/);
    writeFileSync(b.paths.run, "{");
    await expect(readRun(home, "b")).rejects.toThrow(FormatError);
    mkdirSync(join(home, "runs", "not-a-run"));
    const listed = await listRuns(home);
    expect(listed.map(({ name, run }) => [name, run instanceof Error]).sort()).toEqual([
      ["a", false],
      ["b", true],
    ]);
  });

  it("lose the leftovers of a killed process when opened, and are removed only when free", async () => {
    const run = await RunDirectory.create(home, "mine", newRun);
    writeFileSync(join(run.paths.checkpoints, ".partial-99-x-step-1"), "half");
    await expect(removeRun(home, "mine")).rejects.toThrow(RunLockedError);
    run.close();
    (await RunDirectory.open(home, "mine")).close();
    expect(readdirSync(run.paths.checkpoints)).toEqual([]);
    await removeRun(home, "mine");
    expect(readdirSync(join(home, "runs"))).toEqual([]);
  });
});

describe("metrics", () => {
  it("are appended, read back, cut at a step and appended again without doubling", async () => {
    const run = await RunDirectory.create(home, "mine", newRun);
    for (let step = 10; step <= 50; step += 10) run.metrics.append({ step, loss: 1 / step });
    run.metrics.append({ step: 50, validationLoss: 2 });
    run.metrics.truncateAfter(30);
    run.metrics.append({ step: 40, loss: 9 });
    run.metrics.truncateAfter(1000);
    run.close();
    expect(await readRunMetrics(run.paths.directory)).toEqual([
      { step: 10, loss: 0.1 },
      { step: 20, loss: 0.05 },
      { step: 30, loss: 1 / 30 },
      { step: 40, loss: 9 },
    ]);
  });

  it("of the steps since a model was judged are told apart, as are warnings", () => {
    const metrics = [
      { step: 8, loss: 3 },
      { step: 8, validationLoss: 2, warnings: ["first", "second"] },
      { step: 16, loss: 2, "generator.loss": 1, note: "text", broken: null },
    ];
    expect(figuresSince(metrics)).toEqual([{ step: 16, loss: 2, "generator.loss": 1 }]);
    expect(figuresSince(metrics.slice(0, 2))).toEqual([]);
    expect(figuresSince(metrics.slice(0, 1))).toEqual([{ step: 8, loss: 3 }]);
    expect(warningsOf(metrics)).toEqual([
      { step: 8, message: "first" },
      { step: 8, message: "second" },
    ]);
  });

  it("lose a torn last line, wherever it was torn, and nothing else", async () => {
    const path = join(home, "metrics.jsonl");
    const whole = '{"step":1,"é":1}\n{"step":2}\n';
    const torn = Buffer.from('{"step":3,"é":1}');
    for (let length = 0; length <= torn.length; length++) {
      writeFileSync(path, Buffer.concat([Buffer.from(whole), torn.subarray(0, length)]));
      expect((await readMetrics(path)).map(({ step }) => step)).toEqual([1, 2]);
      const log = new MetricsLog(path);
      log.append({ step: 4 });
      log.close();
      expect(readFileSync(path, "utf8")).toBe(`${whole}{"step":4}\n`);
    }
  });

  it("with a damaged or disordered line name it", async () => {
    const path = join(home, "metrics.jsonl");
    writeFileSync(path, '{"step":1}\n{"loss":2}\n');
    await expect(readMetrics(path)).rejects.toThrow(/metrics\.jsonl line 2.*step/);
    expect(await readMetrics(join(home, "none.jsonl"))).toEqual([]);
    writeFileSync(path, "");
    const log = new MetricsLog(path);
    log.truncateAfter(0);
    for (const step of [5, 9]) log.append({ step });
    appendFileSync(path, '{"step":6}\n');
    expect(() => log.truncateAfter(7)).toThrow(/out of order/);
    log.close();
  });
});

/** A sweep that is killed goes on with the same trials and ends with the same figures as one that was not. Real processes and signals. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  atelier,
  atelierJson,
  reached,
  runRecord,
  startAtelier,
  workFolder,
  writeRecipe,
} from "./atelier.test-helpers.js";

const folder = workFolder();

// Width 30 does not divide into two heads of even size for rotary positions: those trials cannot be.
const settings = ["--over", "training.optimiser.learningRate=0.002..0.05:log", "--over", "model.width=16,30,32"];
const plan = [
  ...settings,
  "--method",
  "halving",
  "--trials",
  "4",
  "--eta",
  "4",
  "--seed",
  "4",
  "--name",
  "tiny",
  "--threads",
  "1",
];

const json = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

/** What must not depend on interruptions. */
function outcome(home: string) {
  const { results, fingerprint } = json(join(home, "sweeps", "tiny", "sweep.json")) as {
    results: { seconds?: number }[];
    fingerprint: string;
  };
  return {
    fingerprint,
    results: results.map(({ seconds: _, ...rest }) => rest),
    best: json(join(home, "sweeps", "tiny", "best.json")),
    runs: readdirSync(join(home, "runs")).sort(),
    models: readdirSync(join(home, "models")).sort(),
  };
}

describe("a sweep", () => {
  const recipe = writeRecipe(folder, "tiny", { training: { steps: 40, evaluateEvery: 20, checkpointEvery: 10 } });
  const whole = join(folder, "whole");

  it("finds the best of its trials, and records those that cannot be", async () => {
    const result = await atelierJson(["sweep", recipe, ...plan], { home: whole });
    expect(result).toMatchObject({ status: "finished", metric: "loss", best: { status: "finished", steps: 40 } });
    const trials = result.trials as {
      status: string;
      score?: number;
      settings: Record<string, unknown>;
      failure?: string;
    }[];
    expect(trials).toHaveLength(4);
    for (const { status, settings: own, failure } of trials) {
      expect(status === "failed").toBe(own["model.width"] === 30);
      if (status === "failed") expect(failure).toMatch(/width 30|30/);
    }
    const { best, models } = outcome(whole);
    expect(best).toMatchObject({ seed: 3, training: { steps: 40 }, model: { layers: 2 } });
    // Of the models only the winner's is kept.
    expect(models).toEqual([(result.best as { run: string }).run]);
    expect(readFileSync(join(whole, "sweeps", "tiny", "report.html"), "utf8")).toContain("learningRate");
    const [listed] = (await atelierJson(["sweeps"], { home: whole })) as unknown as { name: string; state: string }[];
    expect(listed).toMatchObject({ name: "tiny", state: "finished" });
    expect((await atelier(["sweeps", "show", "tiny"], { home: whole })).stdout).toMatch(
      /trial +learningRate +width +loss/,
    );
  });

  it("that is killed ends with the same trials and figures", async () => {
    const home = join(folder, "killed");
    const child = startAtelier(["sweep", recipe, ...plan], { home });
    const { results } = json(join(whole, "sweeps", "tiny", "sweep.json")) as {
      results: { run: string; figures?: object }[];
    };
    // In the middle of the last trial but one, so that another follows.
    const { run } = results.filter(({ figures }) => figures !== undefined).at(-2)!;
    await reached(home, run, 10, child);
    child.process.kill("SIGKILL");
    await child.finished;
    expect(existsSync(join(home, "sweeps", "tiny", "best.json"))).toBe(false);
    const [listed] = (await atelierJson(["sweeps"], { home })) as unknown as { state: string }[];
    expect(listed).toMatchObject({ state: "interrupted" });
    const { code, stderr } = await atelier(["sweep", "--resume", "tiny"], { home });
    expect(code, stderr).toBe(0);
    expect(outcome(home)).toEqual(outcome(whole));
    expect(runRecord(home, run).status).toBe("finished");
  });

  it("is refused where nothing could come of it, and then leaves nothing behind", async () => {
    const home = join(folder, "refused");
    const none = await atelier(["sweep", recipe, "--over", "model.widht=16,32"], { home });
    expect(none.stderr).toMatch(/no setting "model\.widht" to vary\n {2}hint: did you mean "model\.width"\?/);
    const gone = await atelier(["sweep", join(folder, "gone.txt"), ...plan], { home });
    expect(gone.code).toBe(1);
    expect(existsSync(join(home, "sweeps", "tiny"))).toBe(false);
    const taken = await atelier(["sweep", recipe, ...plan], { home: whole });
    expect(taken.stderr).toMatch(/already a (run|model|sweep) "tiny/);
  });
});

/**
 * A run that is killed at any moment, stopped with Ctrl-C, or found with a damaged checkpoint goes on and ends in the same bits as one
 * that was never interrupted. Real processes, real signals.
 */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import {
  atelier,
  checkpointPath,
  checkpointSteps,
  copyHome,
  outcome,
  reached,
  runFolder,
  runRecord,
  startAtelier,
  workFolder,
  writeRecipe,
} from "./atelier.test-helpers.js";

const folder = workFolder();

/** Loaded before the program: it kills (or interrupts) itself at the n-th write or rename of a matching path. */
const killer = join(folder, "killer.cjs");
writeFileSync(
  killer,
  `const { match, count, when, signal } = JSON.parse(process.env.KILL_WHEN);
  const promises = require("node:fs/promises");
  let seen = 0;
  const hit = (path) => new RegExp(match).test(String(path)) && ++seen === count;
  const die = () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); };
  const { open, rename } = promises;
  promises.open = async (path, ...rest) => {
    const handle = await open(path, ...rest);
    if (when === "half written" && hit(path)) {
      handle.write = (bytes) => { require("node:fs").writeSync(handle.fd, bytes.subarray(0, bytes.length >> 1)); return die(); };
    }
    return handle;
  };
  promises.rename = async (from, to) => {
    const now = when !== "half written" && hit(to);
    if (now && when === "before renaming") return die();
    await rename(from, to);
    if (now && signal === "SIGINT") process.kill(process.pid, signal);
    else if (now) return die();
  };
  require("node:module").syncBuiltinESMExports();`,
);
const killedAt = (
  match: string,
  when: "half written" | "before renaming" | "after renaming",
  { count = 1, signal = "SIGKILL" } = {},
) => ({
  NODE_OPTIONS: `--require=${killer}`,
  KILL_WHEN: JSON.stringify({ match, count, when, signal }),
});

const recipes = {
  // Everything that carries state from step to step, or draws random numbers in one.
  everything: {
    model: { preset: "classic", dropout: 0.2, width: 48 },
    training: { accumulate: 3, averageDecay: 0.95, repeat: 4, steps: 80, optimiser: { kind: "adamw" } },
  },
  singly: { training: { repeat: 1, steps: 80 } },
} as const;

describe.each(Object.keys(recipes) as (keyof typeof recipes)[])("a run (%s)", (name) => {
  const home = join(folder, name);
  const recipe = writeRecipe(folder, name, recipes[name]);
  let whole: ReturnType<typeof outcome>;

  beforeAll(async () => {
    expect((await atelier(["train", recipe, "--name", "whole"], { home })).code).toBe(0);
    whole = outcome(home, "whole");
  });

  it("logs every step once, and learns", () => {
    const { repeat } = recipes[name].training;
    const trained = whole.metrics.filter((record) => record.loss !== undefined);
    expect(whole.step).toBe(80);
    expect(trained.map(({ step }) => step)).toEqual(Array.from({ length: 80 / repeat }, (_, i) => (i + 1) * repeat));
    expect(trained.at(-1)!.loss).toBeLessThan(0.8 * trained[0]!.loss!);
  });

  it("that is killed at random moments ends in the same bits", async () => {
    let child = startAtelier(["train", recipe, "--name", "killed"], { home });
    const killedAfter: number[] = [];
    for (;;) {
      const next = (checkpointSteps(home, "killed").at(-1) ?? 0) + 10;
      if (next > 60 || killedAfter.length === 5) break;
      await reached(home, "killed", next + 10 * Math.floor(Math.random() * 2), child);
      await sleep(Math.random() * 30);
      child.process.kill("SIGKILL");
      expect((await child.finished).signal ?? "ended").toMatch(/SIGKILL|ended/);
      killedAfter.push(checkpointSteps(home, "killed").at(-1)!);
      child = startAtelier(["train", "--resume", "killed"], { home });
    }
    const { code, stdout, stderr } = await child.finished;
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("goes on from step");
    expect(killedAfter.length).toBeGreaterThan(1);
    expect(outcome(home, "killed")).toEqual(whole);
    expect(readdirSync(join(runFolder(home, "killed"), "checkpoints")).filter((file) => file.startsWith("."))).toEqual(
      [],
    );
  });

  if (name !== "everything") return;

  it("that is killed while it writes ends in the same bits", async () => {
    const moments = [
      // Before there is any checkpoint: the codec, then the first checkpoint.
      killedAt("codec\\.json$", "before renaming"),
      killedAt("partial.*step-0000001", "half written"),
      killedAt("partial.*step-0000002", "half written"),
      killedAt("step-\\d+\\.safetensors$", "before renaming", { count: 2 }),
      killedAt("step-\\d+\\.safetensors$", "after renaming", { count: 2 }),
      // After the last step: the model, the report, the word that it is finished.
      killedAt("models/written$", "before renaming"),
      killedAt("models/written$", "after renaming"),
      killedAt("report\\.html$", "before renaming"),
      killedAt("report\\.html$", "after renaming"),
    ];
    for (const [i, environment] of moments.entries()) {
      const args = i === 0 ? [recipe, "--name", "written"] : ["--resume", "written"];
      const { signal, stderr } = await atelier(["train", ...args], { home, environment });
      expect(signal, `${environment.KILL_WHEN}: ${stderr}`).toBe("SIGKILL");
      expect(runRecord(home, "written").status).not.toBe("finished");
    }
    const { code, stderr } = await atelier(["train", "--resume", "written"], { home });
    expect(code, stderr).toBe(0);
    expect(outcome(home, "written")).toEqual(whole);
  });
});

it("stopped by Ctrl-C after its last step, while it is judged, is caught up on", async () => {
  const home = join(folder, "judging");
  const recipe = writeRecipe(folder, "judging", { training: { steps: 20 } });
  const environment = killedAt("step-00000020\\.safetensors$", "after renaming", { signal: "SIGINT" });
  const stopped = await atelier(["train", recipe, "--name", "late"], { home, environment });
  expect(stopped.code, stopped.stderr).toBe(130);
  expect(stopped.stderr).toMatch(/stopped and saved at step 20 of 20\ngo on with: atelier train --resume late\n$/);
  expect(runRecord(home, "late").status).toBe("stopped");
  expect(readdirSync(join(runFolder(home, "late"), "samples"))).toEqual([]);
  expect((await atelier(["train", "--resume", "late"], { home })).code).toBe(0);
  expect((await atelier(["train", recipe, "--name", "whole"], { home })).code).toBe(0);
  expect(outcome(home, "late")).toEqual(outcome(home, "whole"));
});

describe("a run that was stopped", () => {
  const home = join(folder, "stopping");
  const data = join(folder, "stopping.txt");
  let recipe = "";
  let whole: ReturnType<typeof outcome>;

  beforeAll(async () => {
    recipe = writeRecipe(folder, "stopping", {
      training: { repeat: 5, steps: 200, checkpointEvery: 20, evaluateEvery: 100 },
    });
    writeFileSync(data, readFileSync(join(folder, "sample.txt")));
    const settings = JSON.parse(readFileSync(recipe, "utf8")) as object;
    writeFileSync(recipe, JSON.stringify({ ...settings, data }));
    expect((await atelier(["train", recipe, "--name", "whole"], { home })).code).toBe(0);
    whole = outcome(home, "whole");

    const child = startAtelier(["train", recipe, "--name", "stopped"], { home });
    await reached(home, "stopped", 40, child);
    child.process.kill("SIGINT");
    const { code, stdout, stderr } = await child.finished;
    expect(code, stderr).toBe(130);
    expect(stderr).toMatch(/stopped and saved at step (\d+) of 200\n.*atelier train --resume stopped\n/);
    expect(stderr).not.toContain("error");
    expect(stdout).not.toContain("model   ");
  });

  it("by Ctrl-C has saved its step", async () => {
    const { status, step } = runRecord(home, "stopped");
    expect(status).toBe("stopped");
    expect(step).toBeLessThan(200);
    expect(checkpointSteps(home, "stopped").at(-1)).toBe(step);
  });

  it("under --json says so in one document", async () => {
    const there = copyHome(home, join(folder, "stopped-json"));
    const child = startAtelier(["train", "--resume", "stopped", "--json"], { home: there });
    const from = checkpointSteps(there, "stopped").at(-1)!;
    await reached(there, "stopped", from + 10, child);
    child.process.kill("SIGINT");
    const { code, stdout } = await child.finished;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "INTERRUPTED",
        message: expect.stringMatching(/^stopped and saved at step \d+ of 200$/),
        hint: "go on with: atelier train --resume stopped",
      },
    });
  });

  it.each([
    ["resumed", () => {}],
    ["resumed with the newest checkpoint cut short", (path: string) => truncateSync(path, 5000)],
    [
      "resumed with one bit of the newest checkpoint flipped",
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[20_000]! ^= 4;
        writeFileSync(path, bytes);
      },
    ],
  ])("and is %s ends in the same bits", async (what, damage) => {
    const there = copyHome(home, join(folder, what.replaceAll(" ", "-")));
    const [before, newest] = checkpointSteps(there, "stopped").slice(-2) as [number, number];
    damage(checkpointPath(there, "stopped", newest));
    const { code, stdout, stderr } = await atelier(["train", "--resume", "stopped"], { home: there });
    expect(code, stderr).toBe(0);
    const damaged = what !== "resumed";
    expect(stdout).toContain(`goes on from step ${damaged ? before : newest}`);
    expect(stderr.match(/^warning: .*$/gm) ?? []).toEqual(
      damaged
        ? [expect.stringMatching(new RegExp(`step-0*${newest}\\.safetensors is damaged.*earlier checkpoint`))]
        : [],
    );
    expect(outcome(there, "stopped")).toEqual(whole);
  });

  it("with every checkpoint damaged is refused", async () => {
    const there = copyHome(home, join(folder, "all-damaged"));
    for (const step of checkpointSteps(there, "stopped")) truncateSync(checkpointPath(there, "stopped", step), 100);
    const { code, stderr } = await atelier(["train", "--resume", "stopped"], { home: there });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: no checkpoint in .* can be read: .*\n {2}hint: .*new run\n$/);
  });

  it("and whose data have changed since is refused", async () => {
    const there = copyHome(home, join(folder, "changed"));
    const text = readFileSync(data);
    try {
      writeFileSync(data, `${text.toString()} And one word more.`);
      const { code, stderr } = await atelier(["train", "--resume", "stopped"], { home: there });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: The data of stopped \(.*stopping\.txt\) has changed since the run began\n/);
    } finally {
      writeFileSync(data, text);
    }
  });

  it("is held by one process at a time, which the second names", async () => {
    const there = copyHome(home, join(folder, "held"));
    const child = startAtelier(["train", "--resume", "stopped"], { home: there });
    try {
      await child.printed("goes on from step");
      child.process.kill("SIGSTOP");
      const [second, removing, listing] = await Promise.all([
        atelier(["train", "--resume", "stopped"], { home: there }),
        atelier(["runs", "remove", "stopped", "--yes"], { home: there }),
        atelier(["runs", "show", "stopped", "--json"], { home: there }),
      ]);
      for (const { code, stderr } of [second, removing]) {
        expect(code).toBe(1);
        expect(stderr).toMatch(new RegExp(`^error: process ${child.process.pid} is working on .*\n  hint: .*\n$`));
      }
      expect(JSON.parse(listing.stdout)).toMatchObject({ state: "running", pid: child.process.pid });
    } finally {
      child.process.kill("SIGKILL");
      await child.finished;
    }
    const { stdout } = await atelier(["runs", "--json"], { home: there });
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ name: "stopped", state: "interrupted", pid: null }),
    );
  });

  it("goes on no more once it is finished", async () => {
    const { code, stderr } = await atelier(["train", "--resume", "whole"], { home });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: The run whole is finished, at step 200\n {2}hint: .*\n$/);
  });
});

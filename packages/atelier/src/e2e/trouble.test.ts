/** Trouble in the middle of a training: numbers that explode, a disk that fills up. What was saved before stays, and the run goes on. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { readCheckpoint } from "../storage/checkpoint.js";
import {
  atelier,
  checkpointPath,
  checkpointSteps,
  outcome,
  reached,
  runRecord,
  startAtelier,
  workFolder,
  writeRecipe,
} from "./atelier.test-helpers.js";

const folder = workFolder();

describe("a loss that explodes", () => {
  const home = join(folder, "exploding");
  // The rate grows by one a step, without clipping: it works for a while.
  const recipe = writeRecipe(folder, "exploding", {
    model: { preset: "classic" },
    training: {
      repeat: 2,
      checkpointEvery: 4,
      clip: null,
      optimiser: { kind: "sgd", learningRate: 3e4, momentum: 0, nesterov: false },
      schedule: { kind: "cosine", warmup: 30_000 },
    },
  });
  const failure = /^The loss is no longer finite at step (\d+); the first bad gradient is that of "gpt\.[a-z0-9.]+"$/;

  it("stops with its step and the first bad parameter named, and keeps the last good checkpoint", async () => {
    const { code, stderr } = await atelier(["train", recipe, "--name", "boom"], { home });
    expect(code).toBe(1);
    const line = /^error: (.*)\n {2}hint: (.*)\n$/m.exec(stderr)!;
    expect(line[1]).toMatch(failure);
    const at = Number(failure.exec(line[1]!)![1]);
    const kept = checkpointSteps(home, "boom");
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.at(-1)).toBeLessThan(at);
    expect(kept.at(-1)).toBeGreaterThanOrEqual(at - 6);
    expect(line[2]).toContain(`The checkpoint of step ${kept.at(-1)} is kept`);
    expect(runRecord(home, "boom")).toMatchObject({ status: "failed", failure: line[1], step: kept.at(-1) });

    const { trees } = await readCheckpoint(checkpointPath(home, "boom", kept.at(-1)!));
    for (const tensors of Object.values(trees)) {
      for (const [path, { data }] of tensors) expect(data.every(Number.isFinite), path).toBe(true);
    }
  });

  it("is told again on resuming, with a warning first", async () => {
    const before = runRecord(home, "boom").failure;
    const { code, stdout, stderr } = await atelier(["train", "--resume", "boom", "--json"], { home });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^warning: boom failed before: The loss is no longer finite.*the same settings/);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "NON_FINITE", message: before } });
    expect(runRecord(home, "boom").status).toBe("failed");
    const listed = await atelier(["runs"], { home });
    expect(listed.stdout).toMatch(/^boom +failed +\d+\/60/m);
  });
});

describe("a disk that fills up", () => {
  const home = join(folder, "filling");
  const recipe = writeRecipe(folder, "filling", { training: { steps: 40, repeat: 5 } });
  const whole = async (): Promise<ReturnType<typeof outcome>> => {
    if (checkpointSteps(home, "whole").length === 0) {
      expect((await atelier(["train", recipe, "--name", "whole"], { home })).code).toBe(0);
    }
    return outcome(home, "whole");
  };
  const told = (stderr: string): string[] => stderr.match(/^(error| {2}hint):.*$/gm) ?? [];

  it("keeps the last good checkpoint, and the run goes on once there is room", async (context) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]).status !== 0) {
      return context.skip("a small file system cannot be mounted here (it takes root)");
    }
    const endless = ["train", recipe, "--name", "full", "--set", "training.steps=100000"];
    const child = startAtelier(endless, { home: disk });
    try {
      await reached(disk, "full", 20, child);
      // Again and again: what an older checkpoint leaves when it is removed is taken as well.
      while (child.process.exitCode === null) {
        spawnSync("dd", ["if=/dev/zero", `of=${join(disk, "ballast")}`, "bs=4k", "oflag=append", "conv=notrunc"]);
        await sleep(2);
      }
      const { code, stderr } = await child.finished;
      expect(code).toBe(1);
      expect(told(stderr)).toEqual([
        expect.stringMatching(/^error: cannot (write|append to) .*: the disk is full$/),
        expect.stringMatching(
          /^ {2}hint: The checkpoint of step \d+ is kept\. Free some space, then go on with: atelier train --resume full$/,
        ),
      ]);
      const kept = checkpointSteps(disk, "full").at(-1)!;
      await readCheckpoint(checkpointPath(disk, "full", kept));

      const again = await atelier(["train", "--resume", "full"], { home: disk });
      expect(again.code, again.stderr).toBe(1);
      expect(told(again.stderr)[0]).toMatch(/the disk is full$/);

      rmSync(join(disk, "ballast"));
      const resumed = startAtelier(["train", "--resume", "full"], { home: disk });
      await resumed.printed(`goes on from step ${kept.toLocaleString("en-US")}`);
      await reached(disk, "full", kept + 10, resumed);
      resumed.process.kill("SIGINT");
      expect((await resumed.finished).code).toBe(130);
    } finally {
      child.process.kill("SIGKILL");
      await child.finished;
      spawnSync("umount", [disk]);
    }
  });

  it("does no harm to the outcome: a limit on file sizes, then none, ends in the same bits", async () => {
    // The limit, in blocks of 512 bytes, lets everything pass but a checkpoint.
    const limited = await atelier(["train", recipe, "--name", "limited"], { home, limit: "ulimit -f 100" });
    expect(limited.code).toBe(1);
    expect(told(limited.stderr)).toEqual([
      expect.stringMatching(/^error: cannot write .*step-00000010\.safetensors: .*size limit/),
      expect.stringMatching(/^ {2}hint: It had no checkpoint yet\. .*--resume limited$/),
    ]);
    const resumed = await atelier(["train", "--resume", "limited"], { home });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(outcome(home, "limited")).toEqual(await whole());
  });
});

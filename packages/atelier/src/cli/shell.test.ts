import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { hostTensor } from "@atelier/engine/storage";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleForNode, startNode } from "../storage/child-process.test-helpers.js";
import { saveModel } from "../storage/model-directory.js";
import { RunDirectory } from "../storage/run-directory.js";
import { commandEntries } from "./commands/index.js";
import { createProgress, TimeLeft } from "./progress.js";
import { runCommandLine } from "./shell.js";

const root = mkdtempSync(join(tmpdir(), "atelier-cli-"));
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(root, "home-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. With `answer`, standard input is a terminal at which that is typed. */
async function atelier(
  args: readonly string[],
  answer?: string,
  environment: Record<string, string> = {},
): Promise<Ran> {
  const collect = (stream: PassThrough): (() => string) => {
    let text = "";
    stream.on("data", (data: Buffer) => {
      text += data.toString();
    });
    return () => text;
  };
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const [out, err] = [collect(stdout), collect(stderr)];
  if (answer !== undefined) stdin.write(`${answer}\n`);
  const code = await runCommandLine(
    args,
    {
      stdout: Object.assign(stdout, { isTTY: environment.TTY === "1" }),
      stderr: Object.assign(stderr, { isTTY: false }),
      stdin: Object.assign(stdin, { isTTY: answer !== undefined }),
      environment: { ATELIER_HOME: home, ...environment },
      signal: new AbortController().signal,
    },
    commandEntries,
  );
  await new Promise((resolve) => setImmediate(resolve));
  return { code, stdout: out(), stderr: err() };
}

async function someRun(name: string): Promise<void> {
  const run = await RunDirectory.create(home, name, {
    seed: 1,
    recipe: { family: "gpt" },
    versions: {},
    machine: {},
    data: { name: "test text" },
    totalSteps: 200,
  });
  await run.checkpoints.save({ step: 100, trees: {}, json: {} }, { best: { metric: "loss", value: 1.5 } });
  run.metrics.append({ step: 100, loss: 1.5 });
  await run.update({ status: "stopped", step: 100, results: { loss: 1.5 } });
  run.close();
}

const someModel = (name: string): Promise<string> =>
  saveModel(home, name, {
    family: "gpt",
    configuration: {},
    dataset: { name: "test text" },
    training: {},
    weights: new Map([["w", hostTensor(new Float32Array(1500))]]),
    codec: {},
    evidence: { loss: 1.5 },
    card: "",
  });

describe("the command line", () => {
  it("helps", async () => {
    const { code, stdout, stderr } = await atelier(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    const unwrapped = stdout.replace(/\s+/g, " ");
    for (const { name, summary } of commandEntries) expect(unwrapped).toContain(` ${name} ${summary}`);
    const remove = await atelier(["runs", "remove", "-h"]);
    expect(remove.stdout).toMatch(/Usage\n {2}atelier runs remove NAME \[OPTIONS\]/);
    expect(remove.stdout).toMatch(/-y, --yes +do not ask\n {6}--json/);
    expect(remove.stdout).toMatch(/Examples\n {2}atelier runs remove/);
    expect((await atelier(["runs", "--help"])).stdout).toMatch(/runs show +show a run/);
  });

  it("has every command's summary and name as the command itself says, with examples that begin alike", async () => {
    for (const entry of commandEntries) {
      const loaded = await entry.load();
      expect([loaded.name, loaded.summary]).toEqual([entry.name, entry.summary]);
      for (const command of "commands" in loaded ? Object.values(loaded.commands) : [loaded]) {
        expect(command.examples.length).toBeGreaterThan(0);
        for (const [line] of command.examples) expect(line).toMatch(new RegExp(`^atelier ${entry.name}\\b`));
      }
    }
  });

  it("prints its version", async () => {
    expect((await atelier(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [["run"], /^error: unknown command "run"\n {2}hint: did you mean atelier runs\?\n$/],
    [["runs", "shwo", "x"], /unknown command "runs shwo"\n {2}hint: did you mean atelier runs show\?/],
    [["runs", "constructor"], /unknown command/],
    [["runs", "--jason"], /unknown option --jason\n {2}hint: did you mean --json\?/],
    [["--versio"], /unknown option --versio/],
    [[], /no command given/],
    [["runs", "show"], /NAME is missing/],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await atelier(args);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, ""]);
  });

  it("under --json tells of failures as one document", async () => {
    const { code, stdout } = await atelier(["--json", "runs", "show", "nothing"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: "NOT_FOUND", message: expect.stringContaining('no run "nothing"'), hint: "there are no runs yet" },
    });
  });

  it("shows no stack trace, unless asked", async () => {
    expect((await atelier(["runs", "show", "x"])).stderr).not.toMatch(/\n\s+at /);
    expect((await atelier(["runs", "show", "x"], undefined, { ATELIER_DEBUG: "1" })).stderr).toMatch(/\n\s+at /);
  });

  it("is coloured on a terminal only, and not under NO_COLOR", async () => {
    const escapeCode = "\u001b[";
    expect((await atelier(["--help"])).stdout).not.toContain(escapeCode);
    expect((await atelier(["--help"], undefined, { TTY: "1" })).stdout).toContain(escapeCode);
    expect((await atelier(["--help"], undefined, { TTY: "1", NO_COLOR: "1" })).stdout).not.toContain(escapeCode);
  });
});

describe("runs", () => {
  it("are listed, shown and removed", async () => {
    expect((await atelier(["runs"])).stdout).toContain("no runs yet");
    await someRun("first");
    expect((await atelier(["runs"])).stdout).toMatch(/^RUN .*\nfirst +stopped +100\/200 +loss 1\.5 /);
    expect(JSON.parse((await atelier(["runs", "--json"])).stdout)).toMatchObject([
      { name: "first", state: "stopped", step: 100 },
    ]);
    expect((await atelier(["runs", "show", "first"])).stdout).toMatch(/best +step 100 \(loss 1\.5\)/);
    expect(JSON.parse((await atelier(["runs", "show", "first", "--json"])).stdout)).toMatchObject({
      seed: 1,
      checkpoints: [{ step: 100 }],
      lastMetrics: { step: 100, loss: 1.5 },
    });
    expect(await atelier(["runs", "remove", "first"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--yes"),
    });
    expect((await atelier(["runs", "remove", "first"], "n")).stdout).toBe("nothing was removed\n");
    expect((await atelier(["runs", "remove", "first"], "y")).stdout).toContain("removed");
    await someRun("second");
    expect(JSON.parse((await atelier(["runs", "remove", "second", "-y", "--json"])).stdout).removed).toContain(
      "second",
    );
    expect(JSON.parse((await atelier(["runs", "--json"])).stdout)).toEqual([]);
  });

  it("that are damaged are named, the others listed", async () => {
    await someRun("first");
    await someRun("second");
    writeFileSync(join(home, "runs", "first", "run.json"), "{}");
    const { code, stdout, stderr } = await atelier(["runs"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/first +unreadable\nsecond +stopped/)]);
    expect(stderr).toMatch(/warning: .*run\.json/);
  });
});

describe("models", () => {
  it("are listed, shown and removed", async () => {
    await someModel("mine");
    expect((await atelier(["models"])).stdout).toMatch(/mine +gpt +1,500 +6\.1 kB +test text/);
    expect(JSON.parse((await atelier(["models", "show", "mine", "--json"])).stdout)).toMatchObject({
      evidence: { loss: 1.5 },
    });
    expect(await atelier(["models", "show", "mien"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("did you mean mine?"),
    });
    expect((await atelier(["models", "remove", "mine", "--yes"])).stdout).toContain("removed");
    expect((await atelier(["models"])).stdout).toContain("no models yet");
  });
});

describe("data", () => {
  it("lists known datasets and shows files of one's own", async () => {
    expect((await atelier(["data"])).stdout).toMatch(/moby-dick/);
    writeFileSync(join(home, "text.txt"), "Call me Ishmael. — é");
    const { stdout } = await atelier(["data", "show", join(home, "text.txt"), "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ documents: 1, characters: 20, bytes: 23 });
    expect(await atelier(["data", "show", "moby-dik"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("moby-dick"),
    });
  });
});

describe("progress", () => {
  it("off a terminal prints a plain line every ten seconds, with time left, and the last at the end", () => {
    const lines: string[] = [];
    const stream = Object.assign(new PassThrough(), { isTTY: false });
    stream.on("data", (data: Buffer) => lines.push(data.toString()));
    let now = 0;
    const task = createProgress(stream, () => now).start({ label: "training", total: 1000, unit: "steps" });
    for (let step = 1; step <= 450; step++) {
      now += 50;
      task.update(step, "loss 2.5");
    }
    task.stop();
    task.stop();
    // 20 steps a second: at 200 of 1,000, forty seconds are left.
    expect(lines).toEqual([
      "training 200/1,000 steps (20 %) · 40 s left · loss 2.5\n",
      "training 400/1,000 steps (40 %) · 30 s left · loss 2.5\n",
      "training 450/1,000 steps (45 %) · loss 2.5\n",
    ]);
  });

  it("on a terminal draws a bar, gets out of the way of text, and leaves nothing behind", () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
    let shown = "";
    terminal.on("data", (data: Buffer) => {
      shown += data.toString();
    });
    const progress = createProgress(terminal);
    const task = progress.start({ label: "training", total: 100, unit: "steps" });
    task.update(50, "loss 2.5");
    progress.clear();
    terminal.write("a line\n");
    progress.start({ label: "evaluating", total: 10, unit: "windows" });
    task.stop();
    progress.stop();
    expect(shown).toMatch(/training ░+ 0 % · 0\/100 steps/);
    expect(shown).toMatch(/training █{6}░{6} 50 % · 50\/100 steps.* · loss 2\.5/);
    expect(shown).toMatch(/evaluating/);
    expect(shown).toContain("\r\u001b[Ka line\n");
    // The cursor never jumps to another row, the last line is wiped, and the cursor is visible again.
    expect(["\u001b7", "\u001b8"].filter((code) => shown.includes(code))).toEqual([]);
    expect(shown.endsWith("\u001b[1G\u001b[2K")).toBe(true);
    expect(shown.lastIndexOf("\u001b[?25h")).toBeGreaterThan(shown.lastIndexOf("\u001b[?25l"));
  });

  it("judges the time left by recent progress, also when resumed", () => {
    const time = new TimeLeft(1000, 500, 0);
    expect(time.after(500, 0)).toBeUndefined();
    expect(time.after(510, 1000)).toBe(49);
    for (let second = 2; second <= 60; second++) time.after(510 + second, 1000 * second);
    expect(time.after(571, 61_000)).toBeCloseTo(429, 5);
  });
});

describe("as a process", () => {
  let script: string;
  beforeAll(async () => {
    script = await bundleForNode(new URL("demo-main.test-helpers.ts", import.meta.url));
  });
  const environment = { ...process.env, ATELIER_HOME: root };

  it("keeps results on standard output and progress on standard error", async () => {
    const child = startNode(script, ["count", "--to", "3"], { env: environment });
    expect(await child.finished).toMatchObject({
      code: 0,
      stdout: "0\n1\n2\n",
      stderr: "counting 3/3 numbers (100 %)\n",
    });
    const json = startNode(script, ["count", "--to=3", "--json"], { env: environment });
    expect(JSON.parse((await json.finished).stdout)).toEqual({ counted: 3 });
  });

  it("stops in good order at the first Ctrl-C, with exit code 130", async () => {
    const child = startNode(script, ["count", "--to", "100000"], { env: environment });
    await child.printed("3\n");
    child.process.kill("SIGINT");
    const { code, stderr } = await child.finished;
    expect([code, stderr]).toEqual([130, expect.stringMatching(/stopping in good order.*\nsaved at \d+\n/)]);
  });

  it("ends at the second Ctrl-C whatever it does", async () => {
    const child = startNode(script, ["count", "--to", "100000", "--stubborn"], { env: environment });
    await child.printed("3\n");
    child.process.kill("SIGINT");
    await child.printed("press Ctrl-C again");
    child.process.kill("SIGINT");
    expect(await child.finished).toMatchObject({ code: 130, signal: null });
  });

  it("is quiet when nobody reads any more", async () => {
    const child = startNode(script, ["count", "--to", "100000"], { env: environment });
    await child.printed("3\n");
    child.process.stdout.destroy();
    const { code, stderr } = await child.finished;
    expect([code, stderr.replace(/^(counting.*|saved at \d+)\n/gm, "")]).toEqual([0, ""]);
  });

  it("exits with 2 for what it does not understand", async () => {
    expect(await startNode(script, ["count", "--too", "1"], { env: environment }).finished).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "error: count: unknown option --too\n  hint: did you mean --to?\n",
    });
  });
});

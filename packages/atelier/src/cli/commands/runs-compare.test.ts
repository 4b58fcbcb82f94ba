import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunDirectory } from "../../storage/run-directory.js";
import { runCommandLine } from "../shell.js";
import { commandEntries } from "./index.js";

const home = mkdtempSync(join(tmpdir(), "atelier-compare-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function someRun(name: string, width: number, losses: readonly number[]): Promise<void> {
  const run = await RunDirectory.create(home, name, {
    seed: 1,
    recipe: { family: "gpt", model: { width } },
    versions: {},
    machine: {},
    data: { name: "test text", fingerprint: "f" },
  });
  for (const [i, validationLoss] of losses.entries())
    run.metrics.append({ step: 10 * (i + 1), validationLoss, seconds: i + 1 });
  await run.update({ status: "finished", step: 30, results: { loss: losses.at(-1)! } });
  run.close();
}

beforeAll(async () => {
  await someRun("narrow", 64, [3, 2.5, 2.25]);
  await someRun("wide", 128, [2.5, 2, 1.5]);
});

async function atelier(
  args: readonly string[],
  columns?: number,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runCommandLine(
    args,
    {
      stdout: Object.assign(stdout, columns === undefined ? {} : { columns }),
      stderr: Object.assign(stderr, { isTTY: false }),
      stdin: Object.assign(new PassThrough(), { isTTY: false }),
      environment: { ATELIER_HOME: home },
      signal: new AbortController().signal,
    },
    commandEntries,
  );
  const read = (stream: PassThrough): string => String(stream.read() ?? "");
  return { code, stdout: read(stdout), stderr: read(stderr) };
}

describe("runs compare", () => {
  it("shows what differs, draws the curves where there is a terminal, and writes a page", async () => {
    const { stdout, code } = await atelier(["runs", "compare", "narrow", "wide"], 80);
    expect(code).toBe(0);
    expect(stdout).toMatch(/model\.width +64 +128\n/);
    expect(stdout).toMatch(/loss +2\.250 +1\.500\n/);
    const plot = stdout.split("\n").filter((line) => line.includes("│"));
    expect(plot).toHaveLength(12);
    // The wide run's curve ends lowest.
    expect(plot.at(-1)).toMatch(/B$/);
    expect(plot.findIndex((line) => line.endsWith("A"))).toBeLessThan(11);
    const report = join(home, "comparisons", "narrow+wide.html");
    expect(stdout).toContain(report);
    expect(readFileSync(report, "utf8")).toContain("line series-2");
  });

  it("is plain without a terminal, and one document under --json", async () => {
    expect((await atelier(["runs", "compare", "narrow", "wide"])).stdout).not.toContain("│");
    const { stdout } = await atelier(["runs", "compare", "narrow", "wide", "--json"], 80);
    const document: unknown = JSON.parse(stdout);
    expect(document).toMatchObject({
      runs: [{ name: "narrow", results: { loss: 2.25 }, seconds: 3 }, { name: "wide" }],
      settings: { "model.width": { narrow: "64", wide: "128" } },
      comparable: true,
    });
  });

  it("takes at least two, and knows none that is not there", async () => {
    expect(await atelier(["runs", "compare", "narrow"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/from 2 to 6 runs, got 1/),
    });
    expect((await atelier(["runs", "compare", "narrow", "wid"])).stderr).toMatch(/did you mean wide\?/);
    expect(existsSync(join(home, "comparisons", "narrow.html"))).toBe(false);
  });
});

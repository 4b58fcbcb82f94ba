import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { bundleForNode, startNode } from "./child-process.test-helpers.js";
import { RunLockedError } from "./errors.js";
import { acquireLock, lockHolder } from "./lock.js";

let script: string;
const root = mkdtempSync(join(tmpdir(), "atelier-lock-"));
let folder: string;
beforeAll(async () => {
  script = await bundleForNode(new URL("storage-child.test-helpers.ts", import.meta.url));
});
beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const lockFiles = (): string[] => readdirSync(folder).filter((name) => name.startsWith(".lock"));

it("is exclusive until released, and may be taken again after", () => {
  const lock = acquireLock(folder);
  expect(() => acquireLock(folder)).toThrow(RunLockedError);
  lock.release();
  lock.release();
  expect(lockHolder(folder)).toBeUndefined();
  const again = acquireLock(folder);
  expect(lockHolder(folder)).toMatchObject({ pid: process.pid, host: hostname() });
  again.release();
  expect(lockFiles()).toHaveLength(1);
});

it("names the process that holds it, and is taken over once that is killed", async () => {
  const child = startNode(script, ["hold", folder]);
  await child.printed("held");
  let refused: unknown;
  try {
    acquireLock(folder);
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(RunLockedError);
  expect(refused).toMatchObject({ code: "RUN_LOCKED", pid: child.process.pid });
  expect(String(refused)).toContain(`process ${child.process.pid} is working on ${folder}`);
  child.process.kill("SIGKILL");
  await child.finished;
  expect(lockHolder(folder)).toBeUndefined();
  acquireLock(folder).release();
});

const forged = (changes: object): string =>
  JSON.stringify({
    pid: process.pid,
    host: hostname(),
    since: "2026-01-01T00:00:00.000Z",
    released: false,
    ...changes,
  });

it.runIf(process.platform === "linux")("is not fooled by a recycled pid", () => {
  writeFileSync(join(folder, ".lock-000001"), forged({ started: "another boot:123" }));
  expect(lockHolder(folder)).toBeUndefined();
  acquireLock(folder).release();
});

it("without a start time a living pid counts; another machine's process cannot be checked and counts", () => {
  writeFileSync(join(folder, ".lock-000001"), forged({}));
  expect(() => acquireLock(folder)).toThrow(RunLockedError);
  writeFileSync(join(folder, ".lock-000001"), forged({ host: "elsewhere.example", pid: 1 }));
  expect(() => acquireLock(folder)).toThrow(/process 1 on elsewhere.example/);
});

it("a garbled lock file does not lock for ever", () => {
  writeFileSync(join(folder, ".lock-000007"), "{");
  acquireLock(folder).release();
  expect(lockFiles()).toEqual([".lock-000008"]);
});

it("is held by one at a time, however many contend, take over and are killed at once", async () => {
  writeFileSync(join(folder, ".lock-000001"), forged({ started: "dead" }));
  const contenders = Array.from({ length: 6 }, () => startNode(script, ["contend", folder, "40"]));
  const results = await Promise.all(contenders.map((child) => child.finished));
  expect(results.map(({ signal, stdout }) => signal ?? stdout)).toEqual(Array(6).fill("SIGKILL"));
  const lines = readFileSync(join(folder, "journal"), "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(2 * 6 * 40);
  for (let i = 0; i < lines.length; i += 2) {
    const [enter, leave] = [lines[i]!, lines[i + 1]!];
    expect([enter.slice(0, 6), leave]).toEqual(["enter ", enter.replace("enter", "leave")]);
  }
}, 30_000);

/** The `atelier` program as a real process, in a home of the test's own; what it is trained on; and what it leaves behind. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RandomKey } from "@atelier/engine/random";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { decodeCheckpoint } from "../storage/checkpoint.js";
import { type Child, type Finished, start, startNode } from "../storage/child-process.test-helpers.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Why the command line could not be built; empty where it was. */
    buildFailure: string;
  }
}

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** A folder that lasts as long as the calling test file, which fails at once where the program could not be built. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "atelier-e2e-"));
  beforeAll(() => expect(inject("buildFailure")).toBe(""));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Situation {
  readonly home: string;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: number;
  /** Shell commands before it, such as a limit. */
  readonly limit?: string;
}

const LATENT = ["reconstruct", "interpolate", "walk", "latent-map", "anomalies"];
/** Commands that compute: several run side by side in the tests, so each gets one thread. */
const COMPUTING = ["train", "generate", "fill", "embed", "score", "reproduce", "evaluate", ...LATENT];

/** Starts `atelier` with these arguments. */
export function startAtelier(given: readonly string[], { home, cwd, environment, user, limit }: Situation): Child {
  const args = COMPUTING.includes(given[0] ?? "") ? [...given, "--threads", "1"] : given;
  const options = {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ATELIER_DEBUG: "", ...environment, ATELIER_HOME: home },
    ...(user === undefined ? {} : { uid: user, gid: user }),
  };
  if (limit === undefined) return startNode(MAIN, args, options);
  return start("sh", ["-c", `${limit}; exec "$0" "$@"`, process.execPath, MAIN, ...args], options);
}

export const atelier = (args: readonly string[], situation: Situation): Promise<Finished> =>
  startAtelier(args, situation).finished;

/** Runs a command that has to succeed, under `--json`, and returns its document. */
export async function atelierJson(args: readonly string[], situation: Situation): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await atelier([...args, "--json"], situation);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Record<string, unknown>;
}

const WORDS =
  "the whale sea ship captain old and of a in white upon boat men harpoon deep wind sail night day he was".split(" ");

/** A text that can be learnt from and is the same everywhere: sentences of drawn words, `characters` long. */
export function sampleText(characters: number, seed = 1): string {
  const draws = RandomKey.fromSeed(seed).bits(new Uint32Array(characters));
  let text = "";
  for (let i = 0; text.length < characters; i++) {
    const word = WORDS[draws[i]! % WORDS.length]!;
    text += draws[i]! % 11 === 0 ? `${word}.\n` : `${word} `;
  }
  return text.slice(0, characters);
}

/** Writes a recipe over a sample text into a folder and returns its path. */
export function writeRecipe(folder: string, name: string, settings: { model?: object; training?: object }): string {
  const data = join(folder, "sample.txt");
  if (!existsSync(data)) writeFileSync(data, sampleText(30_000));
  const recipe = {
    data,
    seed: 3,
    model: { layers: 2, heads: 2, width: 32, context: 32, ...settings.model },
    training: { steps: 60, batch: 4, checkpointEvery: 10, evaluateEvery: 20, ...settings.training },
  };
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(recipe));
  return path;
}

export const runFolder = (home: string, name: string): string => join(home, "runs", name);

const listing = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** Steps that have a checkpoint, ascending. */
export const checkpointSteps = (home: string, name: string): number[] =>
  listing(join(runFolder(home, name), "checkpoints"))
    .flatMap((file) => /^step-(\d+)\.safetensors$/.exec(file)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

export const checkpointPath = (home: string, name: string, step: number): string =>
  join(runFolder(home, name), "checkpoints", `step-${String(step).padStart(8, "0")}.safetensors`);

export const runRecord = (home: string, name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(runFolder(home, name), "run.json"), "utf8")) as Record<string, unknown>;

/** Resolves once a run has a checkpoint of this step or a later one. */
export async function reached(home: string, name: string, step: number, child: Child): Promise<void> {
  let ended = false;
  void child.finished.then(() => {
    ended = true;
  });
  while ((checkpointSteps(home, name).at(-1) ?? -1) < step) {
    if (ended) throw new Error(`it ended before step ${step}: ${(await child.finished).stderr}`);
    await sleep(2);
  }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/**
 * Everything of a finished run that must not depend on how often it was interrupted: the hash of every tensor of the last checkpoint
 * and of the model's weights, and the metrics but for their times.
 */
export function outcome(home: string, name: string) {
  const last = checkpointSteps(home, name).at(-1)!;
  const path = checkpointPath(home, name, last);
  const { step, trees } = decodeCheckpoint(readFileSync(path), path);
  const tensors = Object.entries(trees).flatMap(([tree, leaves]) =>
    [...leaves].map(([leaf, { shape, data }]) => {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      return `${tree}/${leaf} ${shape} ${sha256(bytes)}`;
    }),
  );
  const metrics = readFileSync(join(runFolder(home, name), "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { seconds: _, ...rest } = JSON.parse(line) as { step: number; seconds: number; loss?: number };
      return rest;
    });
  const weights = sha256(readFileSync(join(home, "models", name, "weights.safetensors")));
  return { step, tensors, metrics, weights };
}

/** Paths, sizes and times of everything in a folder: equal before and after where nothing was touched. */
export function snapshot(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return (readdirSync(folder, { recursive: true }) as string[]).sort().map((file) => {
    const { size, mtimeMs } = statSync(join(folder, file));
    return statSync(join(folder, file)).isDirectory() ? file : `${file} ${size} ${mtimeMs}`;
  });
}

export const copyHome = (from: string, to: string): string => {
  cpSync(from, to, { recursive: true });
  return to;
};

/** What every refusal looks like: one line, perhaps a hint, and nothing else; the same under `--json`, unless that is left out. */
export async function refused(
  args: readonly string[],
  situation: Situation,
  expected: {
    readonly code: string;
    readonly says: RegExp;
    readonly hint?: RegExp;
    readonly exit?: number;
    readonly json?: boolean;
  },
): Promise<void> {
  const before = snapshot(situation.home);
  const [plain, json] = await Promise.all([
    atelier(args, situation),
    expected.json === false ? undefined : atelier([...args, "--json"], situation),
  ]);
  const shown = /^error: (?<message>[^\n]+)\n(?: {2}hint: (?<hint>[^\n]+)\n)?$/.exec(plain.stderr)?.groups;
  expect({ stdout: plain.stdout, stderr: plain.stderr, shown: shown !== undefined }).toMatchObject({
    stdout: "",
    shown: true,
  });
  expect(shown!.message).toMatch(expected.says);
  if (expected.hint !== undefined) expect(shown!.hint).toMatch(expected.hint);
  expect(plain.code).toBe(expected.exit ?? 1);
  expect(snapshot(situation.home)).toEqual(before);
  if (json === undefined) return;
  expect(json.code).toBe(plain.code);
  expect(JSON.parse(json.stdout)).toEqual({
    error: { code: expected.code, message: shown!.message, hint: shown!.hint ?? null },
  });
  expect(json.stderr).toBe(plain.stderr);
}

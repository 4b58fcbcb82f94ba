/**
 * A sweep on the disk: the folder `<home>/sweeps/<name>/` with
 *
 *     sweep.json     what is varied, how, and what every trial so far came to; written anew, atomically, after each
 *     report.html    best.json (the winning recipe, ready for `atelier train`)
 *
 * Its trials are ordinary runs, `<home>/runs/<name>-01` and so on.
 */
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { nearest } from "@atelier/engine/nearest";
import { z } from "zod";
import { exists } from "../storage/atomic.js";
import { NotFoundError, RunExistsError } from "../storage/errors.js";
import { jsonRecord, readJson } from "../storage/json-file.js";
import { lockHolder } from "../storage/lock.js";
import { foldersWith } from "../storage/names.js";
import { type Dimension, parseDimension } from "./dimension.js";
import { drawTrials, METHODS, type Rung, rungsOf, type Settings, type Trial, trialRecipe } from "./plan.js";

const SWEEP_FILE = "sweep.json";

/** What one trial came to at one rung: figures, or why there are none. */
const resultSchema = z.strictObject({
  trial: z.number().int().positive(),
  rung: z.number().int().nonnegative(),
  run: z.string(),
  steps: z.number().int().nonnegative(),
  /** Seconds of training, over all sittings. */
  seconds: z.number().nonnegative().optional(),
  figures: z.record(z.string(), z.number()).optional(),
  failure: z.string().optional(),
});
export type TrialResult = z.infer<typeof resultSchema>;

export const sweepSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
  status: z.enum(["running", "stopped", "finished"]),
  /** The recipe that is varied, as it was given. */
  recipe: jsonRecord,
  /** `SETTING=VALUES`, one for each dimension. */
  over: z.array(z.string()).min(1),
  method: z.enum(METHODS),
  trials: z.number().int().positive(),
  eta: z.number().int().min(2),
  seed: z.number().int().nonnegative(),
  /** The figure of the runs that decides; less is better. */
  metric: z.string(),
  device: z.enum(["cpu", "webgpu", "cuda"]).optional(),
  threads: z.number().int().positive().optional(),
  /** The data's fingerprint, once a trial has read it: figures on other data would not compare. */
  fingerprint: z.string().optional(),
  results: z.array(resultSchema),
});
export type SweepRecord = z.infer<typeof sweepSchema>;

/** Everything that follows from a record: never stored, always the same. */
export interface SweepPlan {
  readonly dimensions: readonly Dimension[];
  readonly trials: readonly Trial[];
  readonly rungs: readonly Rung[];
}

export function planOfSweep({ over, trials: count, seed, method, eta }: SweepRecord): SweepPlan {
  const dimensions = over.map(parseDimension);
  const trials = drawTrials(dimensions, count, seed);
  return { dimensions, trials, rungs: rungsOf(method, trials.length, eta) };
}

export const sweepPaths = (directory: string) => ({
  sweep: join(directory, SWEEP_FILE),
  report: join(directory, "report.html"),
  best: join(directory, "best.json"),
});

export const sweepsFolder = (home: string): string => join(home, "sweeps");

/** The run of a trial at a rung: `whale-03`, and below the last rung `whale-03-rung1`. */
export function runName(record: SweepRecord, plan: SweepPlan, trial: number, rung: number): string {
  const number = String(trial).padStart(Math.max(2, String(plan.trials.length).length), "0");
  return `${record.name}-${number}${rung === plan.rungs.length - 1 ? "" : `-rung${rung + 1}`}`;
}

/** The figure that decides, of a result that has one. */
export const scoreOf = (record: SweepRecord, result: TrialResult): number | undefined =>
  result.figures?.[record.metric];

/** The results of one rung that have figures, best first; of equal ones the earlier trial. */
export function ranked(record: SweepRecord, rung: number): TrialResult[] {
  const score = (result: TrialResult): number => scoreOf(record, result) ?? Number.POSITIVE_INFINITY;
  return record.results
    .filter((result) => result.rung === rung && scoreOf(record, result) !== undefined)
    .sort((a, b) => score(a) - score(b) || a.trial - b.trial);
}

/** The trials of a rung: all of them, or the best of the rung before, once that is complete; undefined before. */
export function participants(record: SweepRecord, plan: SweepPlan, rung: number): readonly Trial[] | undefined {
  if (rung === 0) return plan.trials;
  const before = participants(record, plan, rung - 1);
  const done = new Set(record.results.filter((result) => result.rung === rung - 1).map(({ trial }) => trial));
  if (before === undefined || !before.every(({ number }) => done.has(number))) return undefined;
  const best = ranked(record, rung - 1).slice(0, plan.rungs[rung]!.trials);
  return best.map(({ trial }) => plan.trials[trial - 1]!).sort((a, b) => a.number - b.number);
}

/** A trial as people look at it. */
export interface TrialSummary {
  readonly trial: number;
  readonly settings: Settings;
  /** `dropped`: others of its rung were better. */
  readonly status: "finished" | "dropped" | "failed" | "waiting";
  /** The figure that decides, at the highest rung it reached. */
  readonly score: number | undefined;
  readonly figures: Readonly<Record<string, number>> | undefined;
  /** That rung, from 0; −1 of a trial that has none yet. */
  readonly rung: number;
  /** Steps made at it. */
  readonly steps: number;
  /** Seconds over all rungs. */
  readonly seconds: number;
  /** Its run at the highest rung. */
  readonly run: string | undefined;
  readonly failure: string | undefined;
}

/** All trials, best first: a higher rung before a lower one, then the lower score; the failed and the waiting last. */
export function summarise(record: SweepRecord): TrialSummary[] {
  const plan = planOfSweep(record);
  const last = plan.rungs.length - 1;
  const goesOn = plan.rungs.map((_, k) => {
    const trials = participants(record, plan, k);
    return trials === undefined ? undefined : new Set(trials.map(({ number }) => number));
  });
  const rows = plan.trials.map(({ number, settings }): TrialSummary => {
    const own = record.results.filter(({ trial }) => trial === number).sort((a, b) => a.rung - b.rung);
    const failed = own.find(({ failure }) => failure !== undefined);
    const top = own.filter((result) => scoreOf(record, result) !== undefined).at(-1);
    const status = (): TrialSummary["status"] => {
      if (failed !== undefined) return "failed";
      if (top === undefined) return "waiting";
      if (top.rung === last) return "finished";
      return goesOn[top.rung + 1]?.has(number) === false ? "dropped" : "waiting";
    };
    return {
      trial: number,
      settings,
      status: status(),
      score: top === undefined ? undefined : scoreOf(record, top),
      figures: top?.figures,
      rung: top?.rung ?? -1,
      steps: top?.steps ?? 0,
      seconds: own.reduce((sum, { seconds = 0 }) => sum + seconds, 0),
      run: top?.run,
      failure: failed?.failure,
    };
  });
  // Of those without a score the waiting come before the failed.
  const place = ({ score, status }: TrialSummary): number =>
    score ?? (status === "failed" ? Number.POSITIVE_INFINITY : Number.MAX_VALUE);
  return rows.sort((a, b) => b.rung - a.rung || (place(a) === place(b) ? a.trial - b.trial : place(a) - place(b)));
}

/** Steps of a trial at a rung; 0 where its recipe cannot be. */
export function stepsOf(record: SweepRecord, { settings }: Trial, { share }: Rung): number {
  try {
    return trialRecipe(record.recipe, settings, share).steps;
  } catch {
    return 0;
  }
}

/** The folder of a sweep, by name or path. @throws {NotFoundError} with the nearest name. */
export async function findSweep(home: string, nameOrPath: string): Promise<string> {
  const parent = sweepsFolder(home);
  for (const path of [join(parent, nameOrPath), resolve(nameOrPath)])
    if (await exists(join(path, SWEEP_FILE))) return path;
  const names = await foldersWith(parent, SWEEP_FILE);
  const guess = nearest(nameOrPath, names);
  throw new NotFoundError(`there is no sweep "${nameOrPath}" in ${parent}`, {
    hint: guess !== undefined ? `did you mean ${guess}?` : "see them all with: atelier sweeps",
  });
}

export interface SweepSummary {
  readonly directory: string;
  readonly record: SweepRecord;
  /** `interrupted`: it says "running", but its process is gone. */
  readonly state: SweepRecord["status"] | "interrupted";
}

/** Reads a sweep without locking it. @throws {NotFoundError} @throws {FormatError} */
export async function readSweep(home: string, nameOrPath: string): Promise<SweepSummary> {
  const directory = await findSweep(home, nameOrPath);
  const record = await readJson(sweepPaths(directory).sweep, sweepSchema);
  const abandoned = record.status === "running" && lockHolder(directory) === undefined;
  return { directory, record, state: abandoned ? "interrupted" : record.status };
}

/** All sweeps of a home, oldest first. One that cannot be read is listed with its error instead. */
export async function listSweeps(home: string): Promise<{ name: string; sweep: SweepSummary | Error }[]> {
  const names = await foldersWith(sweepsFolder(home), SWEEP_FILE);
  const sweeps = await Promise.all(
    names.map(async (name) => ({
      name,
      sweep: await readSweep(home, name).catch((error: unknown) =>
        error instanceof Error ? error : new NotFoundError(String(error)),
      ),
    })),
  );
  const created = ({ sweep }: (typeof sweeps)[number]): string => (sweep instanceof Error ? "" : sweep.record.created);
  return sweeps.sort((a, b) => created(a).localeCompare(created(b)) || a.name.localeCompare(b.name));
}

/** @throws {RunExistsError} where a run or model already has a name that one of the sweep's runs will take. */
export async function namesAreFree(home: string, record: SweepRecord, plan: SweepPlan): Promise<void> {
  const taken = new Map<string, string>();
  for (const [folder, kind] of [
    ["models", "model"],
    ["runs", "run"],
  ] as const)
    for (const name of await readdir(join(home, folder)).catch(() => [])) taken.set(name, kind);
  for (const { number } of plan.trials) {
    for (const rung of plan.rungs.keys()) {
      const name = runName(record, plan, number, rung);
      const kind = taken.get(name);
      if (kind === undefined) continue;
      throw new RunExistsError(`there is already a ${kind} "${name}", a name that a trial of this sweep would take`, {
        hint: `choose another --name, or remove it: atelier ${kind}s remove ${name}`,
      });
    }
  }
}

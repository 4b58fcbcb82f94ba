/** What came of a sweep, from its record and the files around it. */
import { join, relative } from "node:path";
import { exists } from "../storage/atomic.js";
import { type SweepRecord, summarise, sweepPaths, type TrialSummary } from "./record.js";

export interface SweepResult {
  readonly name: string;
  readonly directory: string;
  readonly status: "finished" | "stopped";
  /** The figure that decided; less is better. */
  readonly metric: string;
  /** Best first. */
  readonly trials: readonly TrialSummary[];
  /** Undefined where no trial has a figure. */
  readonly best: SweepBest | undefined;
  readonly report: string;
}

export interface SweepBest extends TrialSummary {
  /** Path of its recipe, at full length. */
  readonly recipe: string;
  /** The command that trains it. */
  readonly command: string;
  /** Its model's folder, where it was trained to the end. */
  readonly model: string | undefined;
}

export async function resultOf(home: string, directory: string, record: SweepRecord): Promise<SweepResult> {
  const paths = sweepPaths(directory);
  const trials = summarise(record);
  const status = record.status === "finished" ? "finished" : "stopped";
  const best = trials[0]?.score === undefined ? undefined : await bestOf(home, paths.best, record, trials[0]);
  return { name: record.name, directory, status, metric: record.metric, trials, best, report: paths.report };
}

async function bestOf(home: string, recipe: string, record: SweepRecord, first: TrialSummary): Promise<SweepBest> {
  const model = first.status === "finished" && first.run !== undefined ? join(home, "models", first.run) : undefined;
  return {
    ...first,
    recipe,
    command: trainCommand(recipe, `${record.name}-best`),
    model: model !== undefined && (await exists(model)) ? model : undefined,
  };
}

/** `atelier train …`, to be copied into a shell. */
function trainCommand(recipe: string, name: string): string {
  const near = relative(process.cwd(), recipe);
  const path = near.startsWith("..") ? recipe : near;
  return `atelier train ${/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`} --name ${name}`;
}

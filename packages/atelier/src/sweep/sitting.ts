/**
 * One sitting of a sweep: trial after trial, until all are made or it is asked to stop. Whatever a trial came to is written down before
 * the next begins, and a run knows how to go on by itself, so a sweep that is stopped or killed at any moment goes on where it was.
 */
import { join } from "node:path";
import { AtelierError } from "@atelier/engine/errors";
import { renderSweepReport } from "../report/sweep-report.js";
import { exists, writeAtomic, writeJsonAtomic } from "../storage/atomic.js";
import { NotFoundError } from "../storage/errors.js";
import { removeModel } from "../storage/model-directory.js";
import { findRun, readRun, readRunMetrics } from "../storage/run-directory.js";
import { resume, type TrainEvent, train } from "../training/train.js";
import { SweepError } from "./errors.js";
import type { SweepEvent, SweepWorkOptions } from "./events.js";
import { type Rung, type Trial, trialRecipe, withSettings } from "./plan.js";
import {
  participants,
  planOfSweep,
  runName,
  type SweepPlan,
  type SweepRecord,
  stepsOf,
  sweepPaths,
  sweepSchema,
  type TrialResult,
} from "./record.js";
import { resultOf, type SweepResult } from "./result.js";

/** What can be wrong with a trial's settings, when others of the same sweep may well be right. */
const OF_THE_TRIAL: ReadonlySet<string> = new Set([
  "BAD_RECIPE",
  "INVALID_ARGUMENT",
  "SHAPE_MISMATCH",
  "NON_FINITE",
  "OUT_OF_MEMORY",
  "TEXT_TOO_SHORT",
]);

/** Works in a folder that this process holds. */
export class SweepSitting {
  readonly #directory: string;
  readonly #options: SweepWorkOptions;
  readonly #plan: SweepPlan;
  readonly #event: (event: SweepEvent) => void;
  /** Steps by rung and trial. */
  readonly #steps: readonly (readonly number[])[];
  #record: SweepRecord;

  constructor(directory: string, record: SweepRecord, options: SweepWorkOptions) {
    this.#directory = directory;
    this.#record = record;
    this.#options = options;
    this.#plan = planOfSweep(record);
    this.#steps = this.#plan.rungs.map((rung) => this.#plan.trials.map((trial) => stepsOf(record, trial, rung)));
    this.#event = options.onEvent ?? (() => {});
  }

  /** Whether any trial has left something. */
  async began(): Promise<boolean> {
    return this.#record.results.length > 0 || (await this.#hasRun(runName(this.#record, this.#plan, 1, 0)));
  }

  async run(): Promise<SweepResult> {
    const stop = new AbortController();
    const { signal, minutes } = this.#options;
    const abort = (): void => stop.abort();
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
    const timer = minutes === undefined ? undefined : setTimeout(abort, minutes * 60_000);
    try {
      await this.#update({ status: "running" });
      this.#event({ kind: "sweep", record: this.#record, plan: this.#plan, directory: this.#directory });
      const complete = await this.#trials(stop.signal);
      return await this.#finish(complete);
    } catch (error) {
      await this.#update({ status: "stopped" }).catch(() => {});
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Makes all trials that are not made yet; false where it was stopped. */
  async #trials(signal: AbortSignal): Promise<boolean> {
    for (const [k, rung] of this.#plan.rungs.entries()) {
      for (const trial of participants(this.#record, this.#plan, k)!) {
        if (this.#record.results.some((result) => result.trial === trial.number && result.rung === k)) continue;
        if (signal.aborted) return false;
        const result = await this.#trial(trial, k, rung, signal);
        if (result === undefined) return false;
        await this.#update({ results: [...this.#record.results, result] });
        this.#event({ kind: "result", trial, result, score: result.figures?.[this.#record.metric] });
        this.#progress();
      }
    }
    return true;
  }

  /** Trains one trial, or goes on with its run. Undefined where it was stopped. */
  async #trial(trial: Trial, k: number, rung: Rung, signal: AbortSignal): Promise<TrialResult | undefined> {
    const run = runName(this.#record, this.#plan, trial.number, k);
    const result = { trial: trial.number, rung: k, run };
    const steps = this.#steps[k]![trial.number - 1]!;
    this.#event({ kind: "trial", trial, rung: k, run, steps });
    this.#progress();
    const { home } = this.#options;
    const shared = {
      home,
      signal,
      device: this.#record.device,
      threads: this.#record.threads,
      onEvent: (event: TrainEvent) => {
        this.#event({ kind: "train", trial, event });
        if (event.kind === "steps") this.#progress(event.step);
      },
    };
    try {
      if (await this.#hasRun(run)) {
        const { record } = await readRun(home, join(home, "runs", run));
        if (record.status === "failed") return { ...result, steps, failure: record.failure ?? "its run failed" };
        if (record.status !== "finished" && (await resume(join(home, "runs", run), shared)).status === "stopped")
          return undefined;
      } else {
        const { recipe } = trialRecipe(this.#record.recipe, trial.settings, rung.share);
        if ((await train(recipe, { ...shared, name: run })).status === "stopped") return undefined;
      }
    } catch (error) {
      if (signal.aborted && error instanceof Error && error.name === "AbortError") return undefined;
      // A run that began with these settings cannot be refused for them: then something else has changed, such as the data.
      const its = AtelierError.isInstance(error) && OF_THE_TRIAL.has(error.code);
      if (!its || (error.code !== "NON_FINITE" && (await this.#hasRun(run)))) throw error;
      return { ...result, steps, failure: error.message };
    }
    return { ...result, ...(await this.#figures(run)) };
  }

  /** What a finished run says of itself: one place for runs that ended here and runs that ended before a kill. */
  async #figures(run: string): Promise<Pick<TrialResult, "steps" | "seconds" | "figures" | "failure">> {
    const { record, directory } = await readRun(this.#options.home, join(this.#options.home, "runs", run));
    const { fingerprint } = record.data;
    if (typeof fingerprint === "string" && fingerprint !== (this.#record.fingerprint ?? fingerprint)) {
      throw new SweepError(`the data of ${this.#record.name} has changed since its first trial`, {
        hint: "restore the files, or start a new sweep",
      });
    }
    if (typeof fingerprint === "string") this.#record = { ...this.#record, fingerprint };
    const { metric } = this.#record;
    const seconds = (await readRunMetrics(directory)).at(-1)?.seconds;
    return {
      steps: record.step,
      ...(typeof seconds === "number" ? { seconds } : {}),
      ...(record.results?.[metric] === undefined
        ? { failure: `its run has no ${metric}` }
        : { figures: record.results }),
    };
  }

  async #hasRun(name: string): Promise<boolean> {
    return findRun(this.#options.home, join(this.#options.home, "runs", name)).then(
      () => true,
      (error: unknown) => {
        if (error instanceof NotFoundError) return false;
        throw error;
      },
    );
  }

  /** @param within steps made in the trial at work. */
  #progress(within = 0): void {
    const made = new Set(this.#record.results.map(({ trial, rung }) => `${trial} ${rung}`));
    let total = 0;
    let left = 0;
    for (const [k, rung] of this.#plan.rungs.entries()) {
      const steps = this.#steps[k]!;
      const everyone = steps.reduce((sum, each) => sum + each, 0);
      // Who will be in a later rung is not known yet: as many as planned, of the usual length.
      const planned = k === 0 ? everyone : (everyone / steps.length) * rung.trials;
      const known = participants(this.#record, this.#plan, k);
      total += planned;
      left +=
        known === undefined
          ? planned
          : known.reduce((sum, { number }) => sum + (made.has(`${number} ${k}`) ? 0 : steps[number - 1]!), 0);
    }
    const done = Math.min(total, Math.max(0, total - left + within));
    this.#event({ kind: "progress", done: Math.round(done), total: Math.round(total) });
  }

  async #finish(complete: boolean): Promise<SweepResult> {
    const record: SweepRecord = { ...this.#record, status: complete ? "finished" : "stopped" };
    const result = await resultOf(this.#options.home, this.#directory, record);
    const { best, report } = result;
    if (best !== undefined) await writeJsonAtomic(best.recipe, withSettings(record.recipe, best.settings));
    if (complete) await this.#removeModelsBut(best?.run);
    await writeAtomic(report, await renderSweepReport(this.#options.home, record, this.#plan, result));
    // Last of all: whatever was cut off before is made once more on resuming.
    await this.#update({ status: record.status });
    return result;
  }

  /** The runs of all trials stay, with their checkpoints; of their models only the winner's is of use. */
  async #removeModelsBut(winner: string | undefined): Promise<void> {
    for (const { run } of this.#record.results) {
      const model = join(this.#options.home, "models", run);
      if (run !== winner && (await exists(model))) await removeModel(this.#options.home, model);
    }
  }

  async #update(changes: Partial<SweepRecord>): Promise<void> {
    const record = { ...this.#record, ...changes, updated: new Date().toISOString() };
    await writeJsonAtomic(sweepPaths(this.#directory).sweep, sweepSchema.parse(record));
    this.#record = record;
  }
}

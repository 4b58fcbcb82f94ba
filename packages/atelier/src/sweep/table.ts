/** A sweep's result as people read it: the same table on the terminal and in the report. */
import { formatCount, formatDuration } from "../cli/format.js";
import type { TrialSummary } from "./record.js";

/** A value of a setting: words as they are, the rest as JSON. */
export const settingText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

export interface SweepTable {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly right: readonly string[];
}

/** Settings by the shortest ends of their names that tell them apart: `learningRate`, not `training.optimiser.learningRate`. */
function shortNames(names: readonly string[]): string[] {
  return names.map((name) => {
    const parts = name.split(".");
    for (let length = 1; length < parts.length; length++) {
      const end = parts.slice(-length).join(".");
      if (names.filter((other) => other === end || other.endsWith(`.${end}`)).length === 1) return end;
    }
    return name;
  });
}

/** One row a trial, in the order given. */
export function sweepTable(metric: string, trials: readonly TrialSummary[]): SweepTable {
  const names = Object.keys(trials[0]?.settings ?? {});
  const short = shortNames(names);
  const metricHeading = metric === "bitsPerByte" ? "bits/byte" : metric;
  return {
    headings: ["trial", ...short, metricHeading, "steps", "time", "status"],
    rows: trials.map(({ trial, settings, score, steps, seconds, status }) => [
      String(trial),
      ...names.map((name) => settingText(settings[name])),
      score === undefined ? "" : score.toFixed(4),
      steps === 0 ? "" : formatCount(steps),
      seconds === 0 ? "" : seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds),
      status,
    ]),
    right: ["trial", ...short, metricHeading, "steps", "time"],
  };
}

/** In one or two sentences: what was best, of how many, and what stands in the way of trusting it. */
export function sweepVerdict(metric: string, trials: readonly TrialSummary[]): string {
  const of = (status: TrialSummary["status"]): number => trials.filter((trial) => trial.status === status).length;
  const [best] = trials;
  const judged = trials.filter(({ score }) => score !== undefined).length;
  const count = (n: number): string => `${formatCount(n)} trial${n === 1 ? "" : "s"}`;
  const open = of("waiting") === 0 ? "" : ` ${count(of("waiting"))} of ${formatCount(trials.length)} still to make.`;
  const failed = of("failed") === 0 ? "" : ` ${count(of("failed"))} failed.`;
  if (best?.score === undefined) return `No trial has come to a figure.${failed}${open}`;
  const settings = Object.entries(best.settings).map(([name, value]) => `${name} = ${settingText(value)}`);
  const figure = metric === "loss" ? "validation loss" : metric === "bitsPerByte" ? "bits per byte" : metric;
  const next = trials.find((trial) => trial !== best && trial.score !== undefined && trial.rung === best.rung);
  const margin = next === undefined ? "" : ` (the next, trial ${next.trial}: ${next.score!.toFixed(4)})`;
  return (
    `Best of ${count(judged)} is trial ${best.trial}: ${figure} ${best.score.toFixed(4)} after ${formatCount(best.steps)} steps${margin}, ` +
    `with ${settings.join(", ")}.${failed}${open}`
  );
}

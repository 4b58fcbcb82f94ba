/** Gathers what a finished run knows into its report. */
import type { Evidence } from "../evaluation/metrics/evidence.js";
import type { Recipe } from "../recipe/schema.js";
import {
  lossPoints,
  type MetricsRecord,
  type RunDirectory,
  readMetrics,
  warningsOf,
  writeAtomic,
} from "../storage/index.js";
import type { Findings, JudgedRival, Subject } from "../training/subject.js";
import { rateAt } from "./learning-rate.js";
import { type ReportPhase, renderReport } from "./report.js";

export interface FinishedRun {
  readonly run: RunDirectory;
  readonly recipe: Recipe;
  readonly subject: Subject;
  readonly evidence: Evidence;
  readonly findings: Findings;
  readonly rival: JudgedRival;
  /** Steps made, and how long they took. */
  readonly step: number;
  readonly seconds: number;
  readonly parameters: number;
}

export async function writeRunReport(finished: FinishedRun): Promise<void> {
  const { run, recipe, subject, evidence, findings, rival, step, seconds, parameters } = finished;
  const metrics = await readMetrics(run.paths.metrics);
  const html = renderReport({
    title: run.record.name,
    subtitle: subject.words.subtitle,
    verdict: evidence.verdict?.summary ?? "",
    created: run.record.created,
    baselineName: rival.name,
    figures: findings.figures,
    training: lossPoints(metrics, "loss"),
    validation: lossPoints(metrics, "validationLoss"),
    baselineLoss: rival.score.loss,
    lossUnit: findings.lossUnit,
    judgedBy: findings.judgedBy,
    phases: findings.judgedBy === undefined ? [] : phasesOf(metrics),
    warnings: warningsOf(metrics),
    learningRate: learningRates(recipe),
    samples: findings.samples,
    pictures: findings.pictures,
    steps: run.record.step,
    seconds,
    seen: { count: step * subject.unitsAStep, unit: subject.unit },
    parameters,
    seed: recipe.seed,
    configuration: recipe,
    data: { ...subject.card },
    machine: run.record.machine,
    versions: run.record.versions,
  });
  await writeAtomic(run.paths.report, [Buffer.from(html)]);
}

/** The losses of phases that have a turn in every step. */
function phasesOf(metrics: readonly MetricsRecord[]): ReportPhase[] {
  const [first = {}] = metrics;
  const names = Object.keys(first).filter((name) => name.endsWith(".loss"));
  const steps = lossPoints(metrics, "loss").length;
  return names
    .map((name) => ({ name: name.slice(0, -".loss".length), loss: lossPoints(metrics, name) }))
    .filter(({ loss }) => loss.length === steps);
}

function learningRates(recipe: Recipe): { step: number; rate: number }[] {
  const { steps } = recipe.training;
  const shown = Math.min(steps, 200);
  return Array.from({ length: shown + 1 }, (_, i) => {
    const step = Math.round((i / shown) * (steps - 1));
    return { step, rate: rateAt(recipe, step) };
  });
}

/** Gathers what a finished run knows into its report. */
import type { JudgedBaseline, LanguageScore } from "../evaluation/judgement.js";
import type { Evidence } from "../evaluation/metrics/evidence.js";
import type { ModelSamples } from "../evaluation/samples.js";
import type { Recipe } from "../recipe/schema.js";
import { lossPoints, type RunDirectory, readMetrics, writeAtomic } from "../storage/index.js";
import type { Corpus } from "../training/corpus.js";
import { rateAt } from "./learning-rate.js";
import { renderReport } from "./report.js";

export interface FinishedRun {
  readonly run: RunDirectory;
  readonly recipe: Recipe;
  readonly corpus: Corpus;
  readonly evidence: Evidence;
  readonly score: LanguageScore;
  readonly baseline: JudgedBaseline;
  readonly samples: readonly ModelSamples[];
  readonly seconds: number;
  readonly parameters: number;
  readonly tokens: number;
}

export async function writeRunReport(finished: FinishedRun): Promise<void> {
  const { run, recipe, corpus, evidence, score, baseline, samples, seconds, parameters, tokens } = finished;
  const { name: baselineName } = baseline.baseline;
  const metrics = await readMetrics(run.paths.metrics);
  const figure = (name: string, of: (s: LanguageScore) => number, unit?: string) => ({
    name,
    model: of(score),
    baseline: of(baseline.score),
    better: "lower" as const,
    ...(unit === undefined ? {} : { unit }),
  });
  const html = renderReport({
    title: run.record.name,
    subtitle: `${recipe.family} on ${corpus.dataset.card.title}, ${corpus.codec.name}, vocabulary ${corpus.codec.spec.vocabulary}`,
    verdict: evidence.verdict?.summary ?? "",
    created: run.record.created,
    baselineName,
    figures: [
      figure("Loss", (s) => s.loss, "nats per token"),
      figure("Perplexity", (s) => s.perplexity),
      figure("Bits per byte", (s) => s.bitsPerByte),
    ],
    training: lossPoints(metrics, "loss"),
    validation: lossPoints(metrics, "validationLoss"),
    baselineLoss: baseline.score.loss,
    lossUnit: "nats per token",
    learningRate: learningRates(recipe),
    samples,
    steps: run.record.step,
    seconds,
    seen: { count: tokens, unit: "tokens" },
    parameters,
    seed: recipe.seed,
    configuration: recipe,
    data: { ...corpus.dataset.card },
    machine: run.record.machine,
    versions: run.record.versions,
  });
  await writeAtomic(run.paths.report, [Buffer.from(html)]);
}

function learningRates(recipe: Recipe): { step: number; rate: number }[] {
  const { steps } = recipe.training;
  const shown = Math.min(steps, 200);
  return Array.from({ length: shown + 1 }, (_, i) => {
    const step = Math.round((i / shown) * (steps - 1));
    return { step, rate: rateAt(recipe, step) };
  });
}

/** The end of a training: everything is measured, and the model, its card, its evidence and the report are written. */
import { join } from "node:path";
import type { RandomKey } from "@atelier/engine";
import type { Energy } from "../energy/energy.js";
import { evaluateModel } from "../evaluation/evaluation.js";
import type { Judge, JudgedBaseline, LanguageScore } from "../evaluation/judgement.js";
import type { Evidence } from "../evaluation/metrics/evidence.js";
import { BITS_PER_BYTE } from "../evaluation/metrics/language.js";
import { COPYING_SHARE } from "../evaluation/metrics/samples.js";
import type { ModelSamples } from "../evaluation/samples.js";
import { verdict } from "../evaluation/verdict.js";
import type { Weights } from "../families/text-family.js";
import { type Goal, goalOf } from "../model/goal.js";
import { saveTrainedModel } from "../model/save.js";
import { writeRunReport } from "../report/run-report.js";
import { type LossPoint, lossPoints, type MetricsRecord, readMetrics, writeAtomic } from "../storage/index.js";
import { versionsOf } from "./machine.js";
import { tokensAStep } from "./plan.js";
import type { TrainingParts } from "./training.js";

export interface Conclusion extends TrainingParts {
  readonly judge: Judge;
  readonly weights: Weights;
  readonly parameters: number;
  /** Steps made. */
  readonly step: number;
  readonly baseline: JudgedBaseline;
  readonly key: RandomKey;
  readonly seconds: number;
  readonly energy: Energy | undefined;
}

export interface Concluded {
  readonly score: LanguageScore;
  readonly samples: readonly ModelSamples[];
  readonly evidence: Evidence;
  readonly goal: Goal | undefined;
  /** The saved model's folder. */
  readonly model: string;
}

export async function conclude(conclusion: Conclusion): Promise<Concluded> {
  const { run, recipe, corpus, model, options, event, judge, weights, step, baseline, key, seconds } = conclusion;
  const evaluation = await evaluateModel({
    model,
    weights,
    judge,
    corpus,
    baseline,
    key,
    on: options,
    signal: options.signal,
    onProgress: (stage, done, total) => event({ kind: "stage", stage, done, total }),
  });
  const { score, samples, measures } = evaluation;
  const metrics = await readMetrics(run.paths.metrics);
  // A run that was killed after this line finishes once more: no figure stands twice.
  if (!metrics.some((record) => record.step === step && record.validationLoss !== undefined)) {
    run.metrics.append({ step, validationLoss: score.loss, validationTokens: score.tokens, seconds });
  }
  const found = verdict({
    quality: measures.find(({ name }) => name === BITS_PER_BYTE)!,
    copying: measures.find(({ name }) => name === COPYING_SHARE),
    trainingLoss: lossPoints(metrics, "loss"),
    validationLoss: comparable(metrics),
    settings: { steps: recipe.training.steps, ...model.configuration },
  });
  await writeAtomic(join(run.paths.samples, "final.txt"), [
    Buffer.from(samples.map((sample) => sample.model).join("\n\n---\n\n")),
  ]);
  const { card } = corpus.dataset;
  const evidence: Evidence = {
    protocol: judge.protocol,
    data: { name: card.name, fingerprint: card.fingerprint, split: "validation" },
    measures: [...measures],
    verdict: found,
    ...(conclusion.energy === undefined ? {} : { energy: conclusion.energy }),
    date: new Date().toISOString(),
    versions: await versionsOf(),
  };
  const saved = await saveTrainedModel({ ...conclusion, evidence, samples });
  await writeRunReport({
    ...conclusion,
    evidence,
    score,
    samples,
    tokens: step * tokensAStep(recipe),
  });
  // Last of all: whatever was cut off before is made once more on resuming.
  await run.update({
    status: "finished",
    step,
    results: {
      loss: score.loss,
      perplexity: score.perplexity,
      bitsPerByte: score.bitsPerByte,
      baselineLoss: baseline.score.loss,
      baselineBitsPerByte: baseline.score.bitsPerByte,
    },
  });
  return { score, samples, evidence, goal: goalOf(recipe.goal, measures), model: saved };
}

/** Evaluations along the way judge a part of the held-out text, all of them the same. */
function comparable(metrics: readonly MetricsRecord[]): LossPoint[] {
  const judged = metrics.filter((record) => typeof record.validationLoss === "number");
  return lossPoints(
    judged.filter((record) => record.validationTokens === judged[0]!.validationTokens),
    "validationLoss",
  );
}

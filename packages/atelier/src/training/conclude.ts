/** The end of a training: everything is measured, and the model, its card, its evidence and the report are written. */
import { join } from "node:path";
import type { RandomKey } from "@atelier/engine";
import type { Energy } from "../energy/energy.js";
import type { Evidence } from "../evaluation/metrics/evidence.js";
import { verdict } from "../evaluation/verdict.js";
import { type Goal, goalOf } from "../model/goal.js";
import { saveTrainedModel } from "../model/save.js";
import { writeRunReport } from "../report/run-report.js";
import {
  figuresSince,
  type LossPoint,
  lossPoints,
  type MetricsRecord,
  readMetrics,
  writeAtomic,
} from "../storage/index.js";
import { versionsOf } from "./machine.js";
import type { Examiner, Findings, JudgedRival, ModelState } from "./subject.js";
import type { TrainingParts } from "./training.js";

export interface Conclusion extends TrainingParts {
  readonly examiner: Examiner;
  readonly state: ModelState;
  readonly parameters: number;
  /** Steps made. */
  readonly step: number;
  readonly baseline: JudgedRival;
  readonly key: RandomKey;
  readonly seconds: number;
  readonly energy: Energy | undefined;
}

export interface Concluded {
  readonly findings: Findings;
  readonly evidence: Evidence;
  readonly goal: Goal | undefined;
  /** The saved model's folder. */
  readonly model: string;
}

export async function conclude(conclusion: Conclusion): Promise<Concluded> {
  const { run, recipe, subject, options, event, examiner, state, step, baseline, key, seconds } = conclusion;
  const metrics = await readMetrics(run.paths.metrics);
  const findings = await examiner.examine({
    state,
    history: figuresSince(metrics),
    key,
    signal: options.signal,
    onProgress: (stage, done, total) => event({ kind: "stage", stage, done, total }),
  });
  const { score, count, samples, pictures, measures } = findings;
  for (const message of findings.warnings ?? []) event({ kind: "warning", message });
  // A run that was killed after this line finishes once more: no figure stands twice.
  if (!metrics.some((record) => record.step === step && record.validationLoss !== undefined)) {
    const judged = { step, validationLoss: score.loss, validationTokens: count, seconds };
    run.metrics.append({ ...judged, ...(findings.warnings?.length ? { warnings: findings.warnings } : {}) });
  }
  const found = verdict({
    quality: findings.quality,
    copying: findings.copying,
    // What is judged by something else need not follow the loss.
    trainingLoss: findings.judgedBy === undefined ? lossPoints(metrics, "loss") : [],
    validationLoss: comparable(metrics),
    data: subject.unit === "pictures" ? "pictures" : "text",
    judgedBy: findings.judgedBy,
    settings: { steps: recipe.training.steps, ...findings.settings },
  });
  if (samples.length > 0) {
    const texts = samples.map((sample) => sample.model).join("\n\n---\n\n");
    await writeAtomic(join(run.paths.samples, "final.txt"), [Buffer.from(texts)]);
  }
  for (const { file, bytes } of pictures) await writeAtomic(join(run.paths.samples, file), [bytes]);
  const { name, fingerprint } = subject.card;
  const evidence: Evidence = {
    protocol: findings.protocol,
    data: { name, fingerprint, split: "validation" },
    measures: [...measures],
    ...(findings.remarks === undefined ? {} : { remarks: [...findings.remarks] }),
    verdict: found,
    ...(conclusion.energy === undefined ? {} : { energy: conclusion.energy }),
    date: new Date().toISOString(),
    versions: await versionsOf(),
  };
  const saved = await saveTrainedModel({ ...conclusion, evidence, findings });
  await writeRunReport({ ...conclusion, evidence, findings, rival: baseline });
  // Last of all: whatever was cut off before is made once more on resuming.
  await run.update({ status: "finished", step, results: { ...findings.results } });
  return { findings, evidence, goal: goalOf(recipe.goal, measures), model: saved };
}

/** Evaluations along the way judge a part of the held-out data, all of them the same. */
function comparable(metrics: readonly MetricsRecord[]): LossPoint[] {
  const judged = metrics.filter((record) => typeof record.validationLoss === "number");
  return lossPoints(
    judged.filter((record) => record.validationTokens === judged[0]!.validationTokens),
    "validationLoss",
  );
}

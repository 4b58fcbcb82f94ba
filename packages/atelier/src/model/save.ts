/** Saves what was trained as a model: weights, codec, model card, evidence, and pictures of samples. */
import type { Evidence } from "../evaluation/metrics/evidence.js";
import type { Recipe } from "../recipe/schema.js";
import { type RunDirectory, saveModel } from "../storage/index.js";
import type { FullTrainOptions } from "../training/events.js";
import type { Findings, ModelState, Subject } from "../training/subject.js";
import { modelCard } from "./card.js";
import { weightsOf } from "./weights.js";

export interface TrainedModel {
  readonly run: RunDirectory;
  readonly recipe: Recipe;
  readonly subject: Subject;
  readonly state: ModelState;
  readonly parameters: number;
  readonly evidence: Evidence;
  readonly findings: Findings;
  /** Steps made, and how long they took. */
  readonly step: number;
  readonly seconds: number;
  readonly options: Pick<FullTrainOptions, "home">;
}

/** Writes `<home>/models/<run name>` and returns the folder. */
export function saveTrainedModel(trained: TrainedModel): Promise<string> {
  const { recipe, subject, state, step, seconds, options, findings } = trained;
  const run = trained.run.record;
  return saveModel(options.home, run.name, {
    family: subject.family,
    configuration: subject.configuration,
    dataset: { ...subject.card, ...(subject.curation === undefined ? {} : { curation: subject.curation }) },
    training: {
      run: run.name,
      recipe,
      seed: run.seed,
      steps: step,
      seconds,
      versions: run.versions,
      machine: run.machine,
    },
    weights: weightsOf(state),
    codec: subject.codec.toJSON(),
    evidence: trained.evidence,
    card: modelCard(trained),
    pictures: new Map(findings.pictures.map(({ file, bytes }) => [file, bytes])),
  });
}

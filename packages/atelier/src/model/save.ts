/** Saves what was trained as a model: weights, codec, model card, evidence. */
import { flattenTree, type HostTensor } from "@atelier/engine";
import type { Evidence } from "../evaluation/metrics/evidence.js";
import type { ModelSamples } from "../evaluation/samples.js";
import type { TextModel, Weights } from "../families/text-family.js";
import type { Recipe } from "../recipe/schema.js";
import { type RunDirectory, saveModel } from "../storage/index.js";
import type { Corpus } from "../training/corpus.js";
import type { FullTrainOptions } from "../training/events.js";
import { modelCard } from "./card.js";

export interface TrainedModel {
  readonly run: RunDirectory;
  readonly recipe: Recipe;
  readonly corpus: Corpus;
  readonly model: TextModel;
  readonly weights: Weights;
  readonly parameters: number;
  readonly evidence: Evidence;
  readonly samples: readonly ModelSamples[];
  /** Steps made, and how long they took. */
  readonly step: number;
  readonly seconds: number;
  readonly options: Pick<FullTrainOptions, "home">;
}

/** Writes `<home>/models/<run name>` and returns the folder. */
export function saveTrainedModel(trained: TrainedModel): Promise<string> {
  const { recipe, corpus, model, weights, step, seconds, options } = trained;
  const run = trained.run.record;
  return saveModel(options.home, run.name, {
    family: model.family.name,
    configuration: { ...model.configuration },
    dataset: {
      ...corpus.dataset.card,
      ...(corpus.curation === undefined ? {} : { curation: corpus.curation }),
    },
    training: {
      run: run.name,
      recipe,
      seed: run.seed,
      steps: step,
      seconds,
      versions: run.versions,
      machine: run.machine,
    },
    weights: new Map(flattenTree<HostTensor>(weights)),
    codec: corpus.codec.toJSON(),
    evidence: trained.evidence,
    card: modelCard(trained),
  });
}

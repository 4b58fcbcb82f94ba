/** Measures a saved model: on the validation split of its own data, or on all of other texts or pictures. */
import { type DatasetProgress, openTextDataset, TokenStream } from "@atelier/data";
import { ArgumentError, RandomKey } from "@atelier/engine";
import type { Placement } from "../families/text-family.js";
import { type Goal, goalOf } from "../model/goal.js";
import type { LoadedModel, LoadedTextModel } from "../model/load.js";
import type { SamplingRequest } from "../pictures/sampling.js";
import { resolveTextRecipe } from "../recipe/resolve.js";
import type { Recipe } from "../recipe/schema.js";
import { openCorpus } from "../training/corpus.js";
import { versionsOf } from "../training/machine.js";
import type { Findings, Score, Subject, SubjectCard } from "../training/subject.js";
import { textSubject } from "../training/text-subject.js";
import type { Evidence } from "./metrics/evidence.js";

export interface EvaluateOptions extends Placement {
  readonly home: string;
  /** A dataset's name or a path; by default the model's own validation split. */
  readonly data?: string | undefined;
  /** Of picture models: what pictures are compared by, and how many; by default as the recipe says. */
  readonly extractor?: string | undefined;
  readonly samples?: number | undefined;
  /** Of diffusion models: how pictures are drawn; by default as the recipe says. */
  readonly sampling?: SamplingRequest | undefined;
  /** Of models that are asked in words: drawn as well, and shown beside the training pictures nearest to them. */
  readonly prompts?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onData?: ((progress: DatasetProgress) => void) | undefined;
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface Evaluated extends Pick<Findings, "score" | "measures" | "samples" | "pictures"> {
  /** What was judged, in words. */
  readonly data: string;
  /** What stands beside it, on the same data. */
  readonly baseline: Score & { readonly name: string };
  readonly warnings: readonly string[];
  readonly evidence: Evidence;
  /** Whether the goal of the recipe is reached; undefined where it has none, or another text was judged. */
  readonly goal: Goal | undefined;
}

/** @throws typed errors of the dataset, and {TextTooShortError} where there is nothing to predict. */
export async function evaluateLoaded(loaded: LoadedModel, options: EvaluateOptions): Promise<Evaluated> {
  if (loaded.medium === "pictures") {
    const { pictureSubjectOf } = await import("../pictures/evaluate-pictures.js");
    return judged(loaded, await pictureSubjectOf(loaded, options), options);
  }
  return judged(loaded, await textOf(loaded, options), options);
}

/** What a saved model is judged on. */
export interface Judging {
  readonly subject: Pick<Subject, "card" | "examiner">;
  readonly seed: number;
  readonly goal: Recipe["goal"];
  /** Whether it is not the model's own held-out data, and all of it is judged. */
  readonly other?: SubjectCard | undefined;
}

async function judged(
  { state }: LoadedModel,
  { subject, seed, goal, other }: Judging,
  { signal, onProgress, device, threads }: EvaluateOptions,
): Promise<Evaluated> {
  const examiner = subject.examiner({ device, threads });
  try {
    const { name: rival, score } = await examiner.baseline();
    const findings = await examiner.examine({ state, key: RandomKey.fromSeed(seed), signal, onProgress });
    const { name, fingerprint, title } = other ?? subject.card;
    return {
      score: findings.score,
      measures: findings.measures,
      samples: findings.samples,
      pictures: findings.pictures,
      warnings: findings.warnings ?? [],
      baseline: { name: rival, ...score },
      data: other === undefined ? `the validation split of ${title}` : title,
      goal: other === undefined ? goalOf(goal, findings.measures) : undefined,
      evidence: {
        protocol: findings.protocol,
        data: { name, fingerprint, split: other === undefined ? "validation" : "all" },
        measures: [...findings.measures],
        ...(findings.remarks === undefined ? {} : { remarks: [...findings.remarks] }),
        date: new Date().toISOString(),
        versions: await versionsOf(),
      },
    };
  } finally {
    await examiner.release();
  }
}

async function textOf(
  { model, record }: LoadedTextModel,
  { home, data: asked, signal, onData, onWarning }: EvaluateOptions,
): Promise<Judging> {
  const trained = record.training.recipe;
  const recipe = resolveTextRecipe(trained ?? { data: requireData(asked, record.name) });
  // Of a model from elsewhere the text is divided: the baseline learns from one part, and both are judged on the other.
  const data = trained === undefined ? undefined : asked;
  const own = await openCorpus(recipe, {
    home,
    codec: model.codec.toJSON(),
    signal,
    onProgress: onData,
    inspect: ({ card }) => {
      if (trained !== undefined && card.fingerprint !== record.dataset.fingerprint)
        onWarning?.(`the data is no longer what ${record.name} was trained on`);
    },
  });
  const other = data === undefined ? undefined : await openTextDataset(data, { home, signal, onProgress: onData });
  const corpus =
    other === undefined
      ? own
      : { ...own, validation: await TokenStream.fromDocuments(other.documents(signal), model.codec), heldOut: [] };
  return { subject: textSubject(recipe, corpus, model), seed: recipe.seed, goal: recipe.goal, other: other?.card };
}

function requireData(data: string | undefined, model: string): string {
  if (data !== undefined) return data;
  throw new ArgumentError(`${model} was not trained here, so there is no held-out text of its own to judge it on`, {
    hint: `Say on what: atelier evaluate ${model} --data texts.txt`,
  });
}

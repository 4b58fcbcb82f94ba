/** Measures a saved model: on the validation split of its own data, or on all of another text. */
import { type DatasetProgress, openTextDataset, TokenStream } from "@atelier/data";
import { ArgumentError, RandomKey } from "@atelier/engine";
import type { Placement } from "../families/text-family.js";
import { type Goal, goalOf } from "../model/goal.js";
import type { LoadedModel } from "../model/load.js";
import { resolveRecipe } from "../recipe/resolve.js";
import { openCorpus } from "../training/corpus.js";
import { versionsOf } from "../training/machine.js";
import { type Evaluation, evaluateModel } from "./evaluation.js";
import { type LanguageScore, scoreOf } from "./judgement.js";
import type { Evidence } from "./metrics/evidence.js";

export interface EvaluateOptions extends Placement {
  readonly home: string;
  /** A dataset's name or a path; by default the model's own validation split. */
  readonly data?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onData?: ((progress: DatasetProgress) => void) | undefined;
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface Evaluated extends Evaluation {
  /** What was judged, in words. */
  readonly data: string;
  /** The n-gram model's score, on the same windows. */
  readonly baseline: LanguageScore & { readonly name: string };
  readonly evidence: Evidence;
  /** Whether the goal of the recipe is reached; undefined where it has none, or another text was judged. */
  readonly goal: Goal | undefined;
}

/** @throws typed errors of the dataset, and {TextTooShortError} where there is nothing to predict. */
export async function evaluateLoaded(
  { model, weights, record }: LoadedModel,
  { home, data: asked, signal, onData, onProgress, onWarning, ...on }: EvaluateOptions,
): Promise<Evaluated> {
  const trained = record.training.recipe;
  const recipe = resolveRecipe(trained ?? { data: requireData(asked, record.name) });
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
  const ngram = model.baseline(own.train);
  const judgement = await ngram.judge(corpus.validation);
  const rival = scoreOf(judgement);
  const judge = model.judge(on);
  try {
    const evaluation = await evaluateModel({
      model,
      weights,
      judge,
      corpus,
      baseline: { baseline: ngram, judgement, score: rival },
      key: RandomKey.fromSeed(recipe.seed),
      on,
      signal,
      onProgress,
    });
    const { name, fingerprint, title } = (other ?? own.dataset).card;
    return {
      ...evaluation,
      baseline: { name: ngram.name, ...rival },
      data: other === undefined ? `the validation split of ${title}` : title,
      goal: other === undefined ? goalOf(recipe.goal, evaluation.measures) : undefined,
      evidence: {
        protocol: judge.protocol,
        data: { name, fingerprint, split: other === undefined ? "validation" : "all" },
        measures: [...evaluation.measures],
        date: new Date().toISOString(),
        versions: await versionsOf(),
      },
    };
  } finally {
    await judge.release();
  }
}

function requireData(data: string | undefined, model: string): string {
  if (data !== undefined) return data;
  throw new ArgumentError(`${model} was not trained here, so there is no held-out text of its own to judge it on`, {
    hint: `Say on what: atelier evaluate ${model} --data texts.txt`,
  });
}

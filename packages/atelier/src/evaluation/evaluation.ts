/**
 * Everything that is measured of a trained model, in order: how well it predicts held-out text, what its samples are like, how well it
 * fills gaps in code. What a model cannot do is not asked of it. The same at the end of a training and for `atelier evaluate`.
 */
import type { RandomKey } from "@atelier/engine";
import type { Placement, TextGenerator, TextModel, Weights } from "../families/text-family.js";
import type { Corpus } from "../training/corpus.js";
import { type Judge, type JudgedBaseline, type LanguageScore, scoreOf } from "./judgement.js";
import { languageMeasures } from "./metrics/language.js";
import type { Measure } from "./metrics/measure.js";
import { heldOutPassages, memorisation } from "./metrics/memorisation.js";
import { sampleMeasures } from "./metrics/samples.js";
import { type ModelSamples, SAMPLE_TEMPERATURE, sampleModel } from "./samples.js";
import { beginningText, documentsOf } from "./stream-text.js";

export interface Evaluation {
  readonly score: LanguageScore;
  readonly measures: readonly Measure[];
  /** A few, to look at. */
  readonly samples: readonly ModelSamples[];
}

export interface EvaluationRequest {
  readonly model: TextModel;
  readonly weights: Weights;
  readonly judge: Judge;
  readonly corpus: Corpus;
  /** As it judged the validation split. */
  readonly baseline: JudgedBaseline;
  readonly key: RandomKey;
  readonly on: Placement;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
}

/** Samples made side by side, and their length. */
const SAMPLES = 32;
const CHARACTERS = 300;
const SHOWN = 3;
/** Held-out text that passages are cut from to compare samples with, in tokens. */
const PASSAGES = 1_000_000;

export async function evaluateModel(request: EvaluationRequest): Promise<Evaluation> {
  const { model, weights, judge, corpus, baseline, key, signal, onProgress } = request;
  const judgement = await judge.judge(weights, corpus.validation, {
    signal,
    onProgress: (done, total) => onProgress?.("predicting held-out text", done, total),
  });
  const measures = languageMeasures({
    model: judgement,
    baseline: { name: baseline.baseline.name, judgement: baseline.judgement },
    protocol: judge.protocol,
    key: key.split("windows"),
  });
  const score = scoreOf(judgement);
  const { generator: make } = model;
  if (make === undefined) return { score, measures, samples: [] };
  const generator = make(request.weights, request.on);
  try {
    const writing = await judgeSamples(request, generator);
    measures.push(...writing.measures);
    if (corpus.heldOut.length > 0) measures.push(...(await judgeFilling(request, generator)));
    return { score, measures, samples: writing.samples };
  } finally {
    await generator.release();
  }
}

async function judgeFilling(
  { model, corpus, baseline, key, signal, onProgress }: EvaluationRequest,
  generator: TextGenerator,
): Promise<Measure[]> {
  // With a parser behind it, which other models have no use for.
  const { fillMeasures } = await import("./fills.js");
  return fillMeasures({
    model,
    generator,
    baseline: baseline.baseline,
    documents: corpus.heldOut,
    key: key.split("fills"),
    signal,
    onProgress: (done, total) => onProgress?.("filling gaps", done, total),
  });
}

async function judgeSamples(
  { model, corpus, baseline, key, signal, onProgress }: EvaluationRequest,
  generator: TextGenerator,
): Promise<{ readonly measures: Measure[]; readonly samples: readonly ModelSamples[] }> {
  const { train, validation } = corpus;
  const { texts, shown } = await sampleModel({
    generator,
    context: model.configuration.context,
    baseline: baseline.baseline,
    codec: model.codec,
    validation,
    key: key.split("samples"),
    count: SAMPLES,
    shown: SHOWN,
    characters: CHARACTERS,
    signal,
    onProgress: (done, total) => onProgress?.("writing samples", done, total),
  });
  const text = beginningText(validation, model.codec, PASSAGES);
  const heldOut = heldOutPassages(text, texts, key.split("passages"));
  const training = documentsOf(train, model.codec, (done) =>
    onProgress?.("looking for copied text", done, train.length),
  );
  const copied = await memorisation({ samples: texts, heldOut, training, signal });
  const measures = sampleMeasures({
    samples: texts,
    heldOut,
    memorisation: copied,
    protocol: `${texts.length} samples of about ${CHARACTERS} characters from held-out prompts at temperature ${SAMPLE_TEMPERATURE}`,
    key: key.split("sample measures"),
  });
  return { measures, samples: shown };
}

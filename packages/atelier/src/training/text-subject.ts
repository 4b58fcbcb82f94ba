/** Texts as the subject of a training: a text model over a corpus. */
import { TextTooShortError } from "@atelier/data";
import { formatCount } from "../cli/format.js";
import { evaluateModel } from "../evaluation/evaluation.js";
import { type JudgedBaseline, type LanguageScore, scoreOf } from "../evaluation/judgement.js";
import { BITS_PER_BYTE } from "../evaluation/metrics/language.js";
import { COPYING_SHARE } from "../evaluation/metrics/samples.js";
import { familyNamed } from "../families/index.js";
import type { Placement, TextModel } from "../families/text-family.js";
import { describeConfiguration, transformerConfiguration } from "../families/transformer-settings.js";
import { textCommands, textData } from "../model/card-text.js";
import type { TextRecipe } from "../recipe/schema.js";
import type { ReportFigure } from "../report/report.js";
import { type Corpus, openCorpus } from "./corpus.js";
import { checkMemory } from "./memory.js";
import { type SubjectOptions, textsOf } from "./open-subject.js";
import { repeatOf, tokensAStep } from "./plan.js";
import type { ExamineRequest, Examiner, Findings, Judged, JudgedRival, ModelState, Subject } from "./subject.js";

/** Reads the data and makes a model over them. @throws typed errors of the data, {TextTooShortError} */
export async function openTextSubject(recipe: TextRecipe, options: SubjectOptions): Promise<Subject> {
  const family = familyNamed(recipe.family);
  const { inspect } = options;
  const corpus = await openCorpus(recipe, {
    ...options,
    data: textsOf(options.data),
    specials: family.specials,
    inspect: ({ card }) => inspect?.(card),
  });
  const configuration = transformerConfiguration(recipe, corpus.codec.spec.vocabulary);
  if (corpus.train.length <= configuration.context) {
    const most = corpus.train.length - 1;
    throw new TextTooShortError(
      `The text has ${corpus.train.length} tokens to train on, but a context of ${configuration.context} needs at least ${configuration.context + 1}`,
      { hint: most < 1 ? "Give more text." : `Give more text, or set model.context to at most ${most}.` },
    );
  }
  return textSubject(recipe, corpus, family.at(configuration, corpus.codec));
}

export function textSubject(recipe: TextRecipe, corpus: Corpus, model: TextModel): Subject {
  const { card } = corpus.dataset;
  const { configuration, codec } = model;
  const { vocabulary } = codec.spec;
  const documents = `${formatCount(card.documents)} document${card.documents === 1 ? "" : "s"}`;
  return {
    family: model.family.name,
    can: model.can,
    trainable: model.trainable,
    network: model.network,
    configuration: { ...configuration },
    card,
    curation: corpus.curation,
    codec,
    unit: "tokens",
    unitsAStep: tokensAStep(recipe),
    repeat: repeatOf(recipe, model),
    words: {
      size: `${formatCount(card.characters)} characters in ${documents}`,
      codec:
        `${codec.name}, vocabulary ${formatCount(vocabulary)}: ` +
        `${formatCount(corpus.train.length)} tokens to train on, ${formatCount(corpus.validation.length)} held out`,
      model: describeConfiguration(configuration),
      form: `vocabulary ${formatCount(vocabulary)}, codec ${codec.name}`,
      subtitle: `${recipe.family} on ${card.title}, ${codec.name}, vocabulary ${vocabulary}`,
      data: textData(corpus),
      baseline: "fitting the n-gram baseline",
      caution:
        "What it writes is generated text: say so where you publish it. It knows nothing but its training text and repeats what is in it, " +
        "mistakes and prejudices included.",
      commands: textCommands(model.can),
    },
    batches: (key) => model.batches(corpus.train, recipe, key),
    checkMemory: () => checkMemory(recipe, model, repeatOf(recipe, model)),
    examiner: (on) => new TextExaminer(recipe, corpus, model, on),
  };
}

export class TextExaminer implements Examiner {
  readonly #recipe: TextRecipe;
  readonly #corpus: Corpus;
  readonly #model: TextModel;
  readonly #on: Placement;
  readonly #judge: ReturnType<TextModel["judge"]>;
  #baseline: JudgedBaseline | undefined;

  constructor(recipe: TextRecipe, corpus: Corpus, model: TextModel, on: Placement) {
    this.#recipe = recipe;
    this.#corpus = corpus;
    this.#model = model;
    this.#on = on;
    this.#judge = model.judge(on);
  }

  async baseline(): Promise<JudgedRival> {
    const { baseline, score } = await this.#rival();
    const text = `loss ${score.loss.toFixed(4)}, ${score.bitsPerByte.toFixed(3)} bits per byte`;
    return { name: baseline.name, score, text };
  }

  async #rival(): Promise<JudgedBaseline> {
    if (this.#baseline === undefined) {
      const baseline = this.#model.baseline(this.#corpus.train);
      const judgement = await baseline.judge(this.#corpus.validation);
      this.#baseline = { baseline, judgement, score: scoreOf(judgement) };
    }
    return this.#baseline;
  }

  async judge({ params }: ModelState): Promise<Judged> {
    const limit = validationTokens(this.#recipe);
    const { loss, tokens } = scoreOf(await this.#judge.judge(params, this.#corpus.validation, { limit }));
    return { loss, count: tokens };
  }

  async examine({ state, key, signal, onProgress }: ExamineRequest): Promise<Findings> {
    const rival = await this.#rival();
    const { score, measures, samples } = await evaluateModel({
      model: this.#model,
      weights: state.params,
      judge: this.#judge,
      corpus: this.#corpus,
      baseline: rival,
      key,
      on: this.#on,
      signal,
      onProgress,
    });
    const figure = (name: string, of: (s: LanguageScore) => number, unit?: string): ReportFigure => ({
      name,
      model: of(score),
      baseline: of(rival.score),
      better: "lower",
      ...(unit === undefined ? {} : { unit }),
    });
    return {
      score,
      count: score.tokens,
      protocol: this.#judge.protocol,
      measures,
      quality: measures.find(({ name }) => name === BITS_PER_BYTE)!,
      copying: measures.find(({ name }) => name === COPYING_SHARE),
      settings: this.#model.configuration,
      results: {
        loss: score.loss,
        perplexity: score.perplexity,
        bitsPerByte: score.bitsPerByte,
        baselineLoss: rival.score.loss,
        baselineBitsPerByte: rival.score.bitsPerByte,
      },
      figures: [
        figure("Loss", (s) => s.loss, "nats per token"),
        figure("Perplexity", (s) => s.perplexity),
        figure("Bits per byte", (s) => s.bitsPerByte),
      ],
      lossUnit: "nats per token",
      samples,
      pictures: [],
    };
  }

  release(): Promise<void> {
    return this.#judge.release();
  }
}

/** Evaluations along the way judge at least this much of the validation text, where there is as much. */
const FEWEST_VALIDATION_TOKENS = 16_384;

/**
 * How much of it they judge: a quarter of what was trained on since the last one, which costs about a twelfth of the time (judging needs no
 * gradients). The final one judges all of it.
 */
function validationTokens(recipe: TextRecipe): number {
  const between = recipe.training.evaluateEvery * tokensAStep(recipe);
  return Math.max(FEWEST_VALIDATION_TOKENS, Math.floor(between / 4));
}

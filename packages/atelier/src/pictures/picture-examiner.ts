/** Judges picture models: what they minimise on held-out pictures, beside a baseline; what their family measures; what their samples are like. */
import type { PictureSet } from "@atelier/data";
import type { RandomKey } from "@atelier/engine";
import { bootstrapDifference, bootstrapMean, type Interval, shareOf } from "../evaluation/metrics/bootstrap.js";
import { figureOf, type Measure } from "../evaluation/metrics/measure.js";
import { CLOSE_SHARE } from "../evaluation/metrics/pictures/memorisation.js";
import type { Placement } from "../families/text-family.js";
import type { PictureRecipe } from "../recipe/schema.js";
import type {
  ExamineRequest,
  Examiner,
  Findings,
  Judged,
  JudgedRival,
  ModelState,
  SampleFile,
  Score,
} from "../training/subject.js";
import type { PictureCollection } from "./collection.js";
import { examineSamples, sheetOf } from "./examine-samples.js";
import { openExtractor } from "./extractor.js";
import type { PictureJudge, PictureJudgement, PictureModel } from "./picture-family.js";

/** Pictures judged along the way. */
const ALONG_THE_WAY = 2000;
/** Pictures shown beside what comes back of them. */
const SHOWN = 12;

export interface ExaminerOptions extends Placement {
  /** Where a classifier to compare by is looked for. */
  readonly home: string;
}

export class PictureExaminer implements Examiner {
  readonly #recipe: Pick<PictureRecipe, "evaluation">;
  readonly #collection: PictureCollection;
  readonly #model: PictureModel;
  readonly #on: ExaminerOptions;
  readonly #judge: PictureJudge;
  #beginning: PictureSet | undefined;
  #rival: { readonly name: string; readonly judgement: PictureJudgement } | undefined;

  constructor(
    recipe: Pick<PictureRecipe, "evaluation">,
    collection: PictureCollection,
    model: PictureModel,
    on: ExaminerOptions,
  ) {
    this.#recipe = recipe;
    this.#collection = collection;
    this.#model = model;
    this.#on = on;
    this.#judge = model.judge(on);
  }

  async baseline(): Promise<JudgedRival> {
    const { name, judgement } = await this.#fitted();
    const score = this.#scoreOf(judgement);
    return { name, score, text: this.#textOf(score) };
  }

  async #fitted() {
    if (this.#rival === undefined) {
      const baseline = await this.#model.baseline(this.#collection.train);
      this.#rival = { name: baseline.name, judgement: await baseline.judge(this.#collection.validation) };
    }
    return this.#rival;
  }

  async judge(state: ModelState): Promise<Judged> {
    const { validation } = this.#collection;
    const count = Math.min(ALONG_THE_WAY, validation.length);
    // The same set each time: what was made of it is remembered.
    this.#beginning ??= validation.select(Array.from({ length: count }, (_, i) => i));
    const { losses } = await this.#judge.judge(state, this.#beginning);
    return { loss: meanOf(losses), count: losses.length };
  }

  async examine({ state, key, signal, onProgress }: ExamineRequest): Promise<Findings> {
    const { train, validation } = this.#collection;
    const own = await this.#judge.judge(state, validation, {
      signal,
      onProgress: (done, total) => onProgress?.("judging held-out pictures", done, total),
    });
    const rival = await this.#fitted();
    const score = this.#scoreOf(own);
    const rivalScore = this.#scoreOf(rival.judgement);
    const measures = this.#lossMeasures(own, rival, key.split("losses"));
    const quality = measures[0]!;
    const family = await this.#model.examine?.({
      state,
      on: this.#on,
      train,
      validation,
      key: key.split("family"),
      signal,
      onProgress,
    });
    measures.push(...(family?.measures ?? []));
    const pictures: SampleFile[] = [];
    const samples = await this.#examineSamples({ state, key, signal, onProgress });
    measures.push(...samples.measures);
    pictures.push(...samples.pictures, ...(await this.#reconstructions(state)));
    const { name, unit } = this.#judge.loss;
    return {
      score,
      count: own.losses.length,
      protocol: this.#judge.protocol,
      measures,
      remarks: samples.remarks,
      quality,
      copying: measures.find(({ name: measured }) => measured === CLOSE_SHARE),
      settings: {},
      warnings: family?.warnings,
      results: resultsOf(score, rivalScore),
      figures: [
        { name: capital(name), model: score.loss, baseline: rivalScore.loss, better: "lower", unit },
        ...(score.bitsPerDimension === undefined || rivalScore.bitsPerDimension === undefined
          ? []
          : [
              {
                name: "Bits per dimension",
                model: score.bitsPerDimension,
                baseline: rivalScore.bitsPerDimension,
                better: "lower" as const,
              },
            ]),
        ...(score.accuracy === undefined || rivalScore.accuracy === undefined
          ? []
          : [
              {
                name: "Accuracy",
                model: score.accuracy,
                baseline: rivalScore.accuracy,
                better: "higher" as const,
                unit: "share",
              },
            ]),
      ],
      lossUnit: unit,
      samples: [],
      pictures,
    };
  }

  #scoreOf({ losses, hits }: PictureJudgement): Score {
    const loss = meanOf(losses);
    return {
      loss,
      ...(this.#judge.discrete ? { bitsPerDimension: loss / Math.LN2 / this.#collection.train.bytes } : {}),
      ...(hits === undefined ? {} : { accuracy: meanOf(hits) }),
    };
  }

  #textOf({ loss, bitsPerDimension, accuracy }: Score): string {
    return [
      `loss ${loss.toFixed(4)} ${this.#judge.loss.unit}`,
      ...(bitsPerDimension === undefined ? [] : [`${bitsPerDimension.toFixed(3)} bits per dimension`]),
      ...(accuracy === undefined ? [] : [`${(100 * accuracy).toFixed(1)} % right`]),
    ].join(", ");
  }

  #lossMeasures(
    own: PictureJudgement,
    rival: { readonly name: string; readonly judgement: PictureJudgement },
    key: RandomKey,
  ): Measure[] {
    const { name, unit } = this.#judge.loss;
    const { protocol } = this.#judge;
    const ones = new Float64Array(own.losses.length).fill(1);
    const scaled = (losses: Float64Array, by: number): Float64Array => losses.map((loss) => loss * by);
    const lossMeasure = (figure: { name: string; unit?: string }, by: number): Measure => {
      const [mine, theirs] = [scaled(own.losses, by), scaled(rival.judgement.losses, by)];
      const interval = bootstrapMean(mine, key);
      return {
        ...figure,
        ...figureOf(interval),
        samples: interval.samples,
        protocol: `${protocol}; intervals: percentile bootstrap over pictures`,
        better: "lower",
        baseline: {
          name: rival.name,
          ...figureOf(bootstrapMean(theirs, key)),
          difference: figureOf(bootstrapDifference(mine, theirs, ones, key)),
        },
      };
    };
    return [
      ...(own.hits === undefined || rival.judgement.hits === undefined
        ? []
        : [accuracyMeasure(own.hits, rival.judgement.hits, rival.name, protocol)]),
      lossMeasure({ name, unit }, 1),
      ...(this.#judge.discrete
        ? [lossMeasure({ name: "bits per dimension" }, 1 / Math.LN2 / this.#collection.train.bytes)]
        : []),
    ];
  }

  async #examineSamples({ state, key, signal, onProgress }: ExamineRequest) {
    const { generator: make, codec } = this.#model;
    if (make === undefined) return { measures: [], remarks: [], pictures: [] };
    const { train, validation } = this.#collection;
    const { extractor: named, samples } = this.#recipe.evaluation;
    const extractor = await openExtractor(named, this.#on.home, codec, this.#on);
    const generator = make(state, this.#on);
    try {
      const count = samples;
      return await examineSamples({
        model: this.#model,
        generator,
        extractor,
        train,
        validation,
        count,
        key: key.split("examination"),
        signal,
        onProgress,
      });
    } finally {
      await generator.release();
      await extractor.release();
    }
  }

  /** Held-out pictures, and what comes back of them. */
  async #reconstructions(state: ModelState): Promise<SampleFile[]> {
    const tool = reconstructorOf(this.#model, state, this.#on);
    if (tool === undefined) return [];
    const { validation } = this.#collection;
    const { codec } = this.#model;
    try {
      const shown = Array.from({ length: Math.min(SHOWN, validation.length) }, (_, i) => i);
      const labels = Int32Array.from(shown, (i) => validation.labels[i]!);
      const back = await tool.reconstruct(codec.encode(validation.rows(shown)), labels);
      const pairs = [...shown.map((i) => validation.picture(i)), ...codec.decode(back)];
      const title = "held-out pictures, and under each what comes back of it";
      return [await sheetOf("reconstructions.png", title, pairs, shown.length)];
    } finally {
      await tool.release();
    }
  }

  release(): Promise<void> {
    return this.#judge.release();
  }
}

/** What gives pictures back, by a latent vector or by codes; undefined of a model that can do neither. */
export function reconstructorOf(model: PictureModel, state: ModelState, on: Placement) {
  const coder = model.coder?.(state, on);
  if (coder !== undefined) {
    return {
      reconstruct: async (pictures: Parameters<typeof coder.encode>[0], labels?: Int32Array) =>
        coder.decode(await coder.encode(pictures, labels), labels),
      release: () => coder.release(),
    };
  }
  const codes = model.codes?.(state, on);
  if (codes === undefined) return undefined;
  return {
    reconstruct: async (pictures: Parameters<typeof codes.encode>[0], _labels?: Int32Array) =>
      codes.decode(await codes.encode(pictures)),
    release: () => codes.release(),
  };
}

function accuracyMeasure(hits: Float64Array, theirs: Float64Array, name: string, protocol: string): Measure {
  const share = (values: Float64Array): Interval => shareOf(Array.from(values, (hit) => hit === 1));
  const own = share(hits);
  return {
    name: "accuracy",
    unit: "share",
    ...figureOf(own),
    samples: own.samples,
    protocol: `${protocol}; interval: Wilson's`,
    better: "higher",
    baseline: { name, ...figureOf(share(theirs)) },
  };
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const resultsOf = (own: Score, rival: Score): Record<string, number> => ({
  ...own,
  ...Object.fromEntries(Object.entries(rival).map(([name, value]) => [`baseline${capital(name)}`, value])),
});

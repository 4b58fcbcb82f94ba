/** Judges a picture model by its loss on held-out pictures, picture by picture, beside what it has to beat at that. */
import type { PictureSet } from "@atelier/data";
import type { RandomKey } from "@atelier/engine";
import { bootstrapDifference, bootstrapMean, type Interval, shareOf } from "../evaluation/metrics/bootstrap.js";
import { figureOf, type Measure } from "../evaluation/metrics/measure.js";
import type { ExamineRequest, Judged, JudgedRival, ModelState, Score } from "../training/subject.js";
import type { PictureJudge, PictureJudgement, PictureModel } from "./picture-family.js";
import { capital, type Decision, type PictureStandard, resultsOf } from "./picture-standard.js";

/** Pictures judged along the way. */
const ALONG_THE_WAY = 2000;

interface JudgedBaseline {
  readonly name: string;
  readonly judgement: PictureJudgement;
}

export class HeldOutStandard implements PictureStandard {
  readonly #judge: PictureJudge;
  readonly #fit: NonNullable<PictureModel["baseline"]>;
  readonly #train: PictureSet;
  readonly #validation: PictureSet;
  #beginning: PictureSet | undefined;
  #rival: JudgedBaseline | undefined;

  constructor(
    judge: PictureJudge,
    fit: NonNullable<PictureModel["baseline"]>,
    { train, validation }: { readonly train: PictureSet; readonly validation: PictureSet },
  ) {
    this.#judge = judge;
    this.#fit = fit;
    this.#train = train;
    this.#validation = validation;
  }

  async baseline(): Promise<JudgedRival> {
    const { name, judgement } = await this.#fitted();
    const score = this.#scoreOf(judgement);
    return { name, score, text: this.#textOf(score) };
  }

  async #fitted(): Promise<JudgedBaseline> {
    if (this.#rival === undefined) {
      const baseline = await this.#fit(this.#train);
      this.#rival = { name: baseline.name, judgement: await baseline.judge(this.#validation) };
    }
    return this.#rival;
  }

  async judge(state: ModelState): Promise<Judged> {
    const count = Math.min(ALONG_THE_WAY, this.#validation.length);
    // The same set each time: what was made of it is remembered.
    this.#beginning ??= this.#validation.select(Array.from({ length: count }, (_, i) => i));
    const { losses } = await this.#judge.judge(state, this.#beginning);
    return { loss: meanOf(losses), count: losses.length };
  }

  async decide({ state, key, signal, onProgress }: ExamineRequest): Promise<Decision> {
    const own = await this.#judge.judge(state, this.#validation, {
      signal,
      onProgress: (done, total) => onProgress?.("judging held-out pictures", done, total),
    });
    const rival = await this.#fitted();
    const score = this.#scoreOf(own);
    const rivalScore = this.#scoreOf(rival.judgement);
    const measures = this.#measures(own, rival, key.split("losses"));
    const { name, unit } = this.#judge.loss;
    return {
      score,
      count: own.losses.length,
      protocol: this.#judge.protocol,
      measures,
      warnings: [],
      quality: measures[0]!,
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
    };
  }

  #scoreOf({ losses, hits }: PictureJudgement): Score {
    const loss = meanOf(losses);
    return {
      loss,
      ...(this.#judge.discrete ? { bitsPerDimension: loss / Math.LN2 / this.#train.bytes } : {}),
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

  #measures(own: PictureJudgement, rival: JudgedBaseline, key: RandomKey): Measure[] {
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
      ...(this.#judge.discrete ? [lossMeasure({ name: "bits per dimension" }, 1 / Math.LN2 / this.#train.bytes)] : []),
    ];
  }

  release(): Promise<void> {
    return this.#judge.release();
  }
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

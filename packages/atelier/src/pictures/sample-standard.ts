/**
 * Judges a picture model that says nothing of a picture in hand, such as a GAN: by how far what it draws lies from training pictures (the
 * Fréchet distance of an extractor's features), beside pixels drawn by themselves, and by which classes a classifier finds among it.
 */
import type { PictureSet } from "@atelier/data";
import { RandomKey } from "@atelier/engine";
import type { Measure } from "../evaluation/metrics/measure.js";
import { shareDeviation } from "../evaluation/metrics/pictures/class-shares.js";
import { frechetDistance } from "../evaluation/metrics/pictures/frechet-distance.js";
import { type Moments, momentsOf } from "../evaluation/metrics/pictures/moments.js";
import { FRECHET_DISTANCE } from "../evaluation/metrics/pictures/picture-measures.js";
import type { Placement } from "../families/text-family.js";
import type { ExamineRequest, FigureHistory, Judged, JudgedRival, ModelState, Score } from "../training/subject.js";
import { type DrawnExamination, referenceOf, setOf, TRIVIAL, trivialPictures } from "./examine-samples.js";
import { countsOf, type Extractor, matrixOf } from "./extractor.js";
import type { PictureModel } from "./picture-family.js";
import { type Decision, type PictureStandard, resultsOf } from "./picture-standard.js";

/** Pictures drawn along the way: each time from the same noise, and beside the same training pictures. */
const ALONG_THE_WAY = 2000;
const KEY = RandomKey.fromSeed(0).split("drawn along the way");

interface Reference {
  readonly extractor: Extractor;
  readonly moments: Moments;
  readonly classes: readonly number[] | undefined;
  /** How far trivial pictures are from it. */
  readonly trivial: number;
}

export interface SampleStandardOptions {
  readonly model: PictureModel;
  readonly train: PictureSet;
  readonly validation: PictureSet;
  /** Of the recipe. */
  readonly samples: number;
  readonly openExtractor: () => Promise<Extractor>;
  readonly on: Placement;
}

export class SampleStandard implements PictureStandard {
  readonly #options: SampleStandardOptions;
  /** As many as in the end, unless that is very many, so that distances compare. */
  readonly #count: number;
  #opened: Promise<Reference> | undefined;

  constructor(options: SampleStandardOptions) {
    this.#options = options;
    this.#count = Math.min(ALONG_THE_WAY, options.samples, options.validation.length);
  }

  async baseline(): Promise<JudgedRival> {
    const { trivial } = await this.#reference();
    return { name: TRIVIAL, score: scoreOf(trivial), text: textOf(trivial) };
  }

  #reference(): Promise<Reference> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async #open(): Promise<Reference> {
    const { train, openExtractor } = this.#options;
    const extractor = await openExtractor();
    const real = referenceOf(train, this.#count, KEY.split("reference"));
    const own = await extractor.extract(real);
    const trivial = await extractor.extract(trivialPictures(real, this.#count, KEY.split("trivial")));
    const moments = momentsOf(matrixOf(own));
    return {
      extractor,
      moments,
      classes: countsOf(own, extractor),
      trivial: frechetDistance(moments, momentsOf(matrixOf(trivial))),
    };
  }

  async judge(state: ModelState, history: FigureHistory): Promise<Judged> {
    const { model, on } = this.#options;
    const { extractor, moments, classes: real } = await this.#reference();
    const generator = model.generator!(state, on);
    try {
      const values = await generator.generate({ count: this.#count }, KEY.split("samples"));
      const features = await extractor.extract(setOf(model.codec.decode(values), "sample"));
      const loss = frechetDistance(moments, momentsOf(matrixOf(features)));
      const drawn = countsOf(features, extractor);
      const classes = drawn === undefined || real === undefined ? undefined : { names: extractor.classes, drawn, real };
      const shares = classes === undefined ? undefined : shareDeviation(classes.drawn, classes.real);
      const health = model.monitor?.(history, classes);
      const found = shares === undefined ? [] : [`${shares.within} of ${shares.of} classes within half of their share`];
      return {
        loss,
        count: this.#count,
        text: [textOf(loss), ...found, ...(health === undefined || health.text === "" ? [] : [health.text])].join("; "),
        figures: shares === undefined ? {} : { classShareDeviation: shares.value, classesWithin: shares.within },
        warnings: health?.warnings,
      };
    } finally {
      await generator.release();
    }
  }

  async decide({ history }: ExamineRequest, drawn: DrawnExamination | undefined): Promise<Decision> {
    const quality = frechetOf(drawn?.measures ?? []);
    const { value, samples, protocol, baseline } = quality;
    const [score, rival] = [scoreOf(value), scoreOf(baseline!.value)];
    const health = history === undefined ? undefined : this.#options.model.monitor?.(history, drawn?.classes);
    return {
      score,
      count: samples,
      protocol,
      measures: [],
      warnings: health?.warnings ?? [],
      quality,
      results: resultsOf(score, rival),
      figures: [{ name: FRECHET_DISTANCE, model: value, baseline: baseline!.value, better: "lower" }],
      lossUnit: FRECHET_DISTANCE,
      judgedBy: FRECHET_DISTANCE,
    };
  }

  async release(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.extractor.release();
  }
}

function frechetOf(measures: readonly Measure[]): Measure {
  // Of every model that draws pictures, and only such a one comes here.
  return measures.find(({ name }) => name === FRECHET_DISTANCE)!;
}

const scoreOf = (distance: number): Score => ({ loss: distance, frechetDistance: distance });
const textOf = (distance: number): string => `${FRECHET_DISTANCE} ${distance.toPrecision(4)}`;

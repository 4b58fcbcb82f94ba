/** Judges picture models: by what decides, their loss on held-out pictures or what they draw; by what their family measures; by their samples. */
import { CLOSE_SHARE } from "../evaluation/metrics/pictures/memorisation.js";
import type { Placement } from "../families/text-family.js";
import type { PictureRecipe } from "../recipe/schema.js";
import type {
  ExamineRequest,
  Examiner,
  FigureHistory,
  Findings,
  Judged,
  JudgedRival,
  ModelState,
  SampleFile,
} from "../training/subject.js";
import { examineAskedFor, showPrompts } from "./asked-for.js";
import type { PictureCollection } from "./collection.js";
import { type DrawnExamination, examineSamples, sheetOf } from "./examine-samples.js";
import { type Extractor, openExtractor } from "./extractor.js";
import { HeldOutStandard } from "./held-out-standard.js";
import type { PictureModel } from "./picture-family.js";
import type { PictureStandard } from "./picture-standard.js";
import { SampleStandard } from "./sample-standard.js";

/** Pictures shown beside what comes back of them. */
const SHOWN = 12;

/** What of a recipe, or of a later request, says how a model is examined. */
export interface Examined {
  readonly evaluation: Pick<PictureRecipe["evaluation"], "extractor" | "samples"> & {
    /** Drawn and shown beside what is drawn anyway, of a model that is asked in words. */
    readonly prompts?: readonly string[] | undefined;
  };
}

export interface ExaminerOptions extends Placement {
  /** Where a classifier to compare by is looked for. */
  readonly home: string;
}

export class PictureExaminer implements Examiner {
  readonly #recipe: Examined;
  readonly #collection: PictureCollection;
  readonly #model: PictureModel;
  readonly #on: ExaminerOptions;
  readonly #standard: PictureStandard;

  constructor(recipe: Examined, collection: PictureCollection, model: PictureModel, on: ExaminerOptions) {
    this.#recipe = recipe;
    this.#collection = collection;
    this.#model = model;
    this.#on = on;
    this.#standard = this.#chooseStandard();
  }

  #chooseStandard(): PictureStandard {
    const { judge, baseline } = this.#model;
    if (judge !== undefined && baseline !== undefined) {
      return new HeldOutStandard(judge(this.#on), baseline, this.#collection);
    }
    const { train, validation } = this.#collection;
    return new SampleStandard({
      model: this.#model,
      train,
      validation,
      samples: this.#recipe.evaluation.samples,
      openExtractor: () => this.#openExtractor(),
      on: this.#on,
    });
  }

  baseline(): Promise<JudgedRival> {
    return this.#standard.baseline();
  }

  judge(state: ModelState, history: FigureHistory): Promise<Judged> {
    return this.#standard.judge(state, history);
  }

  async examine(request: ExamineRequest): Promise<Findings> {
    const { state, key, signal, onProgress } = request;
    const { train, validation } = this.#collection;
    const samples = await this.#examineSamples(request);
    const { measures, warnings, ...decision } = await this.#standard.decide(request, samples);
    const family = await this.#model.examine?.({
      state,
      on: this.#on,
      train,
      validation,
      openExtractor: () => this.#openExtractor(),
      key: key.split("family"),
      signal,
      onProgress,
    });
    const all = [...measures, ...(family?.measures ?? []), ...(samples?.measures ?? [])];
    return {
      ...decision,
      measures: all,
      remarks: samples?.remarks ?? [],
      copying: all.find(({ name }) => name === CLOSE_SHARE),
      settings: {},
      warnings: [...warnings, ...(family?.warnings ?? [])],
      samples: [],
      pictures: [...(family?.pictures ?? []), ...(samples?.pictures ?? []), ...(await this.#reconstructions(state))],
    };
  }

  async #examineSamples({ state, key, signal, onProgress }: ExamineRequest): Promise<DrawnExamination | undefined> {
    const { generator: make } = this.#model;
    if (make === undefined) return undefined;
    const { train, validation } = this.#collection;
    const { samples, prompts } = this.#recipe.evaluation;
    const extractor = await this.#openExtractor();
    const generator = make(state, this.#on);
    try {
      const request = {
        model: this.#model,
        generator,
        extractor,
        train,
        validation,
        count: samples,
        key: key.split("examination"),
        signal,
        onProgress,
      };
      const drawn = await examineSamples(request);
      const asked = await examineAskedFor({ ...request, key: key.split("asked for") });
      const own = prompts === undefined ? [] : [await showPrompts(prompts, request)];
      return {
        ...drawn,
        measures: [...drawn.measures, ...asked.measures],
        pictures: [...drawn.pictures, ...asked.pictures, ...own],
      };
    } finally {
      await generator.release();
      await extractor.release();
    }
  }

  #openExtractor(): Promise<Extractor> {
    return openExtractor(this.#recipe.evaluation.extractor, this.#on.home, this.#model.codec, this.#on);
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
    return this.#standard.release();
  }
}

/** What gives pictures back, by a latent vector or by codes; undefined of a model that can do neither. */
function reconstructorOf(model: PictureModel, state: ModelState, on: Placement) {
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

/**
 * What a training works on: a model over the data that it learns from. Steps, checkpoints, early stopping and the run are the same
 * whatever the data; all that depends on their kind is asked here, by the training, by its end, and by `atelier evaluate`.
 */
import type { HostTensor, RandomKey, TreeRecord } from "@atelier/engine";
import type { Ability, TrainableFamily } from "@atelier/models";
import type { Measure } from "../evaluation/metrics/measure.js";
import type { ModelSamples } from "../evaluation/samples.js";
import type { TrainingFigures } from "../evaluation/verdict.js";
import type { BatchSource, Placement, Weights } from "../families/text-family.js";
import type { ReportFigure } from "../report/report.js";

/** What a network is made of: what was trained, and what was only kept up to date (running statistics, codebooks). */
export interface ModelState {
  readonly params: Weights;
  readonly buffers: TreeRecord<HostTensor>;
}

/** How well held-out data are predicted. */
export interface Score {
  /** What the training makes smaller, as a mean; of models that are judged by what they draw alone, the distance below. */
  readonly loss: number;
  /** Of texts. */
  readonly perplexity?: number;
  readonly bitsPerByte?: number;
  readonly tokens?: number;
  /** Of pictures, where the likelihood counts levels of brightness. */
  readonly bitsPerDimension?: number;
  /** Of classifiers, a part of 1. */
  readonly accuracy?: number;
  /** Of pictures that a model draws from real ones, where that is what decides. */
  readonly frechetDistance?: number;
}

/** Figures that phases logged, by name, of steps in their order. */
export type FigureHistory = readonly Readonly<Record<string, number>>[];

/** What data are called in cards, runs and pages. */
export interface SubjectCard {
  readonly name: string;
  readonly title: string;
  readonly origin: string;
  readonly licence: string;
  readonly fingerprint: string;
  readonly skipped?: readonly { readonly file: string; readonly reason: string }[] | undefined;
}

export interface Subject {
  readonly family: string;
  readonly can: readonly Ability[];
  readonly trainable: TrainableFamily;
  /** The network that is saved as the model. */
  readonly network: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly card: SubjectCard;
  /** What curation took out, where it was asked for. */
  readonly curation?: unknown;
  readonly codec: { toJSON(): unknown };
  /** What is learnt from, and how many of them an update has. */
  readonly unit: string;
  readonly unitsAStep: number;
  /** Steps made in one call of the runtime. */
  readonly repeat: number;
  readonly words: SubjectWords;
  batches(key: RandomKey): BatchSource;
  /** @returns a warning where memory is tight. @throws {MemoryError} where there is not enough. */
  checkMemory(): string | undefined;
  examiner(on: Placement): Examiner;
}

/** A subject in the words of the terminal, the model card and the report. */
export interface SubjectWords {
  /** `1,115,394 characters in 1 document` */
  readonly size: string;
  /** `characters, vocabulary 65: 1,003,854 tokens to train on, 111,540 held out` */
  readonly codec: string;
  /** `4 layers, 4 heads, 128 wide, context 128` */
  readonly model: string;
  /** What the model reads and writes: `vocabulary 65, codec characters`. */
  readonly form: string;
  /** `gpt on Moby Dick, characters, vocabulary 89` */
  readonly subtitle: string;
  /** Of the model card: what the data were, after their title. */
  readonly data: string;
  /** While it is made: `fitting the n-gram baseline`. */
  readonly baseline: string;
  /** Of the model card: what it must not be taken for. */
  readonly caution: string;
  /** Commands that use the model, without `atelier`; NAME stands for it. */
  readonly commands: readonly string[];
}

/** What a trained model has to beat. */
export interface JudgedRival {
  readonly name: string;
  readonly score: Score;
  /** `loss 1.5441, 2.228 bits per byte` */
  readonly text: string;
}

export interface Judged {
  readonly loss: number;
  /** How many tokens or pictures it is the mean of. */
  readonly count: number;
  /** In words, where there is more to say than a loss: `Fréchet distance 412.3, 9 of 10 classes`. */
  readonly text?: string | undefined;
  /** What else is logged of it, by name. */
  readonly figures?: Readonly<Record<string, number>> | undefined;
  /** What may have gone wrong, in plain words. */
  readonly warnings?: readonly string[] | undefined;
}

/** Judges weights on held-out data. It keeps what it compiled until `release`. */
export interface Examiner {
  /** Fits what the model has to beat, once. */
  baseline(): Promise<JudgedRival>;
  /** Along the way, on a part of the held-out data, the same each time. @param history since it was judged last */
  judge(state: ModelState, history: FigureHistory): Promise<Judged>;
  /** In the end, or of a saved model: everything there is to measure. */
  examine(request: ExamineRequest): Promise<Findings>;
  release(): Promise<void>;
}

export interface ExamineRequest {
  readonly state: ModelState;
  /** In a training, since it was judged last. */
  readonly history?: FigureHistory | undefined;
  readonly key: RandomKey;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
}

export interface Findings {
  readonly score: Score;
  /** How many tokens or pictures `score.loss` is the mean of. */
  readonly count: number;
  /** How held-out data were judged, in words. */
  readonly protocol: string;
  readonly measures: readonly Measure[];
  /** What several figures have in common, in sentences that are printed with them. */
  readonly remarks?: readonly string[] | undefined;
  /** The figure that decides. */
  readonly quality: Measure;
  readonly copying?: Measure | undefined;
  readonly settings: Omit<TrainingFigures["settings"], "steps">;
  /** Warnings in plain words, beside the verdict. */
  readonly warnings?: readonly string[] | undefined;
  /** What the run's record says, by which runs and trials are compared. */
  readonly results: Readonly<Record<string, number>>;
  readonly figures: readonly ReportFigure[];
  readonly lossUnit: string;
  /** What models are judged by along the way, where it is not the loss that is trained: `Fréchet distance`. */
  readonly judgedBy?: string | undefined;
  /** Texts to look at. */
  readonly samples: readonly ModelSamples[];
  /** Files to look at, which go into the run's samples and beside the model; the first is shown. */
  readonly pictures: readonly SampleFile[];
}

export interface SampleFile {
  /** `samples.png` */
  readonly file: string;
  /** What is to be seen, in a few words. */
  readonly title: string;
  readonly bytes: Uint8Array;
}

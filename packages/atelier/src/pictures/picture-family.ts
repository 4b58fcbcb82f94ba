/**
 * What everything around a family of picture models asks of it: training, evaluation, saving, commands. A family is one folder beside this
 * file and one line in `families/index.ts`; commands ask `can` and the tools, never a family's name.
 *
 * N: pictures, C, H, W: channels, height and width, L: latent width. Pictures are numbers in the range of the codec's field.
 */
import type { ImageCodec, PictureSet } from "@atelier/data";
import type { HostTensor, RandomKey, Scope, Tensor, TreeRecord } from "@atelier/engine";
import type { Ability, TrainableFamily } from "@atelier/models";
import type { Measure } from "../evaluation/metrics/measure.js";
import type { Placement } from "../families/text-family.js";
import type { PictureFamilyName, PictureRecipe } from "../recipe/schema.js";
import type { ModelState } from "../training/subject.js";

export interface PictureFamily {
  readonly name: PictureFamilyName;
  /** A model as a recipe wants it, over pictures of this form. @throws {ArgumentError} naming the setting that cannot be. */
  create(recipe: PictureRecipe, about: PicturesAbout): GridModel;
  /** A saved model. @throws {FormatError} where `configuration` is not one of this family. */
  restore(configuration: unknown, codec: ImageCodec, file: string): GridModel;
}

/** What a model has to know of the pictures before it is made. */
export interface PicturesAbout {
  readonly codec: ImageCodec;
  /** Names of classes, in the order of their numbers; empty where there are none. */
  readonly classes: readonly string[];
  /** What it will learn from, for what is measured of it; absent where a recipe is only weighed up. */
  readonly train?: PictureSet | undefined;
}

/** A family at one size, over one codec: without a state it is a plan; with one, a model. */
export interface PictureModel {
  readonly family: string;
  readonly can: readonly Ability[];
  /** All that `restore` needs, as JSON. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly codec: ImageCodec;
  /** The classes that it knows by name: those it can be asked for, or tells apart. */
  readonly classes: readonly string[];
  readonly trainable: TrainableFamily;
  /** The network that is saved. */
  readonly network: string;
  /** `latent 20, 784-400-20, bernoulli` */
  readonly words: string;
  /** How good a state is on pictures: what is minimised, picture by picture. */
  judge(on: Placement): PictureJudge;
  /** What a state has to beat at that, fitted on training pictures. */
  baseline(train: PictureSet): PictureRival | Promise<PictureRival>;
  /** How pictures are drawn where they are drawn step by step: what a request may set, and what holds where it does not. */
  readonly sampling?: PictureSampling | undefined;
  /** What draws pictures, where `can` has `generate`. */
  readonly generator?: ((state: ModelState, on: Placement) => PictureGenerator) | undefined;
  /** What turns pictures into latent vectors and back, where `can` has `encode` and `decode`. */
  readonly coder?: ((state: ModelState, on: Placement) => PictureCoder) | undefined;
  /** What says how probable a picture is, and where it is odd, where `can` has `score`. */
  readonly scorer?: ((state: ModelState, on: Placement) => PictureScorer) | undefined;
  /** What turns pictures into grids of codes and back, where a picture is tokens to it. */
  readonly codes?: ((state: ModelState, on: Placement) => PictureCodes) | undefined;
  /** What turns pictures into features, and says which class they show, where `can` has `embed`. */
  readonly embedder?: ((state: ModelState, on: Placement) => PictureEmbedder) | undefined;
  /** The recipe by which pictures became codes, where the model learnt from codes: it says which pictures were held out. */
  readonly codesRecipe?: PictureRecipe | undefined;
  /** The part of it that is of use elsewhere, to be exported as a graph for so many rows. */
  readonly forward?: ((scope: Scope, rows: number) => ForwardGraph) | undefined;
  /** Figures that only this family has, such as a tighter bound, and warnings in plain words. */
  readonly examine?: ((request: FamilyExamination) => Promise<FamilyFindings>) | undefined;
}

export interface ForwardGraph {
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Names, shapes and ranges in words, for whoever runs the graph. */
  readonly inputs: string;
  readonly gives: string;
}

/** A model that learns from pictures themselves, and not from codes of them. */
export interface GridModel extends PictureModel {
  /** The batch of a step, of pictures x (B, C, H, W) and their classes (B): `x`, and what the family wants beside. */
  batch(x: HostTensor, labels: Int32Array): TreeRecord<HostTensor>;
}

export interface FamilyExamination {
  readonly state: ModelState;
  readonly on: Placement;
  readonly train: PictureSet;
  readonly validation: PictureSet;
  readonly key: RandomKey;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
}

export interface FamilyFindings {
  readonly measures: readonly Measure[];
  readonly warnings: readonly string[];
}

export interface PassOptions {
  readonly signal?: AbortSignal | undefined;
  /** Counts pictures; of those drawn step by step, the steps of all batches. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What a family counts of pictures, one number each. */
export interface PictureJudgement {
  /** What is minimised. */
  readonly losses: Float64Array;
  /** Of classifiers: 1 where the class was found. */
  readonly hits?: Float64Array | undefined;
}

export interface PictureJudge {
  /** What is judged, in words. */
  readonly protocol: string;
  /** The loss by name and unit: `negative evidence lower bound`, `nats per picture`. */
  readonly loss: { readonly name: string; readonly unit: string };
  /** Whether losses are −log p of discrete levels, so that bits per dimension have a meaning. */
  readonly discrete: boolean;
  judge(state: ModelState, pictures: PictureSet, options?: PassOptions): Promise<PictureJudgement>;
  release(): Promise<void>;
}

export interface PictureRival {
  readonly name: string;
  judge(pictures: PictureSet): PictureJudgement | Promise<PictureJudgement>;
}

export interface PictureBaseline extends PictureRival {
  judge(pictures: PictureSet): PictureJudgement;
}

/** Pictures as numbers: (N, C, H, W), in the range of the codec's field. */
export type Values = Float32Array<ArrayBuffer>;

export interface PictureRequest {
  readonly count: number;
  /** The number of a class, where the model can be asked for one. */
  readonly label?: number | undefined;
  /** Scales the noise that pictures are drawn from; 1 is the model's own distribution. */
  readonly temperature?: number | undefined;
  /** As in `PictureSampling`, for models that have them. */
  readonly sampler?: string | undefined;
  readonly steps?: number | undefined;
  readonly guidance?: number | undefined;
}

export interface PictureSampling {
  /** One of `diffusionSamplers`. */
  readonly sampler: string;
  /** Levels at which noise is taken away. */
  readonly steps: number;
  /** Scale of classifier-free guidance, 1 for none; absent where a model was told no classes to be guided by. */
  readonly guidance?: number | undefined;
}

export interface PictureGenerator {
  /** Picture i follows from `key.at(i)`, whatever is drawn beside it. */
  generate(request: PictureRequest, key: RandomKey, options?: PassOptions): Promise<Values>;
  release(): Promise<void>;
}

export interface PictureCoder {
  /** Numbers of a latent vector. */
  readonly width: number;
  /** The expected latent vector of each picture: (N, C, H, W) → (N, L) */
  encode(pictures: Values, labels?: Int32Array, options?: PassOptions): Promise<Float32Array>;
  /** The expected picture of each latent vector: (N, L) → (N, C, H, W) */
  decode(latents: Float32Array, labels?: Int32Array, options?: PassOptions): Promise<Values>;
  release(): Promise<void>;
}

export interface PictureCodes {
  /** Of the grid of codes, h and w. */
  readonly height: number;
  readonly width: number;
  /** How many different codes there are. */
  readonly size: number;
  /** (N, C, H, W) → (N, h · w), row by row of the grid */
  encode(pictures: Values, options?: PassOptions): Promise<Int32Array>;
  /** (N, h · w) → (N, C, H, W) */
  decode(codes: Int32Array, options?: PassOptions): Promise<Values>;
  release(): Promise<void>;
}

export interface ScoredPictures {
  /** −log p of each picture, or its upper bound, in nats. */
  readonly nats: Float64Array;
  /** How much every pixel has a part in it: (N, H, W) */
  readonly map: Float32Array;
}

export interface PictureScorer {
  readonly measure: string;
  score(pictures: Values, labels?: Int32Array, options?: PassOptions): Promise<ScoredPictures>;
  release(): Promise<void>;
}

export interface PictureEmbedder {
  /** How many features. */
  readonly width: number;
  /** (N, C, H, W) → (N, width), and for classifiers the probabilities of classes, (N, classes) */
  embed(
    pictures: Values,
    options?: PassOptions,
  ): Promise<{ readonly features: Float32Array; readonly probabilities?: Float32Array | undefined }>;
  release(): Promise<void>;
}

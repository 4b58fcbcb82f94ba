/**
 * What everything around a family of picture models asks of it: training, evaluation, saving, commands. A family is one folder beside this
 * file and one line in `families/index.ts`; commands ask `can` and the tools, never a family's name.
 *
 * N: pictures, C, H, W: channels, height and width, L: latent width. Pictures are numbers in the range of the codec's field.
 */
import type { CaptionWords, ImageCodec, PictureSet } from "@atelier/data";
import type { HostTensor, RandomKey, Scope, Tensor, TreeRecord } from "@atelier/engine";
import type { Ability, TrainableFamily } from "@atelier/models";
import type { Measure } from "../evaluation/metrics/measure.js";
import type { ClassCounts } from "../evaluation/metrics/pictures/class-shares.js";
import type { Placement } from "../families/text-family.js";
import type { PictureFamilyName, PictureRecipe } from "../recipe/schema.js";
import type { FigureHistory, ModelState, SampleFile } from "../training/subject.js";
import type { Extractor } from "./extractor.js";
import type { WeightedWish, Wish } from "./families/diffusion-denoisers.js";
import type { LatentSpace } from "./latents/latent-space.js";
import type { ValueRows } from "./value-rows.js";

export interface PictureFamily {
  readonly name: PictureFamilyName;
  /** A model as a recipe wants it, over pictures of this form. @throws {ArgumentError} naming the setting that cannot be. */
  create(recipe: PictureRecipe, about: PicturesAbout): GridModel;
  /**
   * A saved model. @param latents that it was saved with
   * @throws {FormatError} where `configuration` is not one of this family.
   */
  restore(configuration: unknown, codec: ImageCodec, file: string, latents?: LatentSpace): GridModel;
}

/** What a model has to know of the pictures before it is made. */
export interface PicturesAbout {
  readonly codec: ImageCodec;
  /** Names of classes, in the order of their numbers; empty where there are none. */
  readonly classes: readonly string[];
  /** What it will learn from, for what is measured of it; absent where a recipe is only weighed up. */
  readonly train?: PictureSet | undefined;
  /** Where it is latents of the pictures that it learns; those of `train` where there is one. */
  readonly latents?: { readonly space: LatentSpace; readonly train?: ValueRows | undefined } | undefined;
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
  /** The words that it can be asked in, where it learnt from captions. */
  readonly captions?: CaptionWords | undefined;
  readonly trainable: TrainableFamily;
  /** The network that is saved. */
  readonly network: string;
  /** `latent 20, 784-400-20, bernoulli` */
  readonly words: string;
  /** How good a state is on pictures: what is minimised, picture by picture. A model without is judged by what it draws. */
  readonly judge?: ((on: Placement) => PictureJudge) | undefined;
  /** What a state has to beat at that, fitted on training pictures; wherever there is a judge. */
  readonly baseline?: ((train: PictureSet) => PictureRival | Promise<PictureRival>) | undefined;
  /** What the figures of a training say of its health, where a falling loss does not. */
  readonly monitor?: ((history: FigureHistory, classes: ClassCounts | undefined) => Health) | undefined;
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
  /** What makes pictures out of others, and out of several wishes at once, where `can` has `edit`. */
  readonly editor?: ((state: ModelState, on: Placement) => PictureEditor) | undefined;
  /** What makes pictures larger, where `can` has `upscale`. */
  readonly upscaler?: ((state: ModelState, on: Placement) => PictureUpscaler) | undefined;
  /** The recipe of the model that it sees pictures through, where it learnt codes or latents: it says which pictures were held out. */
  readonly frozenRecipe?: PictureRecipe | undefined;
  /** The part of it that is of use elsewhere, to be exported as a graph for so many rows. */
  readonly forward?: ((scope: Scope, rows: number) => ForwardGraph) | undefined;
  /** Figures that only this family has, such as a tighter bound, and warnings in plain words. */
  readonly examine?: ((request: FamilyExamination) => Promise<FamilyFindings>) | undefined;
}

export interface Health {
  /** The figures it is judged by, in words. */
  readonly text: string;
  /** What went wrong, what it means, and what to try. */
  readonly warnings: readonly string[];
}

export interface ForwardGraph {
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Names, shapes and ranges in words, for whoever runs the graph. */
  readonly inputs: string;
  readonly gives: string;
}

/** A model that learns from values of pictures, or from latents of them, and not from codes. */
export interface GridModel extends PictureModel {
  /** What makes latents of pictures, where it learns those in their place. */
  readonly latents?: LatentSpace | undefined;
  /** The batch of a step, of pictures or latents x (B, C, H, W) and their classes (B): `x`, and what the family wants beside. */
  batch(x: HostTensor, labels: Int32Array, described?: DescribedPictures): TreeRecord<HostTensor>;
}

/** Channels, height and width of what a model learns. */
export const learntShape = ({ latents, codec }: GridModel): ImageCodec["spec"]["shape"] =>
  latents?.shape ?? codec.spec.shape;

/** What is said of the pictures of a step. */
export interface DescribedPictures {
  /** (B) */
  readonly captions: readonly (string | undefined)[];
  /** Of the step, for what is drawn of them. */
  readonly key: RandomKey;
}

export interface FamilyExamination {
  readonly state: ModelState;
  readonly on: Placement;
  readonly train: PictureSet;
  readonly validation: PictureSet;
  /** What the recipe has pictures compared by; whoever asks for it releases it. */
  readonly openExtractor: () => Promise<Extractor>;
  readonly key: RandomKey;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
}

export interface FamilyFindings {
  readonly measures: readonly Measure[];
  readonly warnings: readonly string[];
  /** To look at. */
  readonly pictures?: readonly SampleFile[] | undefined;
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
  /** What the pictures are to show, one after another and again from the first, where the model knows words; none for any picture. */
  readonly prompts?: readonly string[] | undefined;
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
  /** Numbers of the vector that stands for a code, D. */
  readonly depth: number;
  /** (N, C, H, W) → (N, h · w), row by row of the grid */
  encode(pictures: Values, options?: PassOptions): Promise<Int32Array>;
  /** (N, h · w) → (N, C, H, W) */
  decode(codes: Int32Array, options?: PassOptions): Promise<Values>;
  /** The codebook: (size, D) */
  vectors(options?: PassOptions): Promise<Float32Array>;
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

/** What pictures are begun with, one for all of them, (C, H, W), and how much of it they may leave behind. */
export type EditStart =
  | { readonly kind: "noise" }
  | {
      readonly kind: "noised";
      readonly picture: Values;
      /** The share of the way back into noise: 0 leaves the picture as it is, 1 leaves nearly nothing of it. */
      readonly strength: number;
      /** Where it stays exactly as it is: 1 there, else 0; (H, W). Left out: nowhere. */
      readonly kept?: Uint8Array | undefined;
      /** How often each stretch of the way is gone, so that what is new fits what is kept. */
      readonly rounds?: number | undefined;
    }
  /** Into the noise that the picture is made of, where it is told what the picture shows. */
  | { readonly kind: "inverted"; readonly picture: Values; readonly strength: number; readonly shows: Wish };

export interface PictureEdit {
  /** What each picture is to show: several wishes by their weights, which sum to 1. */
  readonly wishes: readonly (readonly WeightedWish[])[];
  readonly start: EditStart;
  /** Whether all pictures are made of the same noise. */
  readonly sameNoise?: boolean | undefined;
  readonly sampling: PictureSampling;
}

export interface PictureEditor {
  /** Picture i follows from `key.at(i)`, or of the same noise from `key.at(0)`. */
  edit(request: PictureEdit, key: RandomKey, options?: PassOptions): Promise<Values>;
  release(): Promise<void>;
}

export interface PictureUpscaler {
  /** By how much height and width grow. */
  readonly factor: number;
  /**
   * Pictures of any height and width, (N, C, H, W) → (N, C, factor · H, factor · W), each value at one of the codec's levels. Progress counts
   * the windows in which large pictures are made.
   */
  enlarge(
    pictures: Values,
    size: { readonly height: number; readonly width: number },
    options?: PassOptions,
  ): Promise<Values>;
  release(): Promise<void>;
}

/**
 * What everything around a family of text models asks of it: recipes, training, evaluation, saving, commands. A family is one folder here
 * and one line in `index.ts`; nothing else knows it by name, and commands ask `can`.
 */
import type { TextCodec, TokenStream } from "@atelier/data";
import type { Device, HostTensor, RandomKey, Scope, Tensor, TreeRecord } from "@atelier/engine";
import type { Ability, TrainableFamily, TransformerConfiguration } from "@atelier/models";
import type { Judge, TextBaseline } from "../evaluation/judgement.js";
import type { GeneratorOptions, GptGenerator } from "../generation/generate.js";
import type { TextRecipe } from "../recipe/schema.js";
import type { TextEmbedder, TextFiller, TextScorer } from "./text-tasks.js";

/** Where compiled functions run. */
export interface Placement {
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
}

export type Weights = TreeRecord<HostTensor>;

/** Continues prompts token by token. */
export type TextGenerator = Pick<GptGenerator, "generate" | "events" | "release">;

/** The batch of a step: tensors with rows first, the same shapes at every step. */
export type BatchSource = (step: number) => TreeRecord<HostTensor>;

export interface TextFamily {
  readonly name: string;
  readonly can: readonly Ability[];
  /** Special tokens that its codec must have. */
  readonly specials: readonly string[];
  /** A model of this family at one size, over one codec. @throws {ArgumentError} for sizes that cannot be. */
  at(configuration: TransformerConfiguration, codec: TextCodec): TextModel;
}

/** A family at one size, over one codec: without weights, it is a plan; with them, a model. */
export interface TextModel {
  readonly family: TextFamily;
  /** What it can do with this codec: only one with the tokens for it fills in the middle. */
  readonly can: readonly Ability[];
  readonly configuration: TransformerConfiguration;
  readonly codec: TextCodec;
  /** The one network and its objective. */
  readonly trainable: TrainableFamily;
  /** The network's name in `trainable`. */
  readonly network: string;
  /** How many positions of a row are predicted at once while training: what the logits take memory for. */
  readonly predictionsARow: number;
  /** Batches that follow from the key and the number of the step alone. */
  batches(stream: TokenStream, recipe: TextRecipe, key: RandomKey): BatchSource;
  /** Judges weights on held-out text. */
  judge(on: Placement): Judge;
  /** What continues prompts, where `can` has `generate`. */
  readonly generator?: ((weights: Weights, on: GeneratorOptions) => TextGenerator) | undefined;
  /** What fills gaps, where `can` has `fill`. */
  readonly filler?: ((weights: Weights, on: GeneratorOptions) => TextFiller) | undefined;
  /** What says how probable a text is, where `can` has `score`. */
  readonly scorer?: ((weights: Weights, on: GeneratorOptions) => TextScorer) | undefined;
  /** What turns texts into vectors, where `can` has `embed`. */
  readonly embedder?: ((weights: Weights, on: GeneratorOptions) => TextEmbedder) | undefined;
  /** The whole model, to be exported: makes inputs of the graph for rows of one length, `tokens` (B, T) int32 first, and returns the logits (B, T, V). */
  forward(scope: Scope, rows: number, length: number): Tensor;
  /** The n-gram model that it has to beat, fitted on the same training text. */
  baseline(train: TokenStream): TextBaseline;
}

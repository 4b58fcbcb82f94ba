/**
 * Recipes: a small JSON file that says what is trained on what, and how. Every setting has a default, so that a recipe holds only what
 * is particular to it; `resolve` fills in the rest, and the run keeps the result.
 */
import { curationSchema, dataSourceSchema } from "@atelier/data";
import { z } from "zod";

const count = z.int().min(1);
const rate = z.number().positive();
const share = z.number().min(0).max(1);
/** What a moving average keeps of itself; at 1 it would never move. */
const keep = z.number().min(0).lt(1);

export const codecSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("characters") }),
  z.strictObject({
    kind: z.literal("bpe"),
    /** Size of the vocabulary, special tokens included. */
    vocabulary: z.int().min(257).default(4096),
  }),
  z.strictObject({
    /** BPE for source code, with the tokens for filling in the middle. */
    kind: z.literal("code"),
    vocabulary: z.int().min(261).default(4096),
  }),
  z.strictObject({
    /** A `tokenizer.json` of Hugging Face (byte-level BPE), or a folder that has one. */
    kind: z.literal("pretrained"),
    path: z.string().min(1),
  }),
]);

export const transformerSchema = z.strictObject({
  /** `classic` is GPT-2 as nanoGPT has it; `modern` has rotary positions, RMS norm, normalised queries and keys, ReLU². */
  preset: z.enum(["classic", "modern"]).default("modern"),
  layers: count.default(4),
  heads: count.default(4),
  width: count.default(128),
  /** The longest sequence, in tokens. */
  context: count.default(128),
  keyValueHeads: count.optional(),
  hidden: count.optional(),
  bias: z.boolean().optional(),
  dropout: z.number().min(0).lt(1).optional(),
  positions: z.enum(["learned", "rotary"]).optional(),
  norm: z.enum(["layer", "rms", "rms-plain"]).optional(),
  queryKeyNorm: z.boolean().optional(),
  activation: z.enum(["gelu", "gelu-tanh", "relu-squared", "swiglu"]).optional(),
  tiedHead: z.boolean().optional(),
  zeroProjections: z.boolean().optional(),
});

const adamwShape = {
  learningRate: rate.default(1e-3),
  betas: z.tuple([keep, keep]).default([0.9, 0.99]),
  epsilon: rate.default(1e-8),
  weightDecay: z.number().min(0).default(0.1),
};

export const optimiserSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("adamw"), ...adamwShape }),
  z.strictObject({
    kind: z.literal("sgd"),
    learningRate: rate.default(0.1),
    momentum: keep.default(0.9),
    nesterov: z.boolean().default(true),
    weightDecay: z.number().min(0).default(0),
  }),
  z.strictObject({
    /** Muon for the matrices inside blocks, AdamW for embeddings, head and vectors. */
    kind: z.literal("muon"),
    learningRate: rate.default(0.02),
    momentum: keep.default(0.95),
    weightDecay: z.number().min(0).default(0),
    embeddingRate: rate.default(0.03),
    headRate: rate.default(0.01),
    betas: z.tuple([keep, keep]).default([0.8, 0.95]),
    epsilon: rate.default(1e-10),
  }),
]);

export const scheduleSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant") }),
  z.strictObject({ kind: z.literal("cosine"), warmup: z.int().min(0).default(100), final: share.default(0.1) }),
  z.strictObject({
    /** Warm-up, plateau, straight line down over the last part `decay`. */
    kind: z.literal("stable-decay"),
    warmup: z.int().min(0).default(0),
    decay: share.default(0.5),
    final: share.default(0),
  }),
]);

export const trainingSchema = z.strictObject({
  /** Updates of the parameters. */
  steps: count.default(2000),
  /** Sequences in a batch. */
  batch: count.default(16),
  /** Batches averaged into one update. */
  accumulate: count.default(1),
  optimiser: optimiserSchema.prefault({ kind: "muon" }),
  schedule: scheduleSchema.prefault({ kind: "stable-decay" }),
  /** Largest gradient norm; null leaves gradients as they are. */
  clip: z.number().positive().nullable().default(1),
  /** Decay of a moving average of the parameters, which is then what is saved as the model. */
  averageDecay: z.number().gt(0).lt(1).optional(),
  /** Steps between evaluations on a part of the validation text, and between checkpoints. */
  evaluateEvery: count.default(250),
  checkpointEvery: count.default(250),
  /** Stop after so many evaluations without a new best, and keep the weights of the best. */
  patience: count.optional(),
  /** Steps made in one call of the runtime; by default more for small models. */
  repeat: count.optional(),
  /** Share of the rows that are rearranged for filling in the middle, where the codec is `code`. */
  fill: share.default(0.5),
  /** Share of the tokens that a masked model has to find, at every step others. */
  mask: z.number().gt(0).lt(1).default(0.15),
});

/** What the model has to reach: `export` refuses one that misses it. */
export const goalSchema = z.strictObject({
  /** A measure of the evaluation, by its name in evidence.json. */
  metric: z.string().min(1),
  /** The worst value that is good enough. */
  threshold: z.number(),
});

export const recipeSchema = z.strictObject({
  /** The name of a known dataset, the path of a file or folder, or a list of them. */
  data: dataSourceSchema,
  /** What is taken out of the data before anything learns from it. */
  curation: curationSchema.optional(),
  /** The part of the text that is held out. */
  validation: z.number().gt(0).lt(1).default(0.1),
  codec: codecSchema.prefault({ kind: "characters" }),
  /** A model (name or path) to go on from: its family, sizes, codec and weights. */
  from: z.string().min(1).optional(),
  family: z.enum(["gpt", "bert"]).default("gpt"),
  model: transformerSchema.prefault({}),
  training: trainingSchema.prefault({}),
  goal: goalSchema.optional(),
  seed: z.int().min(0).default(1),
});

/** A recipe with every default filled in. */
export type Recipe = z.infer<typeof recipeSchema>;
/** A recipe as people write it. */
export type RecipeInput = z.input<typeof recipeSchema>;

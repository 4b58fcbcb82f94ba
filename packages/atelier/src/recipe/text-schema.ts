/** The recipes of text models: a codec for tokens, a transformer, and what they are trained on. */
import { curationSchema } from "@atelier/data";
import { z } from "zod";
import {
  type AdamwDefaults,
  count,
  type MuonDefaults,
  optimiserSchema,
  scheduleSchema,
  share,
  trainingShape,
} from "./training-schema.js";

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
  z.strictObject({
    /** Pictures as tokens: the codes that a trained vq makes of them. `data` are pictures then. */
    kind: z.literal("vq"),
    /** The vq, by its name or path. It says which pictures are held out, and what they are compared by. */
    model: z.string().min(1),
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

/** As nanoGPT has it, for batches of few tokens. */
const TEXT_ADAMW: AdamwDefaults = { learningRate: 1e-3, betas: [0.9, 0.99], weightDecay: 0.1 };
const TEXT_MUON: MuonDefaults = { embeddingRate: 0.03, headRate: 0.01, betas: [0.8, 0.95], epsilon: 1e-10 };

export const textTrainingSchema = z.strictObject({
  ...trainingShape,
  /** Sequences in a batch. */
  batch: count.default(16),
  optimiser: optimiserSchema(TEXT_ADAMW, TEXT_MUON).prefault({ kind: "muon" }),
  schedule: scheduleSchema.prefault({ kind: "stable-decay" }),
  /** Share of the rows that are rearranged for filling in the middle, where the codec is `code`. */
  fill: share.default(0.5),
  /** Share of the tokens that a masked model has to find, at every step others. */
  mask: z.number().gt(0).lt(1).default(0.15),
});

/** What a recipe for text has beside what all recipes have. */
export const textRecipeShape = {
  /** What is taken out of the data before anything learns from it. */
  curation: curationSchema.optional(),
  codec: codecSchema.prefault({ kind: "characters" }),
  model: transformerSchema.prefault({}),
  training: textTrainingSchema.prefault({}),
};

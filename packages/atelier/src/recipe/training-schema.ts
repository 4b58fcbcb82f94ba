/** The settings of a training that do not depend on what is trained: optimisers, schedules, how often, how long. */
import { z } from "zod";

export const count = z.int().min(1);
export const share = z.number().min(0).max(1);
const rate = z.number().positive();
/** What a moving average keeps of itself; at 1 it would never move. */
const keep = z.number().min(0).lt(1);

/** What AdamW is unless a recipe says otherwise. */
export interface AdamwDefaults {
  readonly learningRate: number;
  readonly betas: readonly [number, number];
  readonly weightDecay: number;
}

/** What AdamW is for that which Muon leaves to it. */
export interface MuonDefaults {
  readonly embeddingRate: number;
  readonly headRate: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
}

/** What both are depends on what is trained. */
export const optimiserSchema = ({ learningRate, betas, weightDecay }: AdamwDefaults, rest: MuonDefaults) =>
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("adamw"),
      learningRate: rate.default(learningRate),
      betas: z.tuple([keep, keep]).default([...betas]),
      epsilon: rate.default(1e-8),
      weightDecay: z.number().min(0).default(weightDecay),
    }),
    z.strictObject({
      kind: z.literal("sgd"),
      learningRate: rate.default(0.1),
      momentum: keep.default(0.9),
      nesterov: z.boolean().default(true),
      weightDecay: z.number().min(0).default(0),
    }),
    z.strictObject({
      /** Muon for matrices and kernels between the first layer and the last, AdamW for those, embeddings and vectors. */
      kind: z.literal("muon"),
      learningRate: rate.default(0.02),
      momentum: keep.default(0.95),
      weightDecay: z.number().min(0).default(0),
      embeddingRate: rate.default(rest.embeddingRate),
      headRate: rate.default(rest.headRate),
      betas: z.tuple([keep, keep]).default([...rest.betas]),
      epsilon: rate.default(rest.epsilon),
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

/** What every training has, whatever it trains. The optimiser and the schedule have other defaults for other families. */
export const trainingShape = {
  /** Updates of the parameters. */
  steps: count.default(2000),
  /** Batches averaged into one update. */
  accumulate: count.default(1),
  /** Largest gradient norm; null leaves gradients as they are. */
  clip: z.number().positive().nullable().default(1),
  /** Decay of a moving average of the parameters, which is then what is saved as the model. */
  averageDecay: z.number().gt(0).lt(1).optional(),
  /** Steps between evaluations on a part of the held-out data, and between checkpoints. */
  evaluateEvery: count.default(250),
  checkpointEvery: count.default(250),
  /** Stop after so many evaluations without a new best, and keep the weights of the best. */
  patience: count.optional(),
  /** Steps made in one call of the runtime; by default more for small models. */
  repeat: count.optional(),
};

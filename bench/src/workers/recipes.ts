/** The recipes that the benchmark trains: nanoGPT's own, as peers/nanogpt.py has it, and ours of the same parameter count. */

import type { TrainingPlan } from "@atelier/atelier";
import {
  adamw,
  classicGpt,
  type GptConfiguration,
  gpt,
  modernGpt,
  muon,
  warmupCosine,
  warmupStableDecay,
} from "@atelier/models";
import type { Size } from "./sizes.js";

export interface Recipe {
  readonly configuration: GptConfiguration;
  readonly plan: TrainingPlan;
  readonly batch: number;
  readonly steps: number;
  /** The recipe evaluates the validation split whenever it has taken so many steps. */
  readonly evaluateEvery: number;
}

/** nanoGPT's tinyshakespeare recipe: AdamW at 1e-3 with a cosine to 1e-4, gradient norm clipped to 1, no biases, no dropout. */
export function nanogptRecipe(size: Size, vocabulary: number): Recipe {
  const steps = 2000;
  const configuration = classicGpt({ ...modelSize(size), vocabulary }, { bias: false });
  return {
    configuration,
    plan: {
      family: gpt(configuration),
      optimisers: { gpt: adamw({ learningRate: 1e-3, betas: [0.9, 0.99], weightDecay: 0.1 }) },
      schedule: warmupCosine({ warmup: 100, total: steps, final: 0.1 }),
      clip: 1,
    },
    batch: size.batch,
    // nanoGPT counts from 0 to 2,000 inclusive.
    steps: steps + 1,
    evaluateEvery: 250,
  };
}

/**
 * Ours: RMS norm, rotary positions, normalised queries and keys, ReLU², zero-initialised projections and a free head; Muon for the matrices,
 * Adam for embedding and head, and a linear decay over the second half.
 */
export function modernRecipe(size: Size, vocabulary: number): Recipe {
  const steps = 400;
  const configuration = modernGpt({ ...modelSize(size), vocabulary });
  const isTable = (path: string) => path.startsWith("embedding.") || path.startsWith("head.");
  return {
    configuration,
    plan: {
      family: gpt(configuration),
      optimisers: {
        gpt: muon({
          learningRate: 0.02,
          matrices: (path) => !isTable(path),
          blocks: (path) => (path.endsWith("attention.qkv.weight") ? 3 : 1),
          rest: adamw({
            learningRate: 1,
            betas: [0.8, 0.95],
            rateOf: (path) => (path.startsWith("embedding.") ? 0.03 : 0.01),
          }),
        }),
      },
      schedule: warmupStableDecay({ warmup: 0, total: steps, decay: 0.5 }),
    },
    batch: size.batch,
    steps,
    evaluateEvery: steps,
  };
}

function modelSize({ layers, heads, width, context }: Size) {
  return { layers, heads, width, context };
}

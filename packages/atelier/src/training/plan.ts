/** From a recipe to what the trainer runs: the family with its settings, its optimisers, its schedule. */

import { RandomKey } from "@atelier/engine";
import {
  adamw,
  constantRate,
  muon,
  type Optimiser,
  type Schedule,
  sgd,
  type TrainableFamily,
  warmupCosine,
  warmupStableDecay,
} from "@atelier/models";
import type { Placement, TextModel } from "../families/text-family.js";
import type { Recipe, TextRecipe } from "../recipe/schema.js";
import type { TrainingPlan } from "./step.js";
import type { Subject } from "./subject.js";
import type { TrainerOptions } from "./trainer.js";

/** Layers between which a network has the matrices that Muon is for. */
const FIRST = /^(?:[^.]+\.)?(?:input|basis)\./;
const LAST = /^(?:head|(?:[^.]+\.)?output)\./;

export function planOf({ training }: Recipe, family: TrainableFamily): TrainingPlan {
  return {
    family,
    optimisers: Object.fromEntries(
      Object.keys(family.networks).map((network) => [network, optimiserOf(training.optimiser)]),
    ),
    schedule: scheduleOf(training.schedule, training.steps),
    clip: training.clip ?? undefined,
    accumulate: training.accumulate,
    averageDecay: training.averageDecay,
  };
}

export function scheduleOf(schedule: Recipe["training"]["schedule"], total: number): Schedule {
  switch (schedule.kind) {
    case "constant":
      return constantRate;
    case "cosine":
      return warmupCosine({ ...schedule, total });
    case "stable-decay":
      return warmupStableDecay({ ...schedule, total });
  }
}

function optimiserOf(settings: Recipe["training"]["optimiser"]): Optimiser {
  switch (settings.kind) {
    case "adamw":
      return adamw(settings);
    case "sgd":
      return sgd(settings);
    case "muon": {
      const { embeddingRate, headRate, betas, epsilon } = settings;
      return muon({
        ...settings,
        matrices: (path) => path.endsWith(".weight") && !FIRST.test(path) && !LAST.test(path),
        // Queries, keys and values are three maps that happen to be stored side by side.
        blocks: (path, [rows, columns]) => (path.endsWith("attention.qkv.weight") && columns === 3 * rows! ? 3 : 1),
        rest: adamw({
          learningRate: embeddingRate,
          betas,
          epsilon,
          weightDecay: 0,
          rateOf: (path) => (LAST.test(path) ? headRate / embeddingRate : 1),
        }),
      });
    }
  }
}

/** How many steps one call of the runtime makes: several while copying the state in and out would weigh against a step. */
export function repeatOf(recipe: TextRecipe, { configuration: c }: Pick<TextModel, "configuration">): number {
  if (recipe.training.repeat !== undefined) return recipe.training.repeat;
  const parameters = c.layers * (4 * c.width * c.width + 2 * c.width * c.hidden) + c.vocabulary * c.width;
  const tokens = recipe.training.batch * c.context;
  return parameters < 4e6 && tokens <= 8192 ? 8 : 1;
}

/** What one update is made of, in tokens. */
export const tokensAStep = ({ training, model }: TextRecipe): number =>
  training.batch * model.context * training.accumulate;

/** A trainer's options: everything random follows from the recipe's seed, and a batch from the seed and its number alone. */
export function trainerOptions(
  recipe: Recipe,
  subject: Pick<Subject, "trainable" | "batches">,
  on: Placement,
): TrainerOptions {
  const key = RandomKey.fromSeed(recipe.seed);
  return {
    plan: planOf(recipe, subject.trainable),
    batches: subject.batches(key.split("batch")),
    key,
    device: on.device,
    threads: on.threads,
  };
}

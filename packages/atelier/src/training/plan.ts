/** From a recipe to what the trainer runs: the family with its settings, its optimisers, its schedule. */

import type { TokenStream } from "@atelier/data";
import { type Device, RandomKey } from "@atelier/engine";
import {
  adamw,
  classicGpt,
  constantRate,
  type GptConfiguration,
  gpt,
  modernGpt,
  muon,
  type Optimiser,
  type Schedule,
  sgd,
  warmupCosine,
  warmupStableDecay,
} from "@atelier/models";
import type { Recipe } from "../recipe/schema.js";
import type { TrainingPlan } from "./step.js";
import type { TrainerOptions } from "./trainer.js";

export function gptConfiguration(
  { preset, layers, heads, width, context, ...changes }: Recipe["model"],
  vocabulary: number,
): GptConfiguration {
  const make = preset === "classic" ? classicGpt : modernGpt;
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return make({ vocabulary, context, layers, heads, width }, given);
}

export function planOf(recipe: Recipe, configuration: GptConfiguration): TrainingPlan {
  const { training } = recipe;
  return {
    family: gpt(configuration),
    optimisers: { gpt: optimiserOf(training.optimiser) },
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
        matrices: (path) => path.startsWith("blocks."),
        // Queries, keys and values are three maps that happen to be stored side by side.
        blocks: (path, [rows, columns]) => (path.endsWith("attention.qkv.weight") && columns === 3 * rows! ? 3 : 1),
        rest: adamw({
          learningRate: embeddingRate,
          betas,
          epsilon,
          weightDecay: 0,
          rateOf: (path) => (path.startsWith("head.") ? headRate / embeddingRate : 1),
        }),
      });
    }
  }
}

/** How many steps one call of the runtime makes: several while copying the state in and out would weigh against a step. */
export function repeatOf(recipe: Recipe, c: GptConfiguration): number {
  if (recipe.training.repeat !== undefined) return recipe.training.repeat;
  const parameters = c.layers * (4 * c.width * c.width + 2 * c.width * c.hidden) + c.vocabulary * c.width;
  const tokens = recipe.training.batch * recipe.model.context;
  return parameters < 4e6 && tokens <= 8192 ? 8 : 1;
}

/** What one update is made of, in tokens. */
export const tokensAStep = ({ training, model }: Recipe): number =>
  training.batch * model.context * training.accumulate;

/** A trainer's options: everything random follows from the recipe's seed, and a batch from the seed and its number alone. */
export function trainerOptions(
  recipe: Recipe,
  configuration: GptConfiguration,
  stream: TokenStream,
  on: { readonly device?: Device | undefined; readonly threads?: number | undefined },
): TrainerOptions {
  const { batch } = recipe.training;
  const { context } = configuration;
  const key = RandomKey.fromSeed(recipe.seed);
  const batchKey = key.split("batch");
  return {
    plan: planOf(recipe, configuration),
    batches: (step) => stream.sample(batchKey.at(step), batch, context),
    shape: [batch, context],
    key,
    device: on.device,
    threads: on.threads,
  };
}

/**
 * Which trials a sweep makes, and how long each is: all of it a function of the plan, so that a sweep that was cut off goes on with
 * exactly the same trials.
 *
 * - **Random search** (Bergstra & Bengio, "Random search for hyper-parameter optimization", JMLR 2012): every trial draws each setting
 *   independently. Of n trials, n different values of every setting are tried; a grid tries only a few of each.
 * - **Successive halving** (Jamieson & Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS
 *   2016; the inner loop of Hyperband, Li et al., JMLR 2018, algorithm 1 with its most exploring bracket): all trials are trained for a
 *   small share of the steps, the best 1/η of them for η times as many, and so on; those of the last rung for all steps.
 *
 * Each rung trains anew, as a run of its own length. Going on from the rung before would be cheaper, but learning rates fall towards the
 * end of a schedule: a run of the full schedule that is judged before its rate has fallen says little of how it would end (high rates
 * look worse than they are), and one whose rate has fallen cannot go on as if it had not. So every length is judged after its own decay.
 * With η = 3 this costs a survivor at most half as many steps again.
 */
import { RandomKey } from "@atelier/engine/random";
import { put, resolveRecipe } from "../recipe/resolve.js";
import { type Dimension, draw, sizeOf } from "./dimension.js";
import { SweepError } from "./errors.js";

export const METHODS = ["random", "halving"] as const;
export type Method = (typeof METHODS)[number];

/** Settings by their dotted names. */
export type Settings = Readonly<Record<string, unknown>>;

export interface Trial {
  /** From 1. */
  readonly number: number;
  readonly settings: Settings;
}

export interface Rung {
  /** How many trials it has at most. */
  readonly trials: number;
  /** The share of its steps that each is trained for. */
  readonly share: number;
}

/**
 * The trials of a sweep, all different; fewer than asked for where there are no more combinations.
 *
 * @param seed of the draws; trial n of a seed is the same however many trials there are.
 */
export function drawTrials(dimensions: readonly Dimension[], count: number, seed: number): Trial[] {
  const combinations = dimensions.reduce((product, dimension) => product * sizeOf(dimension), 1);
  const key = RandomKey.fromSeed(seed).split("sweep");
  const seen = new Set<string>();
  return Array.from({ length: Math.min(count, combinations) }, (_, i) => {
    for (let attempt = 0; ; attempt++) {
      const trial = key.at(i).at(attempt);
      const settings = Object.fromEntries(
        dimensions.map((each) => [each.setting, draw(each, trial.split(each.setting))]),
      );
      const identity = JSON.stringify(settings);
      if (seen.has(identity)) continue;
      seen.add(identity);
      return { number: i + 1, settings };
    }
  });
}

/** The rungs of a sweep, shortest first. @param eta of each rung 1/η goes on. */
export function rungsOf(method: Method, trials: number, eta: number): Rung[] {
  if (method === "random") return [{ trials, share: 1 }];
  // Multiplied up rather than by logarithms, which miss whole powers by a rounding error.
  let last = 0;
  while (eta ** (last + 1) <= trials) last++;
  return Array.from({ length: last + 1 }, (_, k) => ({
    trials: Math.floor(trials / eta ** k),
    share: eta ** (k - last),
  }));
}

/** A recipe as people write it, with a trial's settings put in. */
export const withSettings = (recipe: Record<string, unknown>, settings: Settings): Record<string, unknown> =>
  Object.entries(settings).reduce((changed, [name, value]) => put(changed, name.split("."), value), recipe);

/**
 * A trial's recipe at a rung, as people write it: what it leaves out stays out. The warm-up shrinks with the steps, since it is part of
 * the schedule's shape.
 *
 * @throws {RecipeError} where its settings cannot be. @throws {SweepError} where the rung is shorter than a step.
 */
export function trialRecipe(
  base: Record<string, unknown>,
  settings: Settings,
  share: number,
): { readonly recipe: Record<string, unknown>; readonly steps: number } {
  const recipe = withSettings(base, settings);
  const { steps, schedule } = resolveRecipe(recipe).training;
  const fewer = Math.round(steps * share);
  if (fewer < 1) {
    throw new SweepError(`${steps} steps are too few to give a trial ${share.toPrecision(2)} of them`, {
      hint: "make fewer trials, or more steps",
    });
  }
  if (share === 1) return { recipe, steps };
  const shorter = put(recipe, ["training", "steps"], fewer);
  const warmup = "warmup" in schedule ? Math.round(schedule.warmup * share) : undefined;
  return {
    recipe: warmup === undefined ? shorter : put(shorter, ["training", "schedule", "warmup"], warmup),
    steps: fewer,
  };
}

/**
 * Training a whole recipe with Atelier, for the rows about quality and time to quality.
 *
 * The clock runs from the text in memory to the end of training: encoding, compiling and the recipe's own evaluations are inside. With a
 * `target` the run evaluates the whole validation split as it goes and stops at the first evaluation at or under it, which counts
 * as time too. The split is nanoGPT's: the first nine tenths to train on, the rest to validate on, in non-overlapping windows
 * of the context's length from its first token.
 */

import { readFile } from "node:fs/promises";
import { encodeCharacters, splitCharacters } from "./characters.js";
import { startGptTraining } from "./gpt-training.js";
import { type RecipeName, readBenchRecipe } from "./recipes.js";
import { versions } from "./versions.js";

export interface RecipeRun {
  readonly recipe: RecipeName;
  readonly seed: number;
  readonly threads: number;
  /** Path of the text. */
  readonly text: string;
  /** Stop at the first validation loss at or under this, in nats. */
  readonly target: number | undefined;
  readonly progress: (line: string) => void;
}

export interface RecipeResult {
  readonly seconds: number;
  readonly validationLoss: number;
  /** Tokens that the loss is a mean over. */
  readonly predictions: number;
  readonly parameters: number;
  readonly steps: number;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
}

export async function trainRecipe({
  recipe: name,
  seed,
  threads,
  text: path,
  target,
  progress,
}: RecipeRun): Promise<RecipeResult> {
  const text = await readFile(path, "utf8");
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const { ids, vocabulary } = encodeCharacters(text);
  const { train, validation } = splitCharacters(ids);
  const recipe = await readBenchRecipe(name);
  const { evaluateEvery } = recipe.training;
  // nanoGPT's last evaluation comes before its last update, so the loss it ends with is that of 2,000 updates.
  const total = recipe.training.steps;
  const training = await startGptTraining({ recipe, vocabulary, tokens: train, seed, threads });
  let step = 0;
  let evaluation = { loss: Number.POSITIVE_INFINITY, predictions: 0 };
  while (step < total && !(target !== undefined && evaluation.loss <= target)) {
    const until = Math.min(total, step + evaluateEvery);
    await training.steps(until - step);
    step = until;
    evaluation = await training.evaluate(validation);
    progress(`seed ${seed}, step ${step}: validation ${evaluation.loss.toFixed(4)}, ${seconds().toFixed(1)} s`);
  }
  return {
    seconds: seconds(),
    validationLoss: evaluation.loss,
    predictions: evaluation.predictions,
    parameters: training.parameters,
    steps: step,
    seed,
    versions: versions(),
  };
}

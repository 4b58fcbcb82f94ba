/** Makes the `Stepper` that the step rows measure: nanoGPT's recipe at one of its sizes, trained by the product's own step. */

import { charactersOf, splitCharacters } from "./characters.js";
import { startGptTraining } from "./gpt-training.js";
import { atSize, readBenchRecipe } from "./recipes.js";
import type { SizeName } from "./sizes.js";
import type { Stepper } from "./step-worker.js";
import { versions } from "./versions.js";

export interface StepperOptions {
  readonly threads: number;
  /** Path of the text to draw batches from; without one, random tokens. */
  readonly text: string | undefined;
}

export async function createStepper(name: SizeName, { threads, text }: StepperOptions): Promise<Stepper> {
  const { ids, vocabulary } = await charactersOf(text);
  const recipe = atSize(await readBenchRecipe("nanogpt"), name);
  const tokens = splitCharacters(ids).train;
  const training = await startGptTraining({ recipe, vocabulary, tokens, seed: recipe.seed, threads });
  return {
    description: `Atelier on ONNX Runtime, fp32, ${threads} threads, ${training.parameters.toLocaleString("en")} parameters`,
    versions: versions(),
    compileMilliseconds: training.compileMilliseconds,
    steps: (count) => training.steps(count),
  };
}

/** How many steps fit into a given time on this machine: measured on the very steps that will be made, and thrown away. */
import type { TextModel } from "../families/text-family.js";
import type { Recipe } from "../recipe/schema.js";
import type { Corpus } from "./corpus.js";
import type { TrainOptions } from "./events.js";
import { repeatOf, trainerOptions } from "./plan.js";
import { Trainer } from "./trainer.js";

/** Seconds of measuring; one more or less for the graph that has to be prepared first. */
const MEASURED = 3;

/** The recipe with as many steps as fit into `minutes`, a multiple of how many are made in one call, evaluated about six times. */
export async function paced(
  recipe: Recipe,
  minutes: number,
  corpus: Corpus,
  model: TextModel,
  { device, threads, signal, onEvent }: Pick<TrainOptions, "device" | "threads" | "signal" | "onEvent">,
): Promise<Recipe> {
  const { training } = recipe;
  const repeat = repeatOf(recipe, model);
  const trainer = new Trainer(trainerOptions(recipe, model, corpus.train, { device, threads }));
  try {
    await trainer.advance(repeat);
    const startedAt = performance.now();
    const from = trainer.done;
    do {
      signal?.throwIfAborted();
      await trainer.advance(repeat);
      const seconds = Math.min(MEASURED, (performance.now() - startedAt) / 1000);
      onEvent?.({ kind: "stage", stage: "measuring the speed", done: seconds / MEASURED, total: 1 });
    } while (performance.now() - startedAt < MEASURED * 1000);
    const secondsAStep = (performance.now() - startedAt) / 1000 / (trainer.done - from);
    const calls = Math.max(1, Math.round((minutes * 60) / secondsAStep / repeat));
    const steps = calls * repeat;
    const every = Math.max(repeat, Math.ceil(calls / 6) * repeat);
    return { ...recipe, training: { ...training, steps, evaluateEvery: every, checkpointEvery: every } };
  } finally {
    await trainer.release();
  }
}

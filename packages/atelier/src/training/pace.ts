/** How many steps fit into a given time on this machine: measured on the very steps that will be made, and thrown away. */
import type { Recipe } from "../recipe/schema.js";
import type { TrainOptions } from "./events.js";
import { trainerOptions } from "./plan.js";
import type { Subject } from "./subject.js";
import { Trainer } from "./trainer.js";

/** Seconds of measuring; one more or less for the graph that has to be prepared first. */
const MEASURED = 3;

/** The recipe with as many steps as fit into `minutes`, a multiple of how many are made in one call, evaluated about six times. */
export async function paced(
  recipe: Recipe,
  minutes: number,
  subject: Subject,
  { device, threads, signal, onEvent }: Pick<TrainOptions, "device" | "threads" | "signal" | "onEvent">,
): Promise<Recipe> {
  const { repeat } = subject;
  const trainer = new Trainer(trainerOptions(recipe, subject, { device, threads }));
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
    return withTraining(recipe, { steps, evaluateEvery: every, checkpointEvery: every });
  } finally {
    await trainer.release();
  }
}

/** A recipe of the same family: only what all families have is set. */
const withTraining = <R extends Recipe>(
  recipe: R,
  changes: Pick<R["training"], "steps" | "evaluateEvery" | "checkpointEvery">,
): R => ({ ...recipe, training: { ...recipe.training, ...changes } });

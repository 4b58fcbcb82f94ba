/** The learning rate of a recipe at a step, by running the traced schedule in the reference interpreter. */
import { scalar } from "@atelier/engine";
import { interpret } from "@atelier/engine/reference";
import type { Recipe } from "../recipe/schema.js";
import { scheduleOf } from "../training/plan.js";

export function rateAt({ training }: Recipe, step: number): number {
  const factor = scheduleOf(training.schedule, training.steps)(scalar(step));
  return interpret([factor])[0]!.data[0]! * training.optimiser.learningRate;
}

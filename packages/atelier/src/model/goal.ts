/** What a recipe asked a model to reach, and whether it did. */
import { AtelierError } from "@atelier/engine/errors";
import { nearest } from "@atelier/engine/nearest";
import { type Measure, meets } from "../evaluation/metrics/measure.js";
import { formatMeasured } from "../evaluation/metrics/measure-table.js";
import type { Recipe } from "../recipe/schema.js";

/** A model that has not reached what its recipe asked for. */
export class GoalMissedError extends AtelierError {
  readonly code = "GOAL_MISSED";
}

export interface Goal {
  readonly met: boolean;
  /** One sentence. */
  readonly text: string;
}

/** Undefined where no goal was set. One that names no measure is missed: nothing shows that it was reached. */
export function goalOf(goal: Recipe["goal"], measures: readonly Measure[]): Goal | undefined {
  if (goal === undefined) return undefined;
  const { metric, threshold } = goal;
  const measure = measures.find(({ name }) => name === metric);
  if (measure === undefined) {
    const names = measures.map(({ name }) => name);
    const guess = nearest(metric, names);
    const hint = guess === undefined ? `measured were ${names.join(", ")}` : `did you mean "${guess}"?`;
    return { met: false, text: `Goal missed: "${metric}" was not measured (${hint}).` };
  }
  const met = meets(measure, threshold);
  const bound = `${measure.better === "lower" ? "at most" : "at least"} ${formatMeasured(threshold, measure.unit)}`;
  return {
    met,
    text: `Goal ${met ? "reached" : "missed"}: ${metric} ${formatMeasured(measure.value, measure.unit)}, asked for ${bound}.`,
  };
}

/** @throws {GoalMissedError} */
export function requireGoal(goal: Goal | undefined, model: string): void {
  if (goal === undefined || goal.met) return;
  throw new GoalMissedError(`${model} is not ready: ${goal.text}`, {
    hint: "Train it further, or insist with --force.",
  });
}

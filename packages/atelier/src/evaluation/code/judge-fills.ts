/** What filled middles are worth: one value a task for each measure, so that means and intervals can be taken of them. */
import { ArgumentError } from "@atelier/engine";
import type { FillTask } from "./fill-tasks.js";
import { parses } from "./parses.js";
import { editSimilarity, exactMatch } from "./similarity.js";

export interface FillJudgement {
  /** 0 or 1 for each task: see similarity.ts. */
  readonly exactMatch: readonly number[];
  /** From 0 to 1 for each task. */
  readonly editSimilarity: readonly number[];
  /**
   * Whether the whole document with the fill in it parses. Undefined where that is not judged: no parser is known for the
   * file's ending, or the document did not parse as it was.
   */
  readonly parses: readonly (boolean | undefined)[];
  /** How many tasks `parses` says nothing of. */
  readonly notJudged: number;
}

/** Judges `fills[i]`, what was written into the gap of `tasks[i]`. @throws ArgumentError where their numbers differ. */
export function judgeFills(tasks: readonly FillTask[], fills: readonly string[]): FillJudgement {
  if (tasks.length !== fills.length) {
    throw new ArgumentError(`There are ${fills.length} fills for ${tasks.length} tasks`, {
      hint: "Give one for each.",
    });
  }
  const originals = new Map<string, boolean | undefined>();
  const verdicts = tasks.map(({ name, before, prefix, middle, suffix, after }, i) => {
    const original = before + prefix + middle + suffix + after;
    if (!originals.has(original)) originals.set(original, parses(name, original));
    return originals.get(original) === true ? parses(name, before + prefix + fills[i]! + suffix + after) : undefined;
  });
  return {
    exactMatch: tasks.map(({ middle }, i) => exactMatch(fills[i]!, middle)),
    editSimilarity: tasks.map(({ middle }, i) => editSimilarity(fills[i]!, middle)),
    parses: verdicts,
    notJudged: verdicts.filter((verdict) => verdict === undefined).length,
  };
}

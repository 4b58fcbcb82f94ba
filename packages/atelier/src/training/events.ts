/** What a training tells while it runs, what it is told, and what it returns. */
import type { DataSource, DatasetProgress, PictureSource } from "@atelier/data";
import type { Device } from "@atelier/engine";
import type { Ability } from "@atelier/models";
import type { Evidence } from "../evaluation/metrics/evidence.js";
import type { ModelSamples } from "../evaluation/samples.js";
import type { Goal } from "../model/goal.js";
import type { Recipe } from "../recipe/schema.js";
import type { Score, Subject } from "./subject.js";

/** What happens along the way, in order. */
export type TrainEvent =
  | { readonly kind: "data"; readonly progress: DatasetProgress }
  /** The data are read, and the model is known. */
  | { readonly kind: "subject"; readonly subject: Subject; readonly parameters: number }
  | {
      readonly kind: "run";
      readonly name: string;
      readonly directory: string;
      /** As it is kept with the run: complete, with the steps that fit into the time asked for. */
      readonly recipe: Recipe;
      readonly from: number;
      readonly total: number;
    }
  | { readonly kind: "warning"; readonly message: string }
  | {
      readonly kind: "baseline";
      readonly score: Score;
      readonly name: string;
      /** Its figures in words. */
      readonly text: string;
      readonly seconds: number;
    }
  | {
      readonly kind: "steps";
      readonly step: number;
      readonly loss: number;
      readonly gradientNorm: number;
      /** What else was measured, by name; of a family of several phases, the loss of each: `generator.loss`. */
      readonly figures: Readonly<Record<string, number>>;
      /** Tokens or pictures; 0 where it cannot be told yet. */
      readonly unitsPerSecond: number;
      readonly unit: string;
    }
  | {
      readonly kind: "evaluation";
      readonly step: number;
      readonly loss: number;
      /** In words, where there is more to say than the loss. */
      readonly text?: string | undefined;
    }
  /** Several evaluations brought nothing new: the weights of the best one are the model. */
  | { readonly kind: "early-stop"; readonly step: number; readonly best: number }
  /** Work beside the steps, such as what is measured in the end; `stage` says what. */
  | { readonly kind: "stage"; readonly stage: string; readonly done: number; readonly total: number }
  | { readonly kind: "checkpoint"; readonly step: number; readonly path: string };

export interface TrainOptions {
  /** Where runs and models are kept; by default `$ATELIER_HOME`, or `.atelier` in the current folder. */
  readonly home?: string | undefined;
  /**
   * Documents that the program has in hand, in place of the recipe's `data`, which then only names them. They have to be given again
   * to resume.
   */
  readonly data?: DataSource | PictureSource | undefined;
  readonly name?: string | undefined;
  /** Makes as many steps as fit into this time here, measured first; the recipe's own number of steps is then not used. */
  readonly minutes?: number | undefined;
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  /** Stops in good order: a checkpoint is written and the run can be resumed. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: TrainEvent) => void;
}

/** With what was left out filled in. */
export type FullTrainOptions = TrainOptions & { readonly home: string };

export interface TrainResult {
  readonly run: string;
  readonly directory: string;
  readonly report: string | undefined;
  /** The saved model's folder; undefined where the run was stopped before its end. */
  readonly model: string | undefined;
  readonly status: "finished" | "stopped";
  readonly step: number;
  readonly steps: number;
  readonly seconds: number;
  readonly score: Score | undefined;
  /** Everything that was measured in the end, with intervals and a verdict: what stands in evidence.json. */
  readonly evidence: Evidence | undefined;
  /** Whether the goal of the recipe is reached; undefined where it has none. */
  readonly goal: Goal | undefined;
  /** What the model can do. */
  readonly can: readonly Ability[];
  readonly baseline: Score;
  readonly baselineName: string;
  /** Texts to look at. */
  readonly samples: readonly ModelSamples[];
  /** Pictures to look at, as files. */
  readonly pictures: readonly { readonly title: string; readonly path: string }[];
}

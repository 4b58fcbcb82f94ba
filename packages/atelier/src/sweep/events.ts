/** What a sweep is told, and what it tells while it runs. */
import type { Device } from "@atelier/engine";
import type { TrainEvent } from "../training/train.js";
import type { Method, Trial } from "./plan.js";
import type { SweepPlan, SweepRecord, TrialResult } from "./record.js";

/** What happens along the way. */
export type SweepEvent =
  | { readonly kind: "sweep"; readonly record: SweepRecord; readonly plan: SweepPlan; readonly directory: string }
  /** A trial begins, or goes on. */
  | {
      readonly kind: "trial";
      readonly trial: Trial;
      readonly rung: number;
      readonly run: string;
      readonly steps: number;
    }
  /** What its training tells. */
  | { readonly kind: "train"; readonly trial: Trial; readonly event: TrainEvent }
  | { readonly kind: "result"; readonly trial: Trial; readonly result: TrialResult; readonly score: number | undefined }
  /** Training steps of all trials, those of later rungs as planned. */
  | { readonly kind: "progress"; readonly done: number; readonly total: number };

export interface SweepWorkOptions {
  readonly home: string;
  /** Stops in good order after this time; the sweep can then be resumed. */
  readonly minutes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: SweepEvent) => void;
}

export interface SweepOptions extends SweepWorkOptions {
  /** What is varied: `SETTING=VALUES`, as `parseDimension` reads it. */
  readonly over: readonly string[];
  /** How many trials begin; default 12. */
  readonly trials?: number | undefined;
  /** Default `random`. */
  readonly method?: Method | undefined;
  /** With `halving`, one of this many goes on to the next rung; default 3. */
  readonly eta?: number | undefined;
  /** Of the draws; default the recipe's. */
  readonly seed?: number | undefined;
  readonly name?: string | undefined;
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
}

/** What a training tells while it runs, what it is told, and what it returns. */
import type { DatasetProgress } from "@atelier/data";
import type { Device } from "@atelier/engine";
import type { GptConfiguration } from "@atelier/models";
import type { LanguageScore } from "../evaluation/evaluate.js";
import type { ModelSamples } from "../generation/samples.js";
import type { Corpus } from "./corpus.js";

/** What happens along the way, in order. */
export type TrainEvent =
  | { readonly kind: "data"; readonly progress: DatasetProgress }
  | {
      readonly kind: "corpus";
      readonly corpus: Corpus;
      readonly configuration: GptConfiguration;
      readonly parameters: number;
    }
  | {
      readonly kind: "run";
      readonly name: string;
      readonly directory: string;
      readonly from: number;
      readonly total: number;
    }
  | { readonly kind: "warning"; readonly message: string }
  | { readonly kind: "baseline"; readonly score: LanguageScore; readonly order: number; readonly seconds: number }
  | {
      readonly kind: "steps";
      readonly step: number;
      readonly loss: number;
      readonly gradientNorm: number;
      readonly tokensPerSecond: number;
    }
  | { readonly kind: "evaluation"; readonly step: number; readonly loss: number }
  | { readonly kind: "final"; readonly done: number; readonly total: number }
  | { readonly kind: "checkpoint"; readonly step: number; readonly path: string };

export interface TrainOptions {
  readonly home: string;
  readonly name?: string | undefined;
  /** Makes as many steps as fit into this time here, measured first; the recipe's own number of steps is then not used. */
  readonly minutes?: number | undefined;
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  /** Stops in good order: a checkpoint is written and the run can be resumed. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: TrainEvent) => void;
}

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
  readonly score: LanguageScore | undefined;
  readonly baseline: LanguageScore;
  readonly baselineName: string;
  readonly samples: readonly ModelSamples[];
}

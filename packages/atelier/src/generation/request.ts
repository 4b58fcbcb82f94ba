/** What generation is asked for, and what it answers. */
import { ArgumentError } from "@atelier/engine";
import type { SamplingSettings, SamplingStep } from "@atelier/models";
import type { TokenProbability } from "./log-probabilities.js";

/**
 * What follows one row as it is written: a grammar that masks its tokens, a search for stop strings. One is made for every row.
 */
export interface RowRule {
  /** Changes the model's logits before the settings do. */
  readonly step?: SamplingStep;
  /** Called with every token of the row, in order, as it is drawn; a stop token is none of the row. */
  accept(token: number): void;
  /** True once the row ends with the token just accepted, which still belongs to it. */
  readonly finished: boolean;
}

export interface GenerationSettings extends SamplingSettings {
  /** The most tokens to add to each prompt. */
  readonly tokens: number;
  /** How many samples of each prompt, generated side by side. */
  readonly samples: number;
  /** A token, or several, that end a row and are not part of it. */
  readonly stop?: number | readonly number[] | undefined;
  /** Also say how probable each token was, beside this many of the most probable ones; 0 for the token alone. */
  readonly logProbabilities?: number | undefined;
  readonly rules?: ((row: number) => readonly RowRule[]) | undefined;
}

/** One prompt, or several: rows are samples of the first prompt, then of the second, and so on. */
export type Prompts = ArrayLike<number> | readonly ArrayLike<number>[];

export interface GeneratedToken {
  readonly row: number;
  readonly token: number;
  /** Under the model's own distribution, in nats; where `logProbabilities` asked for it. */
  readonly logProbability?: number;
  readonly alternatives?: readonly TokenProbability[];
}

/** Why a row ended: a stop token (or stop string), the number of tokens asked for, or another rule. */
export type FinishReason = "stop" | "length" | "rule";

/** The end of a row, after its last token. */
export interface RowEnd {
  readonly row: number;
  readonly finish: FinishReason;
}

/** The prompts as rows of tokens, one for each prompt. @throws {ArgumentError} for an impossible request. */
export function checkRequest(prompts: Prompts, settings: GenerationSettings, vocabulary: number): number[][] {
  const several = Array.isArray(prompts) && prompts.length > 0 && typeof prompts[0] !== "number";
  // An array whose first element is no number is a list of prompts.
  const rows = (several ? (prompts as readonly ArrayLike<number>[]) : [prompts as ArrayLike<number>]).map((prompt) =>
    Array.from(prompt),
  );
  for (const prompt of rows) {
    if (prompt.length === 0) throw new ArgumentError("Generation needs a prompt of at least one token");
    const stranger = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
    if (stranger !== undefined) {
      throw new ArgumentError(`The prompt has the token ${stranger}, outside the vocabulary of ${vocabulary}`, {
        hint: "Encode the prompt with the model's own codec.",
      });
    }
  }
  const whole = (what: string, value: number, least: number): void => {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new ArgumentError(`The number of ${what} is a whole number from ${least} up, got ${value}`);
    }
  };
  whole("samples", settings.samples, 1);
  whole("tokens", settings.tokens, 0);
  whole("log-probabilities", settings.logProbabilities ?? 0, 0);
  return rows;
}

/**
 * From one row of logits to one token, on the host: the steps in their usual order (the caller's own, such as masks;
 * repetition penalty; temperature; top-k; top-p; min-p), then a draw from what is left. Nothing is allocated per token.
 */
import { ArgumentError } from "@atelier/engine/errors";
import type { RandomKey } from "@atelier/engine/random";
import { LogitsError } from "./errors.js";
import { requireWindow, TokenHistory } from "./history.js";
import { minPStep } from "./min-p.js";
import { repetitionStep } from "./repetition.js";
import { SamplingScratch } from "./scratch.js";
import { softmaxWeights } from "./softmax.js";
import type { SamplingStep } from "./step.js";
import { temperatureStep } from "./temperature.js";
import { topKStep } from "./top-k.js";
import { topPStep } from "./top-p.js";

export interface SamplingSettings {
  /** 0 takes the most probable token (the lowest id of equals); 1 is the model's own distribution. */
  readonly temperature: number;
  /** Keep this many tokens, at most. */
  readonly topK?: number | undefined;
  /** Keep the most probable tokens up to this total probability. */
  readonly topP?: number | undefined;
  /** Keep the tokens that are at least this share as probable as the most probable one. */
  readonly minP?: number | undefined;
  /** Above 1 makes tokens of the row's history less probable; 1.2 in the paper. Each row then needs a history. */
  readonly repetitionPenalty?: number | undefined;
  /** How many of the latest tokens the penalty counts, prompt included; by default all. */
  readonly repetitionWindow?: number | undefined;
}

/**
 * Draws tokens under fixed settings; make one and use it for every token and row.
 *
 * @example
 * const sampler = new Sampler({ temperature: 0.8, topK: 200 });
 * for (let i = 0; i < count; i++) tokens.push(sampler.sample(logitsAfter(tokens), key.at(i)));
 */
export class Sampler {
  private readonly greedy: boolean;
  private readonly steps: readonly SamplingStep[];
  private readonly scratch: SamplingScratch;
  private readonly penalises: boolean;
  private readonly window: number | undefined;

  /**
   * @param first steps to run before the temperature, on the model's own logits
   * @throws ArgumentError for a temperature below 0 or not finite, a top-k or repetition window that is not a whole number from 1 up, a
   *   top-p or min-p outside (0, 1], or a repetition penalty that is not finite and above 0
   */
  constructor(settings: SamplingSettings, first: readonly SamplingStep[] = [], scratch = new SamplingScratch()) {
    const { temperature, topK, topP, minP, repetitionPenalty, repetitionWindow } = settings;
    if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY)) {
      throw new ArgumentError(`A temperature is a finite number from 0 up, got ${temperature}`, {
        hint: "Use 0 for the most probable token, 1 for the model's own distribution, more for more varied output.",
      });
    }
    this.greedy = temperature === 0;
    // A greedy choice skips what cannot change it: the most probable token passes every filter. The settings are checked all the same.
    const filters: SamplingStep[] = [];
    if (temperature !== 0 && temperature !== 1) filters.push(temperatureStep(temperature));
    if (topK !== undefined) filters.push(topKStep(topK));
    if (topP !== undefined) filters.push(topPStep(topP));
    if (minP !== undefined) filters.push(minPStep(minP));
    requireWindow(repetitionWindow);
    const penalties = repetitionPenalty === undefined ? [] : [repetitionStep(repetitionPenalty)];
    this.steps = [...first, ...penalties, ...(this.greedy ? [] : filters)];
    this.penalises = repetitionPenalty !== undefined;
    this.window = repetitionWindow;
    this.scratch = scratch;
  }

  /** An empty history for one row, where the settings need one: push the prompt and every drawn token to it. */
  history(vocabulary: number): TokenHistory | undefined {
    return this.penalises ? new TokenHistory(vocabulary, this.window) : undefined;
  }

  /**
   * @param logits (vocabulary): unnormalised log-probabilities, left as they are; -Infinity forbids a token, +Infinity makes it
   *   certain (several share equally)
   * @param key a key of its own for each token; the same key draws the same token
   * @param history what the row has read and written so far; needed where there is a repetition penalty
   * @returns the id of a token whose logit is above -Infinity
   * @throws LogitsError if there are no logits, one is NaN, or none is above -Infinity, before or after the steps
   * @throws ArgumentError if there is a repetition penalty and no history, or one of another vocabulary
   */
  sample(logits: Float32Array | Float64Array, key: RandomKey, history?: TokenHistory): number {
    const { scratch } = this;
    scratch.resize(logits.length);
    const row = scratch.logits;
    row.set(logits);
    requireChoice(row, "the model's logits");
    for (const step of this.steps) step(row, scratch, history);
    if (this.steps.length > 0) requireChoice(row, "the sampling steps");
    return this.greedy ? largest(row) : draw(row, scratch.weights, key.float64());
  }
}

const shared = new SamplingScratch();

/**
 * One token from one row of logits. For many tokens make a `Sampler`, which checks its settings once.
 *
 * @throws ArgumentError and LogitsError, as `Sampler` does
 */
export function sampleToken(
  logits: Float32Array | Float64Array,
  settings: SamplingSettings,
  key: RandomKey,
  history?: TokenHistory,
): number {
  return new Sampler(settings, [], shared).sample(logits, key, history);
}

/** The lowest id among the largest logits. */
function largest(logits: Float32Array): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) if (logits[token]! > logits[best]!) best = token;
  return best;
}

/** The token at `uniform` (in [0, 1)) of the cumulative distribution, in order of id. */
function draw(logits: Float32Array, weights: Float64Array, uniform: number): number {
  const wanted = uniform * softmaxWeights(logits, weights);
  let sum = 0;
  let chosen = 0;
  for (let token = 0; token < weights.length; token++) {
    const weight = weights[token]!;
    if (weight === 0) continue;
    chosen = token; // so that a token of weight 0 is not drawn even if rounding leaves the sum short
    sum += weight;
    if (sum > wanted) break;
  }
  return chosen;
}

function requireChoice(logits: Float32Array, source: string): void {
  let possible = false;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    if (Number.isNaN(logit)) {
      throw new LogitsError(`No token can be drawn: ${source} gave NaN for token ${token}`, {
        hint: "The weights are probably damaged or training diverged: go back to an earlier checkpoint.",
      });
    }
    if (logit > Number.NEGATIVE_INFINITY) possible = true;
  }
  if (possible) return;
  const what = logits.length === 0 ? "are empty" : "leave no token possible (all are -Infinity)";
  throw new LogitsError(`No token can be drawn: ${source} ${what}`, {
    hint: "Check the masks in use, and that the logits have one entry for each token of the vocabulary.",
  });
}

/** What can be asked of a model that writes: as people ask it, and in full, with every default, as it is kept with the output. */
import { ArgumentError } from "@atelier/engine";
import { z } from "zod";
import { checkRequest } from "./check-request.js";
import { pictureRequestSchemas } from "./pictures/request.js";

/** Text that is drawn obeys it from the first character to the last. */
export type GrammarRequest =
  /** JSON that is valid for a JSON Schema. */
  | { readonly jsonSchema: unknown }
  /** A regular expression, in JavaScript's syntax, that the text matches as a whole. */
  | { readonly regex: string }
  /** A grammar in EBNF whose rule `root` the text meets. */
  | { readonly ebnf: string };

export interface SamplingRequest {
  /** 0 always takes the most probable token, 1 is the model's own distribution. */
  readonly temperature?: number | undefined;
  /** Draw among this many tokens at most. */
  readonly topK?: number | undefined;
  /** Draw among the most probable tokens up to this total probability. */
  readonly topP?: number | undefined;
  /** Draw among tokens at least this share as probable as the most probable one. */
  readonly minP?: number | undefined;
  /** Above 1 makes tokens that were there before less probable. */
  readonly repetitionPenalty?: number | undefined;
  /** How many of the latest tokens the penalty counts; by default all. */
  readonly repetitionWindow?: number | undefined;
  /** The same seed makes the same output; by default another one each time, named in the provenance. */
  readonly seed?: number | undefined;
}

export interface GenerateRequest extends SamplingRequest {
  /** What the text begins with. Without one, and where the codec marks the ends of documents, a new document is begun; else a new line. */
  readonly prompt?: string | undefined;
  /** Several prompts, continued side by side, in place of `prompt`. */
  readonly prompts?: readonly string[] | undefined;
  /** How many samples of each prompt; 1 by default. */
  readonly samples?: number | undefined;
  /** The most tokens to add; 400 by default. */
  readonly tokens?: number | undefined;
  /** Strings that end a row. Neither they nor what follows is part of it. */
  readonly stop?: readonly string[] | undefined;
  /** Give the log-probability of each token, and this many of the most probable tokens beside it. */
  readonly logProbabilities?: number | undefined;
  readonly grammar?: GrammarRequest | undefined;
  /** End where the model ends the document; true by default. */
  readonly stopAtEnd?: boolean | undefined;
}

/** A text with gaps: `<blank>` in the text; or between a prefix and a suffix; or between any parts. */
export type Gapped =
  | { readonly text: string }
  | { readonly prefix: string; readonly suffix: string }
  | { readonly parts: readonly string[] };

export type FillRequest = Gapped &
  SamplingRequest & {
    /** How many fillings for every gap, the most probable first; 1 by default. */
    readonly choices?: number | undefined;
    /** The most tokens of a filling that is written token by token; by default a quarter of the context. */
    readonly tokens?: number | undefined;
  };

/** Marks a gap in a text. */
export const BLANK = "<blank>";

const sampling = {
  topK: z.int().optional(),
  topP: z.number().optional(),
  minP: z.number().optional(),
  repetitionPenalty: z.number().optional(),
  repetitionWindow: z.int().optional(),
};

const grammarSchema = z.union([
  z.strictObject({ jsonSchema: z.unknown() }),
  z.strictObject({ regex: z.string() }),
  z.strictObject({ ebnf: z.string() }),
]);

export const generateSchema = z.strictObject({
  task: z.literal("generate"),
  prompts: z.array(z.string()).min(1),
  samples: z.int().min(1).default(1),
  tokens: z.int().min(0).default(400),
  temperature: z.number().default(0.8),
  ...sampling,
  stop: z.array(z.string()).default([]),
  logProbabilities: z.int().min(0).optional(),
  grammar: grammarSchema.optional(),
  stopAtEnd: z.boolean().default(true),
});
export type FullGenerateRequest = z.infer<typeof generateSchema>;

export const fillSchema = z.strictObject({
  task: z.literal("fill"),
  /** What stands before, between and behind the gaps. */
  parts: z.array(z.string()).min(2),
  choices: z.int().min(1).default(1),
  tokens: z.int().min(1).optional(),
  temperature: z.number(),
  ...sampling,
});
export type FullFillRequest = z.infer<typeof fillSchema>;

/** Whatever can be asked of a model. How it is made again stands in `output/again/`. */
export const requestSchema = z.discriminatedUnion("task", [generateSchema, fillSchema, ...pictureRequestSchemas]);
export type ModelRequest = z.infer<typeof requestSchema>;

/** @throws {ArgumentError} naming the setting that is wrong. */
export function fullGenerateRequest(request: GenerateRequest, defaultPrompt: string): FullGenerateRequest {
  const { prompt, prompts, seed: _, ...rest } = request;
  if (prompt !== undefined && prompts !== undefined) {
    throw new ArgumentError("A request has a prompt or several prompts, not both", { hint: "Leave one of them out." });
  }
  const { grammar, stop = [] } = rest;
  if (grammar !== undefined && stop.length > 0) {
    throw new ArgumentError("Stop strings would cut off what a grammar completes", {
      hint: "Leave the stop strings out: the grammar says where the text ends.",
    });
  }
  const given = { ...rest, task: "generate", prompts: prompts ?? [prompt ?? defaultPrompt] };
  return checkRequest(generateSchema, given);
}

function partsOf(gapped: Gapped): readonly string[] {
  if ("text" in gapped) return gapped.text.split(BLANK);
  return "parts" in gapped ? gapped.parts : [gapped.prefix, gapped.suffix];
}

/** @throws {ArgumentError} for a text without a gap, or naming the setting that is wrong. */
export function fullFillRequest(request: FillRequest): FullFillRequest {
  const { choices, tokens, temperature, topK, topP, minP, repetitionPenalty, repetitionWindow } = request;
  const parts = partsOf(request);
  if (parts.length < 2) {
    throw new ArgumentError("The text has no gap to fill", {
      hint: `Mark the gap with ${BLANK}, or give what stands before and behind it.`,
    });
  }
  return checkRequest(fillSchema, {
    task: "fill",
    parts,
    choices,
    tokens,
    temperature: temperature ?? ((choices ?? 1) === 1 ? 0 : 0.8),
    topK,
    topP,
    minP,
    repetitionPenalty,
    repetitionWindow,
  });
}

/** Picks a seed where none was given: the one place where chance enters. */
export const seedOf = ({ seed }: Pick<SamplingRequest, "seed">): number => {
  if (seed === undefined) return Math.floor(Math.random() * 2 ** 32);
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new ArgumentError(`A seed is a whole number from 0 up, got ${seed}`);
};

/** The settings of a request that say how tokens are drawn. */
export const samplingOf = ({
  temperature,
  topK,
  topP,
  minP,
  repetitionPenalty,
  repetitionWindow,
}: FullGenerateRequest | FullFillRequest) => ({ temperature, topK, topP, minP, repetitionPenalty, repetitionWindow });

/** The options of `atelier generate`: a model writes text or makes pictures, and most options mean something for one of the two only. */
import { z } from "zod";
import type { Context } from "../command.js";
import { UsageError } from "../errors.js";
import { decimal, flag, flagName, integer, type OptionSpecs, type PositionalSpecs, value, values } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { samplingOptions, weightsOption } from "./sampling-options.js";

const { seed, ...tokenOptions } = samplingOptions;

/** For texts only. */
export const textOptions = {
  tokens: value(integer({ min: 1 }), { summary: "how many tokens to add, at most (default: 400)", placeholder: "N" }),
  ...tokenOptions,
  stop: values(z.string(), { summary: "end a sample before this text; may be repeated", placeholder: "TEXT" }),
  stopAtEnd: flag("go on after the end of a document", { default: true }),
  jsonSchema: value(z.string(), { summary: "write JSON that is valid for this JSON Schema", placeholder: "FILE" }),
  regex: value(z.string(), { summary: "write text that this regular expression matches", placeholder: "PATTERN" }),
  grammar: value(z.string(), { summary: "write text that meets this EBNF grammar", placeholder: "FILE" }),
  logProbabilities: value(integer({ min: 0, max: 100 }), {
    summary: "under --json: how probable each token was, and N more likely ones",
    placeholder: "N",
  }),
  echo: flag("leave the prompt out of what is printed", { default: true }),
  weights: weightsOption,
};

/** For pictures only. */
export const pictureOptions = {
  class: value(z.string(), { summary: "pictures of this class only", placeholder: "NAME" }),
  columns: value(integer({ min: 1 }), {
    summary: "pictures in a row of a sheet (default: about as many as rows)",
    placeholder: "N",
  }),
  scale: value(integer({ min: 1, max: 64 }), {
    summary: "draw every pixel of a sheet as a square of N",
    placeholder: "N",
  }),
  sampler: value(z.string(), {
    summary: "how a diffusion model takes noise away: heun, dpmpp_2m, ddim, euler_ancestral …",
    placeholder: "NAME",
  }),
  steps: value(integer({ min: 1, max: 1000 }), {
    summary: "at how many levels of noise a diffusion model does so",
    placeholder: "N",
  }),
  guidance: value(decimal(), {
    summary: "how far a diffusion model goes towards the class or prompt; 1 is that alone",
    placeholder: "W",
  }),
};

/** For both. */
const sharedOptions = {
  prompt: value(z.string(), {
    summary: "what the text begins with; what the pictures are to show",
    placeholder: "TEXT",
    short: "p",
  }),
  promptFile: value(z.string(), {
    summary: "a file to read it from; - reads standard input. Of pictures, a prompt a line, in turn",
    placeholder: "FILE",
  }),
  samples: value(integer({ min: 1, max: 4096 }), {
    summary: "how many samples (default: 1, or one for each line of a prompt file for pictures)",
    placeholder: "N",
    short: "n",
  }),
  temperature: value(decimal({ min: 0 }), {
    summary: "0 always takes the likeliest (default: 0.8 for texts, 1 for pictures)",
    placeholder: "T",
    short: "t",
  }),
  seed,
  out: value(z.string(), {
    summary: "write to a file; pictures also to a folder, one file each",
    placeholder: "PATH",
  }),
  ...deviceOptions,
};

export const generateOptions = { ...sharedOptions, ...textOptions, ...pictureOptions };
export type GenerateContext = Pick<
  Context<typeof generateOptions, PositionalSpecs>,
  "options" | "out" | "progress" | "signal"
>;

/**
 * @param foreign the options that this model has no use for. @param own those that it has in their place. @param why what it is, in words
 * @throws {UsageError} where one of them is given
 */
export function refuseForeign(foreign: OptionSpecs, own: OptionSpecs, options: object, why: string): void {
  const values: Readonly<Record<string, unknown>> = { ...options };
  for (const [key, spec] of Object.entries(foreign)) {
    const left = spec.schema.parse(undefined);
    if (JSON.stringify(values[key]) === JSON.stringify(left)) continue;
    throw new UsageError(`${shownOption(key, spec)} has no meaning here: ${why}`, {
      hint: `Leave it out. Options that have: ${Object.entries(own)
        .map(([name, one]) => shownOption(name, one))
        .join(", ")}.`,
    });
  }
}

const shownOption = (key: string, { takes, fallback }: OptionSpecs[string]): string =>
  `--${takes === "nothing" && fallback === "on" ? "no-" : ""}${flagName(key)}`;

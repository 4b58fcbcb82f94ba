/**
 * What a command takes, each described once: the parser, the help and the types of `run`'s context all follow from it. Values arrive as
 * text and are checked by zod.
 */
import { z } from "zod";

export interface OptionSpec<T> {
  readonly takes: "nothing" | "value" | "values";
  /** From what the command line gave (a boolean, a text, a list of texts, or undefined) to the value. */
  readonly schema: z.ZodType<T>;
  readonly summary: string;
  /** Stands for the value in the help: `N`, `FILE`. */
  readonly placeholder: string;
  /** One letter. */
  readonly short: string | undefined;
  /** The default, for the help. */
  readonly fallback: string | undefined;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Key in keyof Specs]: Specs[Key] extends OptionSpec<infer T> ? T : never;
};

/** A switch, off unless given. With `default: true` it is on unless `--no-…` is given. */
export function flag(summary: string, settings: { short?: string; default?: boolean } = {}): OptionSpec<boolean> {
  return {
    takes: "nothing",
    schema: z.boolean().default(settings.default ?? false),
    summary,
    placeholder: "",
    short: settings.short,
    fallback: settings.default === true ? "on" : undefined,
  };
}

interface ValueSettings {
  readonly summary: string;
  readonly placeholder: string;
  readonly short?: string;
}

/**
 * An option with a value. `schema` takes the text: `z.string()`, `z.enum([...])`, or `decimal` and `integer` below.
 *
 * @example
 * ```ts
 * temperature: value(decimal({ min: 0 }), { summary: "0 is greedy", placeholder: "T", default: 0.8 })
 * ```
 */
export function value<T>(
  schema: z.ZodType<T, string>,
  settings: ValueSettings & { readonly default: T },
): OptionSpec<T>;
export function value<T>(schema: z.ZodType<T, string>, settings: ValueSettings): OptionSpec<T | undefined>;
export function value<T>(
  schema: z.ZodType<T, string>,
  settings: ValueSettings & { readonly default?: T },
): OptionSpec<T | undefined> {
  const { summary, placeholder, short, default: fallback } = settings;
  return {
    takes: "value",
    schema: z.optional(schema).transform((given) => (given === undefined ? fallback : given)),
    summary,
    placeholder,
    short,
    fallback: fallback === undefined ? undefined : String(fallback),
  };
}

/** An option that may be given several times; an empty list if it is not. */
export function values<T>(schema: z.ZodType<T, string>, settings: ValueSettings): OptionSpec<T[]> {
  return {
    takes: "values",
    schema: z.array(schema).default([]),
    summary: settings.summary,
    placeholder: settings.placeholder,
    short: settings.short,
    fallback: undefined,
  };
}

interface Range {
  readonly min?: number;
  /** A bound that is not included itself. */
  readonly above?: number;
  readonly max?: number;
}

const rangeText = ({ min, above, max }: Range): string =>
  above !== undefined
    ? ` above ${above}${max === undefined ? "" : `, at most ${max}`}`
    : min !== undefined && max !== undefined
      ? ` from ${min} to ${max}`
      : min !== undefined
        ? ` ≥ ${min}`
        : max !== undefined
          ? ` ≤ ${max}`
          : "";

function numberText(what: string, range: Range, accepts: (value: number) => boolean): z.ZodType<number, string> {
  const { min = Number.NEGATIVE_INFINITY, above = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
  return z.string().transform((text, context) => {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (accepts(number) && number >= min && number > above && number <= max) return number;
    context.addIssue({ code: "custom", message: `expected ${what}${rangeText(range)}, got ${JSON.stringify(text)}` });
    return z.NEVER;
  });
}

/** Text that is a finite number within bounds, both included. */
export const decimal = (range: Range = {}): z.ZodType<number, string> => numberText("a number", range, Number.isFinite);

/** Text that is a whole number within bounds, both included. */
export const integer = (range: Range = {}): z.ZodType<number, string> =>
  numberText("a whole number", range, Number.isSafeInteger);

export interface PositionalSpec<T> {
  readonly summary: string;
  readonly arity: "required" | "optional" | "rest";
  /** Carries the type only. */
  readonly type?: T;
}
export type PositionalSpecs = Readonly<Record<string, PositionalSpec<unknown>>>;
export type PositionalValues<Specs extends PositionalSpecs> = {
  readonly [Key in keyof Specs]: Specs[Key] extends PositionalSpec<infer T> ? T : never;
};

/** An argument that must be given. The order of the record is the order of the arguments. */
export const required = (summary: string): PositionalSpec<string> => ({ summary, arity: "required" });
export const optional = (summary: string): PositionalSpec<string | undefined> => ({ summary, arity: "optional" });
/** All arguments that remain. */
export const rest = (summary: string): PositionalSpec<readonly string[]> => ({ summary, arity: "rest" });

/** `topK` as people type it: `top-k`. */
export const flagName = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

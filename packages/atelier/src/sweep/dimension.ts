/**
 * What a sweep varies: a setting of the recipe, and where its values are drawn from. Written as `SETTING=VALUES`:
 *
 *     model.width=64,128,256                            one of a list (JSON values, or plain words)
 *     training.optimiser.weightDecay=0..0.2             uniform between two numbers
 *     training.optimiser.learningRate=0.001..0.03:log   uniform in the logarithm: as likely from 0.001 to 0.01 as from 0.01 to 0.1
 *     model.layers=2..8                                 whole numbers, both ends included, where the setting takes only those
 */
import { nearest } from "@atelier/engine/nearest";
import type { RandomKey } from "@atelier/engine/random";
import { recipeJsonSchema, settingNames } from "../recipe/resolve.js";
import { SweepError } from "./errors.js";

export interface Dimension {
  /** Dotted name of a setting. */
  readonly setting: string;
  readonly from: Choices | Range;
}

export interface Choices {
  readonly kind: "list";
  readonly values: readonly unknown[];
}

export interface Range {
  readonly kind: "range";
  readonly low: number;
  readonly high: number;
  readonly scale: "linear" | "log";
  /** Whole numbers only. */
  readonly whole: boolean;
}

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`;
const RANGE = new RegExp(`^(${NUMBER})\\.\\.(${NUMBER})(?::(.*))?$`, "i");

/** Reads `SETTING=VALUES`. @throws {SweepError} naming what is wrong, and the nearest setting. */
export function parseDimension(text: string): Dimension {
  const at = text.indexOf("=");
  if (at <= 0) {
    throw new SweepError(`"${text}" does not say what to vary`, {
      hint: "write --over training.optimiser.learningRate=0.001..0.03:log, or --over model.width=64,128,256",
    });
  }
  const setting = text.slice(0, at);
  const names = settingNames();
  if (!names.includes(setting)) {
    const guess = nearest(setting, names);
    const hint = guess === undefined ? `settings are: ${names.join(", ")}` : `did you mean "${guess}"?`;
    throw new SweepError(`recipes have no setting "${setting}" to vary`, { hint });
  }
  const values = text.slice(at + 1);
  const range = RANGE.exec(values);
  return { setting, from: range === null ? list(setting, values) : rangeOf(setting, range) };
}

function list(setting: string, text: string): Choices {
  const values = listed(text);
  const distinct = new Set(values.map((value) => JSON.stringify(value)));
  if (values.includes("") || distinct.size < 2 || distinct.size < values.length) {
    throw new SweepError(`"${text}" gives ${setting} no two different values to choose from`, {
      hint: `write a list (${setting}=A,B), a range (${setting}=1..8), or set one value with --set`,
    });
  }
  return { kind: "list", values };
}

/** `64,128` and `[0.9,0.99],[0.8,0.95]` are the inside of a JSON list; `cosine,constant` are words. */
function listed(text: string): readonly unknown[] {
  const asJson = (json: string): unknown => {
    try {
      return JSON.parse(json);
    } catch {
      return undefined;
    }
  };
  const whole = asJson(`[${text}]`);
  if (Array.isArray(whole)) return whole;
  return text.split(",").map((word) => asJson(word) ?? word.trim());
}

function rangeOf(setting: string, [text, lowText, highText, suffix]: RegExpExecArray): Range {
  const [low, high] = [Number(lowText), Number(highText)];
  const whole = wholeSettings().has(setting);
  const refuse = (why: string, hint: string): never => {
    throw new SweepError(`the range "${text}" of ${setting} ${why}`, { hint });
  };
  if (suffix !== undefined && suffix !== "log" && suffix !== "linear")
    refuse(`ends in ":${suffix}"`, "write :log or :linear after a range");
  if (!(low < high)) refuse("does not go up", "write the smaller number first");
  if (suffix === "log" && low <= 0) refuse("has no logarithm", "begin a :log range above 0");
  if (whole && !(Number.isSafeInteger(low) && Number.isSafeInteger(high)))
    refuse("is of a setting that takes whole numbers", `write whole ends, such as ${setting}=2..8`);
  return { kind: "range", low, high, scale: suffix === "log" ? "log" : "linear", whole };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const inside = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The settings that take whole numbers, read off the schema of recipes. */
function wholeSettings(): Set<string> {
  const names = new Set<string>();
  const walk = (schema: unknown, path: string): void => {
    if (!isObject(schema)) return;
    if (schema.type === "integer") names.add(path);
    for (const part of [...inside(schema.oneOf), ...inside(schema.anyOf)]) walk(part, path);
    if (!isObject(schema.properties)) return;
    for (const [key, inner] of Object.entries(schema.properties)) walk(inner, path === "" ? key : `${path}.${key}`);
  };
  walk(recipeJsonSchema(), "");
  return names;
}

/** How many different values there are: infinitely many in a range of real numbers. */
export function sizeOf({ from }: Dimension): number {
  if (from.kind === "list") return from.values.length;
  return from.whole ? from.high - from.low + 1 : Number.POSITIVE_INFINITY;
}

/** Drawn real numbers are rounded to this many digits: nobody tunes finer, and recipes stay readable. */
const DIGITS = 4;

/** One value, a function of the key. */
export function draw({ from }: Dimension, key: RandomKey): unknown {
  if (from.kind === "list") return from.values[key.integer(from.values.length)];
  // A whole number owns the half unit on both of its sides, so that the ends are as likely as those between.
  const margin = from.whole ? 0.5 : 0;
  const [low, high] = [from.low - margin, from.high + margin];
  const share = key.float64();
  const value = from.scale === "log" ? low * (high / low) ** share : low + (high - low) * share;
  const rounded = from.whole ? Math.round(value) : Number(value.toPrecision(DIGITS));
  return Math.min(from.high, Math.max(from.low, rounded));
}

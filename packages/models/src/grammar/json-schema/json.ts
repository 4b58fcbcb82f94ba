/** JSON values, and reading them where a certain kind is expected. */
import { SchemaError } from "../errors.js";

export type JsonObject = { readonly [key: string]: unknown };

export const jsonTypes = ["null", "boolean", "integer", "number", "string", "array", "object"] as const;
export type JsonType = (typeof jsonTypes)[number];

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The type of a value; whole numbers are integers. Undefined for what is no JSON. */
export function typeOf(value: unknown): JsonType | undefined {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number")
    return !Number.isFinite(value) ? undefined : Number.isInteger(value) ? "integer" : "number";
  if (typeof value === "boolean" || typeof value === "string") return typeof value as "boolean" | "string";
  return typeof value === "object" ? "object" : undefined;
}

/** One text for equal values, whatever the order of their keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}

/** Adds a step to a JSON Pointer (RFC 6901). */
export function child(pointer: string, step: string | number): string {
  return `${pointer}/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** What a `$ref` within this document points to: its pointer and value. */
export function resolve(root: unknown, reference: string, pointer: string): { pointer: string; value: unknown } {
  if (reference !== "#" && !reference.startsWith("#/")) {
    throw new SchemaError(`The reference '${reference}' leaves this schema, which is not supported`, pointer, {
      hint: "Put what it refers to under $defs and write #/$defs/name.",
    });
  }
  let steps: string[];
  try {
    steps = decodeURIComponent(reference.slice(1)).split("/").slice(1);
  } catch (cause) {
    throw new SchemaError(`The reference '${reference}' is not a JSON Pointer`, pointer, { cause });
  }
  let value = root;
  for (const step of steps) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    const inside: unknown =
      Array.isArray(value) || isObject(value) ? Object.entries(value).find(([k]) => k === key)?.[1] : undefined;
    if (inside === undefined) {
      throw new SchemaError(`There is nothing at '${reference}'`, pointer, {
        hint: "A reference is written like #/$defs/name.",
      });
    }
    value = inside;
  }
  return { pointer: steps.map((step) => `/${step}`).join(""), value };
}

function wrong(what: string, value: unknown, pointer: string): SchemaError {
  return new SchemaError(`Expected ${what}, got ${JSON.stringify(value) ?? String(value)}`, pointer, {
    hint: "The schema has to follow JSON Schema, draft 2020-12.",
  });
}

export function objectAt(value: unknown, pointer: string): JsonObject {
  if (!isObject(value)) throw wrong("an object", value, pointer);
  return value;
}

export function listAt(value: unknown, pointer: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong("an array", value, pointer);
  return value;
}

export function textAt(value: unknown, pointer: string): string {
  if (typeof value !== "string") throw wrong("a string", value, pointer);
  return value;
}

export function numberAt(value: unknown, pointer: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong("a number", value, pointer);
  return value;
}

export function countAt(value: unknown, pointer: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw wrong("a whole number from 0 up", value, pointer);
  }
  return value;
}

export function booleanAt(value: unknown, pointer: string): boolean {
  if (typeof value !== "boolean") throw wrong("true or false", value, pointer);
  return value;
}

/** Which values a plain schema accepts, and whether what is written for one can be valid for another. */
import { canonical, isObject, typeOf } from "./json.js";
import { itemParts, type Part, type Plain, propertyParts, validTypes, writtenTypes } from "./plain.js";

/** The plain schemas of some parts. */
export type PlainsOf = (parts: readonly Part[]) => readonly Plain[];

export function accepts(plain: Plain, value: unknown, plainsOf: PlainsOf): boolean {
  const type = typeOf(value);
  if (type === undefined || !validTypes(plain).has(type)) return false;
  if (plain.values !== undefined && !includes(plain.values, value)) return false;
  const valid = (parts: readonly Part[], inner: unknown): boolean =>
    plainsOf(parts).some((option) => accepts(option, inner, plainsOf));
  if (typeof value === "number") {
    const { low, high } = plain;
    if (low !== undefined && (low.exclusive ? value <= low.value : value < low.value)) return false;
    return high === undefined || (high.exclusive ? value < high.value : value <= high.value);
  }
  if (typeof value === "string") {
    const length = [...value].length;
    if (length < plain.minLength || length > plain.maxLength) return false;
    return plain.patterns.every(({ source }) => new RegExp(source, "u").test(value));
  }
  if (Array.isArray(value)) {
    if (value.length < plain.minItems || value.length > plain.maxItems) return false;
    return value.every((item, i) => valid(itemParts(plain, i), item));
  }
  if (isObject(value)) {
    if ([...plain.required].some((name) => !Object.hasOwn(value, name))) return false;
    return Object.entries(value).every(([name, inner]) => valid(propertyParts(plain, name), inner));
  }
  return true;
}

function includes(values: readonly unknown[], value: unknown): boolean {
  const wanted = canonical(value);
  return values.some((entry) => canonical(entry) === wanted);
}

/**
 * Whether nothing that is written for `a` is valid for `b`: surely so if true, perhaps not if false. For objects this takes a
 * property that tells them apart.
 */
export function excludes(a: Plain, b: Plain, plainsOf: PlainsOf, depth = 4): boolean {
  const valid = validTypes(b);
  if (a.values !== undefined) return a.values.every((value) => !accepts(b, value, plainsOf));
  return [...writtenTypes(a)].every((type) => {
    if (!valid.has(type)) return type !== "number" || !valid.has("integer");
    if (b.values !== undefined) {
      return !b.values.some((value) => typeOf(value) === type || (type === "number" && typeof value === "number"));
    }
    if (type === "number" || type === "integer") return below(a, b) || below(b, a);
    if (type === "string") return a.maxLength < b.minLength || b.maxLength < a.minLength;
    if (type === "array") return a.maxItems < b.minItems || b.maxItems < a.minItems;
    if (type !== "object") return false;
    const declared = a.objects.flatMap(({ properties }) => [...properties.keys()]);
    const open = writesExtras(a);
    return (
      [...b.required].some((name) => !open && !declared.includes(name) && !a.required.has(name)) ||
      [...a.required].some((name) => excludesAll(propertyParts(a, name), propertyParts(b, name), plainsOf, depth))
    );
  });
}

/** Whether properties that have no schema of their own are written: if the schema speaks of them, or of no others. */
export function writesExtras({ objects }: Plain): boolean {
  return objects.some(({ rest }) => rest !== undefined) || objects.every(({ properties }) => properties.size === 0);
}

function excludesAll(a: readonly Part[], b: readonly Part[], plainsOf: PlainsOf, depth: number): boolean {
  if (depth === 0) return false;
  const others = plainsOf(b);
  return plainsOf(a).every((one) => others.every((other) => excludes(one, other, plainsOf, depth - 1)));
}

/** Whether all numbers of `a` are below those of `b`. */
function below({ high }: Plain, { low }: Plain): boolean {
  if (high === undefined || low === undefined) return false;
  return high.value < low.value || (high.value === low.value && (high.exclusive || low.exclusive));
}

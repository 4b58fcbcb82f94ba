/**
 * A schema without alternatives: the conjunction of everything that its parts say of each type of value. `SchemaReader` reduces any
 * schema to some of these; keywords of several schemas (`allOf`, siblings of `$ref`) are joined here.
 */
import { nearest } from "@atelier/engine/nearest";
import { SchemaError } from "../errors.js";
import type { Bound } from "./decimals.js";
import { formats } from "./formats.js";
import {
  booleanAt,
  canonical,
  child,
  countAt,
  type JsonObject,
  type JsonType,
  jsonTypes,
  listAt,
  numberAt,
  objectAt,
  textAt,
} from "./json.js";

/** A schema within the document. All of a list of them have to hold. */
export interface Part {
  readonly pointer: string;
  readonly value: unknown;
  /** Tells it from other parts where it is not the whole of what stands there. */
  readonly key?: string;
}

export interface Plain {
  /** Where it stands, for messages. */
  readonly pointer: string;
  /** `integer` beside `number` adds nothing. Undefined if no type was named. */
  types: ReadonlySet<JsonType> | undefined;
  /** Values of `enum` and `const`. */
  values: readonly unknown[] | undefined;
  low: Bound | undefined;
  high: Bound | undefined;
  minLength: number;
  maxLength: number;
  /** With where each stands. */
  readonly patterns: { readonly source: string; readonly pointer: string; readonly isFormat: boolean }[];
  minItems: number;
  maxItems: number;
  /** For each array keyword seen: the schemas of the first items and of those after. */
  readonly lists: { readonly prefix: readonly Part[]; readonly rest: Part | undefined }[];
  readonly objects: { readonly properties: ReadonlyMap<string, Part>; readonly rest: Part | undefined }[];
  readonly required: Set<string>;
  /** The types that keywords spoke of. */
  readonly spokenOf: Set<JsonType>;
}

export function unconstrained(pointer: string): Plain {
  return {
    pointer,
    types: undefined,
    values: undefined,
    low: undefined,
    high: undefined,
    minLength: 0,
    maxLength: Number.POSITIVE_INFINITY,
    patterns: [],
    minItems: 0,
    maxItems: Number.POSITIVE_INFINITY,
    lists: [],
    objects: [],
    required: new Set(),
    spokenOf: new Set(),
  };
}

/** Say nothing of which values are valid. */
export const annotations = new Set([
  ..."title description default examples deprecated readOnly writeOnly".split(" "),
  ..."$comment $schema $id $defs definitions contentEncoding contentMediaType contentSchema".split(" "),
]);
/** Refer to other schemas at the same place: `SchemaReader` follows them. */
export const applicators = new Set(["$ref", "allOf", "anyOf", "oneOf"]);

type Keyword = (plain: Plain, value: unknown, pointer: string, schema: JsonObject) => void;

const keywords: Readonly<Record<string, Keyword>> = {
  type(plain, value, pointer, schema) {
    const names = typeof value === "string" ? [value] : listAt(value, pointer).map((name) => textAt(name, pointer));
    const types = new Set(names.map((name) => typeNamed(name, pointer)));
    if (types.has("number")) types.add("integer");
    if (schema.nullable === true) types.add("null");
    plain.types = plain.types === undefined ? types : new Set([...plain.types].filter((type) => types.has(type)));
  },
  nullable(_, value, pointer) {
    booleanAt(value, pointer); // OpenAPI 3.0: one more type, see `type`
  },
  enum(plain, value, pointer) {
    const allowed = new Map(listAt(value, pointer).map((entry) => [canonical(entry), entry]));
    plain.values =
      plain.values === undefined
        ? [...allowed.values()]
        : plain.values.filter((entry) => allowed.has(canonical(entry)));
  },
  const(plain, value, pointer, schema) {
    keywords.enum!(plain, [value], pointer, schema);
  },
  minimum: (plain, value, pointer) => raise(plain, { value: numberAt(value, pointer), exclusive: false }),
  exclusiveMinimum: (plain, value, pointer) => raise(plain, { value: numberAt(value, pointer), exclusive: true }),
  maximum: (plain, value, pointer) => lower(plain, { value: numberAt(value, pointer), exclusive: false }),
  exclusiveMaximum: (plain, value, pointer) => lower(plain, { value: numberAt(value, pointer), exclusive: true }),
  minLength(plain, value, pointer) {
    plain.minLength = Math.max(plain.minLength, countAt(value, pointer));
    plain.spokenOf.add("string");
  },
  maxLength(plain, value, pointer) {
    plain.maxLength = Math.min(plain.maxLength, countAt(value, pointer));
    plain.spokenOf.add("string");
  },
  pattern(plain, value, pointer) {
    plain.patterns.push({ source: textAt(value, pointer), pointer, isFormat: false });
    plain.spokenOf.add("string");
  },
  format(plain, value, pointer) {
    const name = textAt(value, pointer);
    const source = formats.get(name);
    if (source === undefined) {
      throw new SchemaError(`The format '${name}' is not supported`, pointer, {
        hint: `Use one of ${[...formats.keys()].join(", ")}, or a pattern.`,
      });
    }
    plain.patterns.push({ source: `^(?:${source})$`, pointer, isFormat: true });
    plain.spokenOf.add("string");
  },
  minItems(plain, value, pointer) {
    plain.minItems = Math.max(plain.minItems, countAt(value, pointer));
    plain.spokenOf.add("array");
  },
  maxItems(plain, value, pointer) {
    plain.maxItems = Math.min(plain.maxItems, countAt(value, pointer));
    plain.spokenOf.add("array");
  },
  items(plain, value, pointer, schema) {
    if (schema.prefixItems === undefined) plain.lists.push({ prefix: [], rest: { pointer, value } });
    plain.spokenOf.add("array");
  },
  prefixItems(plain, value, pointer, schema) {
    const prefix = listAt(value, pointer).map((item, i) => ({ pointer: child(pointer, i), value: item }));
    const rest =
      schema.items === undefined
        ? undefined
        : { pointer: pointer.replace(/prefixItems$/, "items"), value: schema.items };
    plain.lists.push({ prefix, rest });
    plain.spokenOf.add("array");
  },
  uniqueItems(_, value, pointer) {
    if (booleanAt(value, pointer)) throw unsupported("uniqueItems", pointer, "A grammar cannot compare items.");
  },
  properties(plain, value, pointer, schema) {
    const properties = new Map(
      Object.entries(objectAt(value, pointer)).map(([name, inner]) => [
        name,
        { pointer: child(pointer, name), value: inner },
      ]),
    );
    plain.objects.push({ properties, rest: additional(schema, pointer.replace(/\/properties$/, "")) });
    plain.spokenOf.add("object");
  },
  additionalProperties(plain, _, pointer, schema) {
    const rest = additional(schema, pointer.replace(/\/additionalProperties$/, ""));
    if (schema.properties === undefined) plain.objects.push({ properties: new Map(), rest });
    plain.spokenOf.add("object");
  },
  required(plain, value, pointer) {
    for (const name of listAt(value, pointer)) plain.required.add(textAt(name, pointer));
    plain.spokenOf.add("object");
  },
};

/**
 * Adds what a schema itself says, without the schemas it refers to.
 *
 * @throws SchemaError for keywords that are not supported or have values of the wrong kind
 */
export function addKeywords(plain: Plain, schema: JsonObject, pointer: string): void {
  for (const [name, value] of Object.entries(schema)) {
    if (annotations.has(name) || applicators.has(name)) continue;
    const at = child(pointer, name);
    const keyword = Object.hasOwn(keywords, name) ? keywords[name] : undefined;
    if (keyword === undefined) {
      const near = nearest(name, [...Object.keys(keywords), ...applicators]);
      throw unsupported(
        name,
        at,
        near === undefined ? "Leave it out, and check it afterwards." : `Did you mean '${near}'?`,
      );
    }
    keyword(plain, value, at, schema);
  }
}

function unsupported(name: string, pointer: string, hint: string): SchemaError {
  return new SchemaError(`The keyword '${name}' is not supported`, pointer, { hint });
}

function additional(schema: JsonObject, pointer: string): Part | undefined {
  const value = schema.additionalProperties;
  return value === undefined ? undefined : { pointer: child(pointer, "additionalProperties"), value };
}

function typeNamed(name: string, pointer: string): JsonType {
  const type = jsonTypes.find((known) => known === name);
  if (type !== undefined) return type;
  const near = nearest(name, jsonTypes);
  throw new SchemaError(`There is no type '${name}'`, pointer, {
    hint: near === undefined ? `The types are ${jsonTypes.join(", ")}.` : `Did you mean '${near}'?`,
  });
}

function raise(plain: Plain, bound: Bound): void {
  const { low } = plain;
  if (low === undefined || bound.value > low.value || (bound.value === low.value && bound.exclusive)) plain.low = bound;
  plain.spokenOf.add("number").add("integer");
}

function lower(plain: Plain, bound: Bound): void {
  const { high } = plain;
  if (high === undefined || bound.value < high.value || (bound.value === high.value && bound.exclusive))
    plain.high = bound;
  plain.spokenOf.add("number").add("integer");
}

/** The types that are valid. */
export function validTypes({ types }: Plain): ReadonlySet<JsonType> {
  return types ?? new Set(jsonTypes);
}

/** The types that are written: without `type`, those that the keywords speak of, or all of them if there are none. */
export function writtenTypes({ types, spokenOf }: Plain): ReadonlySet<JsonType> {
  return types ?? (spokenOf.size > 0 ? spokenOf : new Set(jsonTypes));
}

/** The schemas that a property has to meet. */
export function propertyParts({ objects }: Plain, name: string): Part[] {
  return objects.flatMap(({ properties, rest }) => {
    const part = properties.get(name) ?? rest;
    return part === undefined ? [] : [part];
  });
}

/** The schemas that an item has to meet. */
export function itemParts({ lists }: Plain, index: number): Part[] {
  return lists.flatMap(({ prefix, rest }) => {
    const part = prefix[index] ?? rest;
    return part === undefined ? [] : [part];
  });
}

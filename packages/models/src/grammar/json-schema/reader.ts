/** Follows references and alternatives until a schema is a choice of plain ones. */
import { SchemaError } from "../errors.js";
import { child, type JsonObject, listAt, objectAt, resolve, textAt } from "./json.js";
import { addKeywords, annotations, applicators, type Part, type Plain, unconstrained } from "./plain.js";

export class SchemaReader {
  private readonly root: unknown;

  constructor(root: unknown) {
    this.root = root;
  }

  /** The same schemas, without those that are always met, and with bare references followed: equal lists say the same. */
  simplify(parts: readonly Part[]): Part[] {
    const simple = new Map<string, Part>();
    for (const part of parts) {
      const followed = this.follow(part);
      if (followed.value !== true) simple.set(keyOf(followed), followed);
    }
    return [...simple.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  private follow(part: Part): Part {
    const seen = new Set<string>();
    let at = part;
    for (;;) {
      if (typeof at.value === "boolean") return at;
      const schema = objectAt(at.value, at.pointer);
      const bare =
        schema.$ref !== undefined && Object.keys(schema).every((key) => key === "$ref" || annotations.has(key));
      if (!bare) return at;
      if (seen.has(at.pointer)) throw endless(part.pointer);
      seen.add(at.pointer);
      at = this.target(schema, at.pointer);
    }
  }

  private target(schema: JsonObject, pointer: string): Part {
    const at = child(pointer, "$ref");
    return resolve(this.root, textAt(schema.$ref, at), at);
  }

  /**
   * Plain schemas of which one has to be met so that all the parts are. Options of `oneOf` come out like those of `anyOf`; `check` is
   * given each `oneOf` with its options' plain schemas.
   *
   * @throws SchemaError for what is not supported, and schemas that refer to themselves without getting anywhere
   */
  plains(parts: readonly Part[], check: (options: Plain[][], pointer: string) => void): Plain[] {
    return this.expand(parts, check, new Set());
  }

  private expand(
    parts: readonly Part[],
    check: (options: Plain[][], pointer: string) => void,
    open: ReadonlySet<string>,
  ): Plain[] {
    const plain = unconstrained(parts[0]?.pointer ?? "");
    const pending = [...parts];
    const done: Part[] = [];
    const seen = new Set<string>();
    for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
      if (part.value === true || seen.has(keyOf(part))) continue;
      if (part.value === false) return [];
      seen.add(keyOf(part));
      const { pointer } = part;
      const schema = objectAt(part.value, pointer);
      const [first] = alternativesOf(schema, pointer);
      if (first !== undefined) {
        const at = child(pointer, first.keyword);
        if (open.has(at)) throw endless(at);
        // The rest of the conjunction, this schema's other keywords among it, holds beside each of the options.
        const key = `${keyOf(part)} without ${first.keyword}`;
        const others = [...done, ...pending, { pointer, key, value: without(schema, [first.keyword]) }];
        const inside = new Set([...open, at]);
        const options = first.options.map((option) => this.expand([...others, option], check, inside));
        if (first.keyword === "oneOf") check(options, at);
        return options.flat();
      }
      if (schema.$ref !== undefined) pending.push(this.target(schema, pointer));
      if (schema.allOf !== undefined) pending.push(...listParts(schema, "allOf", pointer));
      addKeywords(plain, schema, pointer);
      done.push({ pointer, key: `${keyOf(part)} itself`, value: without(schema, [...applicators]) });
    }
    return [plain];
  }
}

interface Alternatives {
  readonly keyword: "anyOf" | "oneOf";
  readonly options: readonly Part[];
}

function alternativesOf(schema: JsonObject, pointer: string): Alternatives[] {
  return (["anyOf", "oneOf"] as const)
    .filter((keyword) => schema[keyword] !== undefined)
    .map((keyword) => ({ keyword, options: listParts(schema, keyword, pointer) }));
}

function listParts(schema: JsonObject, keyword: string, pointer: string): Part[] {
  const at = child(pointer, keyword);
  return listAt(schema[keyword], at).map((value, i) => ({ pointer: child(at, i), value }));
}

function without(schema: JsonObject, keywords: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !keywords.includes(name)));
}

export function keyOf({ pointer, key }: Part): string {
  return key ?? pointer;
}

function endless(pointer: string): SchemaError {
  return new SchemaError("The schema refers to itself without saying anything", pointer, {
    hint: "A recursive schema has to go through properties or items.",
  });
}

/**
 * JSON that is valid for a schema, as a grammar. What is written is a part of what the schema allows, never more:
 *
 * - Properties come in the order of the schema; required ones that it does not describe come after them. Properties without a schema of
 *   their own are written only where `additionalProperties` is there (and not false), or where the schema describes none.
 * - Without `type`, values are of the types that the other keywords speak of.
 * - Characters in strings stand for themselves, escaped only where JSON has to. Integers without bounds have up to 15 digits; what numbers
 *   look like is in `decimals.ts`, formats in `formats.ts`.
 *
 * Supported, of draft 2020-12: `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`, `prefixItems`, `minItems`,
 * `maxItems`, `minLength`, `maxLength`, `pattern`, `format`, `minimum`, `maximum` and their exclusive forms, `anyOf`, `allOf`, `$ref`
 * within the document, `$defs`, boolean schemas, OpenAPI's `nullable`; `oneOf` where its options can be told apart. Annotations are passed
 * over. Anything else is refused: a keyword that were passed over could make invalid output look valid.
 */
import { charactersOf } from "../code-points.js";
import { GrammarSyntaxError, SchemaError } from "../errors.js";
import {
  character,
  choice,
  type Expression,
  empty,
  literal,
  nothing,
  optional,
  repeat,
  rule,
  sequence,
} from "../expression.js";
import { Grammar } from "../grammar.js";
import { regexExpression } from "../regex.js";
import { integerExpression, numberExpression } from "./decimals.js";
import type { JsonType } from "./json.js";
import { itemParts, type Part, type Plain, propertyParts, writtenTypes } from "./plain.js";
import { keyOf, SchemaReader } from "./reader.js";
import { anyText, anyTextBut, quoted, written } from "./strings.js";
import { accepts, excludes, type PlainsOf, writesExtras } from "./validity.js";

export interface JsonSchemaOptions {
  /**
   * White space between the signs of JSON. `compact`, the default: none. `flexible`: anywhere at most one line break and then up to 16
   * blanks or tabs, as the model likes.
   */
  readonly whitespace?: "compact" | "flexible" | undefined;
}

/**
 * @param schema a JSON Schema, as parsed JSON
 * @throws SchemaError for what is no schema or not supported, naming the JSON Pointer of the keyword
 * @throws UnsatisfiableGrammarError if no value is valid
 */
export function jsonSchemaGrammar(schema: unknown, options: JsonSchemaOptions = {}): Grammar {
  return new Writer(schema, options.whitespace ?? "compact").grammar();
}

const blanks = sequence(optional(literal("\n")), repeat(character(charactersOf(" \t")), 0, 16));

class Writer {
  private readonly schema: unknown;
  private readonly reader: SchemaReader;
  private readonly space: Expression;
  private readonly rules = new Map<string, Expression>();
  private readonly plainsOf: PlainsOf;

  constructor(schema: unknown, whitespace: "compact" | "flexible") {
    this.schema = schema;
    this.reader = new SchemaReader(schema);
    this.space = whitespace === "compact" ? empty : rule("white space");
    this.rules.set("white space", blanks);
    this.plainsOf = (parts) => this.reader.plains(parts, () => {});
  }

  grammar(): Grammar {
    const root = this.value([{ pointer: "", value: this.schema }]);
    return new Grammar(this.rules, root.name);
  }

  /** The rule for values that meet all of these schemas; each such list has one, so that recursive schemas make recursive rules. */
  private value(parts: readonly Part[]): Expression & { readonly kind: "rule" } {
    const simple = this.reader.simplify(parts);
    const name = simple.length === 0 ? "any value" : simple.map((part) => `#${keyOf(part)}`).join(" and ");
    if (!this.rules.has(name)) {
      this.rules.set(name, nothing); // holds the place while its own parts are written
      const plains = this.reader.plains(simple, (options, pointer) => this.requireApart(options, pointer));
      this.rules.set(name, choice(...plains.map((plain) => this.plain(plain))));
    }
    return { kind: "rule", name };
  }

  private requireApart(options: readonly (readonly Plain[])[], pointer: string): void {
    options.forEach((option, i) => {
      options.forEach((other, j) => {
        if (i === j || option.every((a) => other.every((b) => excludes(a, b, this.plainsOf)))) return;
        throw new SchemaError(`What is valid for option ${i} of oneOf may be valid for option ${j} as well`, pointer, {
          hint: "Use anyOf, or a required property that has another const in each option.",
        });
      });
    });
  }

  private plain(plain: Plain): Expression {
    const { values } = plain;
    if (values !== undefined) {
      return choice(
        ...values.filter((value) => accepts(plain, value, this.plainsOf)).map((value) => this.written(value)),
      );
    }
    const types = writtenTypes(plain);
    // Every integer is a number too.
    return choice(
      ...[...types].filter((type) => type !== "integer" || !types.has("number")).map((type) => this.type(type, plain)),
    );
  }

  private type(type: JsonType, plain: Plain): Expression {
    switch (type) {
      case "null":
        return literal("null");
      case "boolean":
        return choice(literal("true"), literal("false"));
      case "integer":
        return integerExpression(plain.low, plain.high);
      case "number":
        return numberExpression(plain.low, plain.high);
      case "string":
        return this.string(plain);
      case "array":
        return this.array(plain);
      case "object":
        return this.object(plain);
    }
  }

  /** A given value, with white space between its signs where that is asked for. */
  private written(value: unknown): Expression {
    if (Array.isArray(value)) return this.enclosed("[", this.separated(value.map((item) => this.written(item))), "]");
    if (typeof value !== "object" || value === null) return written(value);
    const members = Object.entries(value).map(([name, inner]) => this.member(written(name), this.written(inner)));
    return this.enclosed("{", this.separated(members), "}");
  }

  private string({ minLength, maxLength, patterns, pointer }: Plain): Expression {
    const [first, second] = patterns;
    if (first === undefined) return minLength > maxLength ? nothing : quoted(anyText(minLength, maxLength));
    if (second !== undefined) {
      throw new SchemaError("Two patterns or formats for one string are not supported", second.pointer, {
        hint: "Join them to one pattern.",
      });
    }
    const content = this.patternContent(first);
    if (minLength === 0 && maxLength === Number.POSITIVE_INFINITY) return quoted(content);
    // A repeated character is the one pattern whose length can be bounded as it stands.
    if (content.kind !== "repeat" || content.body.kind !== "character") {
      throw new SchemaError("A pattern or format together with a length is not supported", first.pointer, {
        hint: `Say the length in the pattern, as in ^[a-z]{2,8}$, and leave out minLength and maxLength at '${pointer}'.`,
      });
    }
    const min = Math.max(content.min, minLength);
    const max = Math.min(content.max, maxLength);
    return min > max ? nothing : quoted({ ...content, min, max });
  }

  private patternContent({ source, pointer }: Plain["patterns"][number]): Expression {
    try {
      return regexExpression(source, "search");
    } catch (error) {
      if (!(error instanceof GrammarSyntaxError)) throw error;
      throw new SchemaError(error.message, pointer, { hint: error.hint, cause: error });
    }
  }

  private array(plain: Plain): Expression {
    const { minItems, maxItems, lists } = plain;
    if (minItems > maxItems) return nothing;
    const described = Math.max(0, ...lists.map(({ prefix }) => prefix.length));
    // Items beyond the described ones are written if the schema speaks of them or has to have them, or describes none.
    const extras = described === 0 || minItems > described || lists.some(({ rest }) => rest !== undefined);
    const from = (index: number): Expression => {
      if (index >= maxItems) return empty;
      if (index === described) {
        const item = this.value(itemParts(plain, index));
        const max = extras ? maxItems - index : 0;
        const min = Math.max(0, minItems - index);
        const next = sequence(this.comma(), item);
        if (index > 0 || max === 0) return repeat(next, min, max);
        const items = sequence(item, repeat(next, Math.max(0, min - 1), max - 1));
        return min === 0 ? optional(items) : items;
      }
      const item = this.value(itemParts(plain, index));
      const items = sequence(index === 0 ? empty : this.comma(), item, from(index + 1));
      return index < minItems ? items : optional(items);
    };
    return this.enclosed("[", from(0), "]");
  }

  private object(plain: Plain): Expression {
    const described = [...new Set(plain.objects.flatMap(({ properties }) => [...properties.keys()]))];
    const names = [...described, ...[...plain.required].filter((name) => !described.includes(name))];
    const members = names.map((name) => ({
      expression: this.member(written(name), this.value(propertyParts(plain, name))),
      optional: !plain.required.has(name),
    }));
    if (writesExtras(plain)) {
      const rest = plain.objects.flatMap(({ rest }) => (rest === undefined ? [] : [rest]));
      const extra = this.member(quoted(anyTextBut(names)), this.value(rest));
      members.push({ expression: sequence(extra, repeat(sequence(this.comma(), extra), 0)), optional: true });
    }
    return this.enclosed("{", { kind: "separated", parts: members, separator: this.comma() }, "}");
  }

  private separated(items: readonly Expression[]): Expression {
    const parts = items.map((expression) => ({ expression, optional: false }));
    return { kind: "separated", parts, separator: this.comma() };
  }

  private member(name: Expression, value: Expression): Expression {
    return sequence(name, this.space, literal(":"), this.space, value);
  }

  private comma(): Expression {
    return sequence(this.space, literal(","), this.space);
  }

  private enclosed(open: string, content: Expression, close: string): Expression {
    return sequence(literal(open), this.space, content, this.space, literal(close));
  }
}

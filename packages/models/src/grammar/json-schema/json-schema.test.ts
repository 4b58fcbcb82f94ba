import { RandomKey } from "@atelier/engine/random";
import { Ajv2020 } from "ajv/dist/2020.js";
import formatsPlugin from "ajv-formats";
import { describe, expect, it } from "vitest";
import { UnsatisfiableGrammarError } from "../errors.js";
import {
  byteTokens,
  characterTokens,
  constrain,
  pieceTokens,
  randomText,
  reads,
} from "../vocabularies.test-helpers.js";
import { jsonSchemaGrammar } from "./json-schema.js";

const ajv = formatsPlugin.default(new Ajv2020({ strict: false }));
const key = RandomKey.fromSeed(11);

const string = { type: "string" };
const person = {
  type: "object",
  title: "A person",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 8 },
    age: { type: "integer", minimum: 0, maximum: 130 },
    email: { type: "string", format: "email" },
    tags: { type: "array", items: { type: "string", pattern: '^[a-z"\\\\]{2,5}$' }, minItems: 1, maxItems: 3 },
    home: { $ref: "#/$defs/address", description: "where" },
    score: { type: "number", minimum: -1.25, exclusiveMaximum: 12.5 },
  },
  required: ["name", "tags"],
  additionalProperties: false,
  $defs: {
    address: {
      type: "object",
      properties: { zip: { type: "string", pattern: "^\\d{5}$" }, kind: { enum: ["home", 3, null, { a: [1, "x"] }] } },
      required: ["kind"],
    },
  },
};
const tree = {
  $ref: "#/$defs/node",
  $defs: {
    node: {
      type: "object",
      properties: {
        value: { type: ["integer", "null"] },
        children: { type: "array", items: { $ref: "#/$defs/node" } },
      },
      required: ["children"],
    },
  },
};
const schemas: Record<string, unknown> = {
  person,
  tree,
  anything: true,
  "any object": { type: "object" },
  "a map beside names": {
    type: "object",
    properties: { ab: { type: "null" }, a: { type: "boolean" } },
    additionalProperties: { type: "integer" },
  },
  "required without a schema": { type: "object", properties: { a: string }, required: ["b", "a"] },
  tuple: {
    type: "array",
    prefixItems: [string, { type: "integer" }],
    items: { type: "boolean" },
    minItems: 1,
    maxItems: 4,
  },
  "closed tuple": { type: "array", prefixItems: [{ const: 1 }, { const: 2 }], items: false },
  "many items": { prefixItems: [{ const: 1 }], minItems: 3, maxItems: 3 },
  "all of": {
    allOf: [
      { properties: { a: { minimum: 3 } }, required: ["a"] },
      { type: "object", properties: { a: { type: "integer", maximum: 5 } }, additionalProperties: false },
    ],
  },
  "any of with siblings": {
    type: "object",
    properties: { a: string },
    anyOf: [{ required: ["a"] }, { properties: { b: { const: true } }, required: ["b"] }],
  },
  "one of by tag": {
    oneOf: [
      { type: "object", properties: { kind: { const: "x" }, v: string }, required: ["kind"] },
      { type: "object", properties: { kind: { const: "y" } }, required: ["kind"] },
      { type: "integer" },
    ],
  },
  "two circles": {
    $defs: {
      a: { type: "array", items: { $ref: "#/$defs/b" } },
      b: { anyOf: [{ $ref: "#/$defs/a" }, { type: "null" }, { type: "object", properties: { up: { $ref: "#" } } }] },
    },
    $ref: "#/$defs/a",
  },
  nullable: { type: "string", nullable: true, maxLength: 2 },
  "enum with a type": { type: "integer", enum: [1, "1", 2.5, 7], minimum: 2 },
  "pattern within": { type: "string", pattern: "b|^c" },
  "pattern with a length": { type: "string", pattern: "^[a-f]+$", minLength: 2, maxLength: 4 },
  ...Object.fromEntries(
    ["date", "time", "date-time", "email", "uuid", "uri", "ipv4"].map((format) => [format, { type: "string", format }]),
  ),
  number: { type: "number" },
  "negative numbers": { type: "number", exclusiveMinimum: -0.3, maximum: -0.02 },
  "large numbers": { type: "number", minimum: 1e16 },
  "small numbers": { type: "number", exclusiveMinimum: 0, maximum: 1e-5 },
  "integers from a fraction": { type: "integer", minimum: -2.5, exclusiveMaximum: 1001 },
};

const pieces = pieceTokens(`${JSON.stringify(Object.values(schemas)).repeat(2)}"},{":[],"é😀\\n\\u00`, 700);
const vocabularies: Record<string, readonly Uint8Array[]> = {
  bytes: byteTokens,
  characters: characterTokens(Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("")),
  pieces,
};

describe("jsonSchemaGrammar", () => {
  it.each(Object.keys(schemas))("%s: whatever is generated is valid", (name) => {
    const schema = schemas[name];
    const validate = ajv.compile(typeof schema === "object" ? structuredClone(schema as object) : true);
    for (const whitespace of ["compact", "flexible"] as const) {
      const grammar = jsonSchemaGrammar(schema, { whitespace });
      for (const [kind, tokens] of Object.entries(vocabularies)) {
        const constraint = constrain(grammar, tokens);
        for (let i = 0; i < 8; i++) {
          const budget = constraint.leastTokens + (i % 4 === 0 ? 0 : 5 * i);
          const text = randomText(constraint, key.split(kind).at(i), budget);
          const value: unknown = JSON.parse(text);
          if (!validate(value)) expect.fail(`${text}: ${ajv.errorsText(validate.errors)}`);
        }
      }
    }
  });

  it("bounds integers exactly", () => {
    for (const [minimum, maximum] of [
      [0, 0],
      [-12, 7],
      [95, 1203],
      [-1000, -99],
      [7, 9],
      [-1, 1],
    ] as const) {
      const constraint = constrain(jsonSchemaGrammar({ type: "integer", minimum, maximum }), byteTokens);
      for (let n = -1300; n <= 1300; n++) {
        if (reads(constraint, String(n)) !== (n >= minimum && n <= maximum))
          expect.fail(`${n} in ${minimum}..${maximum}`);
      }
      for (const text of ["-0", "00", "01", "", "-", "1.0"]) expect(reads(constraint, text)).toBe(false);
    }
  });

  it("bounds decimals exactly", () => {
    const schema = { type: "number", minimum: -0.35, exclusiveMaximum: 12.5 };
    const constraint = constrain(jsonSchemaGrammar(schema), byteTokens);
    for (let hundredths = -200; hundredths <= 1400; hundredths++) {
      const text = String(hundredths / 100);
      expect([text, reads(constraint, text)]).toEqual([text, hundredths >= -35 && hundredths < 1250]);
    }
    for (const [text, valid] of [
      ["12.499999", true],
      ["12.50", false],
      ["-0.350", true],
      ["-0.350001", false],
      ["3.1400", true],
    ] as const) {
      expect([text, reads(constraint, text)]).toEqual([text, valid]);
    }
  });

  it("reads valid values as JSON.stringify writes them", () => {
    const cases: [unknown, unknown][] = [
      [
        person,
        {
          name: 'é"\\\n\u0001😀',
          age: 130,
          email: "a.b@example.org",
          tags: ["ab", '"\\'],
          home: { zip: "01234", kind: { a: [1, "x"] } },
          score: -1.25,
        },
      ],
      [tree, { value: null, children: [{ children: [{ value: -3, children: [] }] }, { children: [] }] }],
      [true, { a: [1.5e-7, true, null, { "": "" }], ключ: [[], {}] }],
      [schemas["a map beside names"], { a: true, abc: 1, b: 2, "": 3 }],
      [schemas["two circles"], [null, [], { up: [] }, [{ up: [[]] }]]],
    ];
    for (const [schema, value] of cases) {
      expect(reads(constrain(jsonSchemaGrammar(schema), byteTokens), JSON.stringify(value))).toBe(true);
      const flexible = constrain(jsonSchemaGrammar(schema, { whitespace: "flexible" }), byteTokens);
      expect(reads(flexible, JSON.stringify(value, null, 2))).toBe(true);
    }
  });

  it("keeps named properties out of the map", () => {
    const constraint = constrain(jsonSchemaGrammar(schemas["a map beside names"]), byteTokens);
    for (const text of ['{"ab":1}', '{"a":1}', '{"b":1,"a":true}']) expect(reads(constraint, text)).toBe(false);
  });

  it.each([
    [
      { properties: { a: { patternProperties: {} } } },
      "/properties/a/patternProperties",
      "'patternProperties' is not supported",
    ],
    [{ type: "strin" }, "/type", "no type 'strin'"],
    [{ minLenght: 3 }, "/minLenght", "'minLenght' is not supported"],
    [{ type: "array", uniqueItems: true }, "/uniqueItems", "'uniqueItems' is not supported"],
    [{ items: { pattern: "(?=a)" } }, "/items/pattern", "lookaround"],
    [{ format: "hostname" }, "/format", "'hostname'"],
    [{ $ref: "#/$defs/no" }, "/$ref", "nothing at '#/$defs/no'"],
    [{ $ref: "other.json" }, "/$ref", "leaves this schema"],
    [{ oneOf: [{ type: "integer" }, { type: "number" }] }, "/oneOf", "may be valid for option"],
    [{ $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }] } }, $ref: "#/$defs/a" }, "/$defs/a/anyOf", "refers to itself"],
    [{ minimum: "3" }, "/minimum", "Expected a number"],
    [{ properties: { "a/b~": 7 } }, "/properties/a~1b~0", "Expected an object"],
    [{ pattern: "^a", minLength: 3 }, "/pattern", "together with a length"],
  ])("refuses %j", (schema, pointer, message) => {
    expect(() => jsonSchemaGrammar(schema)).toThrow(
      expect.objectContaining({ code: "BAD_SCHEMA", pointer, message: expect.stringContaining(message) }),
    );
  });

  it.each([
    [{ type: "array", items: string, minItems: 3, maxItems: 2 }],
    [{ type: "integer", minimum: 0.2, maximum: 0.8 }],
    [{ allOf: [{ type: "string" }, { type: "null" }] }],
    [{ type: "object", properties: { a: false }, required: ["a"] }],
    [{ type: "object", properties: { a: { $ref: "#" } }, required: ["a"] }],
    [{ enum: [1, 2], type: "string" }],
    [false],
  ])("refuses what nothing meets: %j", (schema) => {
    expect(() => jsonSchemaGrammar(schema)).toThrow(UnsatisfiableGrammarError);
  });

  it("names the part that nothing meets", () => {
    const schema = {
      type: "object",
      properties: { list: { type: "array", minItems: 2, maxItems: 1 } },
      required: ["list"],
    };
    expect(() => jsonSchemaGrammar(schema)).toThrow("nothing can be written for '#/properties/list'");
  });
});

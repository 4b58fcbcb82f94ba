import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { defineCommand } from "./command.js";
import { UsageError } from "./errors.js";
import { decimal, flag, integer, optional, required, rest, value, values } from "./options.js";
import { parseCommandLine } from "./parse.js";

const command = defineCommand({
  name: "generate",
  summary: "for tests",
  examples: [],
  options: {
    temperature: value(decimal({ min: 0 }), { summary: "how bold", placeholder: "T", short: "t", default: 0.8 }),
    topK: value(integer({ min: 1, max: 100 }), { summary: "how many", placeholder: "K" }),
    format: value(z.enum(["text", "bytes"]), { summary: "which", placeholder: "FORMAT", default: "text" }),
    prompt: value(z.string(), { summary: "the beginning", placeholder: "TEXT" }),
    set: values(z.string(), { summary: "override", placeholder: "KEY=VALUE" }),
    stream: flag("stream", { default: true }),
    quiet: flag("say less", { short: "q" }),
  },
  positionals: { model: required("the model"), more: rest("others") },
  async run({ options, positionals }) {
    expectTypeOf(options.temperature).toEqualTypeOf<number>();
    expectTypeOf(options.topK).toEqualTypeOf<number | undefined>();
    expectTypeOf(options.set).toEqualTypeOf<string[]>();
    expectTypeOf(options.quiet).toEqualTypeOf<boolean>();
    expectTypeOf(positionals.model).toEqualTypeOf<string>();
    expectTypeOf(positionals.more).toEqualTypeOf<readonly string[]>();
  },
});
const parse = (...args: string[]): ReturnType<typeof parseCommandLine> => parseCommandLine(command, args);
const refused = (...args: string[]): string => {
  try {
    parse(...args);
  } catch (error) {
    if (error instanceof UsageError) return `${error.message} | ${error.hint}`;
    throw error;
  }
  throw new Error("was accepted");
};

describe("parseCommandLine", () => {
  it("fills in defaults", () => {
    expect(parse("m")).toEqual({
      options: {
        temperature: 0.8,
        topK: undefined,
        format: "text",
        prompt: undefined,
        set: [],
        stream: true,
        quiet: false,
      },
      positionals: { model: "m", more: [] },
    });
  });

  it("reads every way of writing an option", () => {
    expect(parse("--temperature", "1.5", "m").options).toMatchObject({ temperature: 1.5 });
    expect(parse("--temperature=0", "m").options).toMatchObject({ temperature: 0 });
    expect(parse("-t0.5", "-q", "m").options).toMatchObject({ temperature: 0.5, quiet: true });
    expect(parse("-qt", "2", "m").options).toMatchObject({ temperature: 2, quiet: true });
    expect(parse("m", "--set", "a=1", "--set=b=2").options).toMatchObject({ set: ["a=1", "b=2"] });
    expect(parse("m", "--no-stream", "--json").options).toMatchObject({ stream: false });
    expect(parse("m", "--prompt=--json", "--", "-x", "--help")).toMatchObject({
      options: { prompt: "--json" },
      positionals: { model: "m", more: ["-x", "--help"] },
    });
    expect(parse("m", "--prompt", "- a dash").options).toMatchObject({ prompt: "- a dash" });
  });

  it.each([
    [["m", "--temprature", "1"], /unknown option --temprature \| did you mean --temperature\?/],
    [["m", "--top_k", "1"], /unknown option --top_k \| did you mean --top-k\?/],
    [["m", "--jsn"], /did you mean --json\?/],
    [["m", "-z"], /unknown option -z/],
    [["m", "--t", "1"], /unknown option --t/],
    [["m", "--no-prompt"], /unknown option --no-prompt/],
    [["m", "--__proto__"], /unknown option --__proto__/],
    [["m", "--temperature", "hot"], /--temperature: expected a number ≥ 0, got "hot"/],
    [["m", "--temperature", "-1"], /--temperature: expected a number ≥ 0, got "-1"/],
    [["m", "--temperature="], /expected a number ≥ 0, got ""/],
    [["m", "--temperature", "Infinity"], /expected a number/],
    [["m", "--top-k", "2.5"], /--top-k: expected a whole number from 1 to 100, got "2.5"/],
    [["m", "--format", "html"], /--format: .*"text"\|"bytes"/],
    [["m", "--prompt", "--json"], /--prompt needs a value \| write --prompt TEXT, or --prompt=--json/],
    [["m", "--prompt"], /--prompt needs a value/],
    [["m", "--quiet=yes"], /--quiet takes no value/],
    [["m", "--json=yes"], /--json takes no value/],
    [["m", "--prompt", "a", "--prompt", "b"], /--prompt is given twice/],
    [[], /generate: MODEL is missing \| the model; see: atelier generate --help/],
  ])("refuses %j", (args, message) => {
    expect(refused(...args)).toMatch(message);
  });

  it("refuses arguments too many", () => {
    const one = defineCommand({
      ...command,
      name: "one",
      options: {},
      positionals: { a: optional("one") },
      run: async () => {},
    });
    expect(parseCommandLine(one, []).positionals).toEqual({ a: undefined });
    expect(() => parseCommandLine(one, ["x", "y"])).toThrow(/unexpected argument "y"/);
  });
});

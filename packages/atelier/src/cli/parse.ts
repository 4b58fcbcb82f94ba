/**
 * The strict reading of a command line. Node's own tokenizer splits it (`util.parseArgs`); everything unknown, missing or out of range
 * is then refused by name, with the nearest valid one. (citty, yargs and the like let unknown options pass or guess at them.)
 */
import { parseArgs } from "node:util";
import { nearest } from "@atelier/engine/nearest";
import type { Command } from "./command.js";
import { UsageError } from "./errors.js";
import { flagName, type OptionSpec } from "./options.js";

/** Options every command has. */
export const GLOBAL_FLAGS = {
  json: { short: undefined, summary: "print one JSON document on standard output, nothing else" },
  "no-preview": { short: undefined, summary: "do not show pictures in the terminal" },
  help: { short: "h", summary: "print this help" },
} as const;

export interface ParsedCommandLine {
  readonly options: Readonly<Record<string, unknown>>;
  readonly positionals: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Whether the arguments ask for a global flag (before any `--`). */
export function hasFlag(args: readonly string[], name: keyof typeof GLOBAL_FLAGS | "version"): boolean {
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  return before.includes(`--${name}`) || (name === "help" && before.includes("-h"));
}

/** `did you mean --steps?`, or where to find all of them. */
const suggestion = (name: string, candidates: readonly string[], prefix: string, command: string): string => {
  const near = nearest(name, candidates);
  return near === undefined
    ? `see: atelier ${command}${command === "" ? "" : " "}--help`
    : `did you mean ${prefix}${near}?`;
};

/** The error for a command that does not exist. */
export function unknownCommand(name: string, candidates: readonly string[], group = ""): UsageError {
  const full = group === "" ? name : `${group} ${name}`;
  return new UsageError(`unknown command "${full}"`, {
    hint: suggestion(name, candidates, `atelier ${group === "" ? "" : `${group} `}`, group),
  });
}

/** The given values of options by key, still unchecked. */
type RawOptions = Map<string, boolean | string | string[]>;

interface Known {
  readonly key: string;
  readonly spec: OptionSpec<unknown>;
}

function addOption(raw: RawOptions, { key, spec }: Known, shown: string, given: string | boolean): void {
  const before = raw.get(key);
  if (spec.takes === "values" && typeof given === "string") {
    raw.set(key, [...(Array.isArray(before) ? before : []), given]);
  } else if (before !== undefined && before !== given) {
    throw new UsageError(`${shown} is given twice, with different values`);
  } else {
    raw.set(key, given);
  }
}

/** Reads the arguments after the command's name. @throws {UsageError} naming the option or argument and what is wrong. */
export function parseCommandLine(command: Command, args: readonly string[]): ParsedCommandLine {
  const known = new Map<string, Known>();
  for (const [key, spec] of Object.entries(command.options)) known.set(flagName(key), { key, spec });
  const declared = [
    ...Object.entries(GLOBAL_FLAGS).map(([name, { short }]) => ({ name, type: "boolean" as const, short })),
    ...[...known].map(([name, { spec }]) => ({
      name,
      type: spec.takes === "nothing" ? ("boolean" as const) : ("string" as const),
      short: spec.short,
    })),
  ];
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      declared.map(({ name, type, short }) => [name, short === undefined ? { type } : { type, short }]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });

  const raw: RawOptions = new Map();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const shown = token.rawName;
    if (Object.hasOwn(GLOBAL_FLAGS, token.name)) {
      if (token.value !== undefined) throw new UsageError(`${shown} takes no value, but was given "${token.value}"`);
      continue;
    }
    const negated = token.name.startsWith("no-") ? known.get(token.name.slice(3)) : undefined;
    const option = known.get(token.name) ?? negated;
    if (option === undefined || (option === negated && option.spec.takes !== "nothing")) {
      const candidates = [...known.keys(), ...Object.keys(GLOBAL_FLAGS)];
      throw new UsageError(`${command.name}: unknown option ${shown}`, {
        hint: suggestion(token.name, candidates, "--", command.name),
      });
    }
    if (option.spec.takes === "nothing") {
      if (token.value !== undefined) throw new UsageError(`${shown} takes no value, but was given "${token.value}"`);
      addOption(raw, option, shown, option !== negated);
    } else {
      if (token.value === undefined || (token.inlineValue === false && /^--?[a-z]/i.test(token.value))) {
        throw new UsageError(`${shown} needs a value`, {
          hint: `write ${shown} ${option.spec.placeholder}${token.value === undefined ? "" : `, or ${shown}=${token.value} if that is the value`}`,
        });
      }
      addOption(raw, option, shown, token.value);
    }
  }
  return { options: checkOptions(command, raw), positionals: matchPositionals(command, positionals) };
}

function checkOptions(command: Command, raw: RawOptions): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries(command.options)) {
    const result = spec.schema.safeParse(raw.get(key));
    if (!result.success) {
      const message = result.error.issues[0]?.message ?? "is not valid";
      throw new UsageError(`--${flagName(key)}: ${message.replace(/^Invalid (input|option): /, "")}`, {
        hint: `${spec.summary}; see: atelier ${command.name} --help`,
      });
    }
    options[key] = result.data;
  }
  return options;
}

function matchPositionals(command: Command, given: readonly string[]): ParsedCommandLine["positionals"] {
  const matched: Record<string, string | readonly string[] | undefined> = {};
  let next = 0;
  for (const [key, { arity, summary }] of Object.entries(command.positionals)) {
    if (arity === "rest") {
      matched[key] = given.slice(next);
      next = given.length;
    } else {
      if (arity === "required" && given[next] === undefined) {
        throw new UsageError(`${command.name}: ${flagName(key).toUpperCase()} is missing`, {
          hint: `${summary}; see: atelier ${command.name} --help`,
        });
      }
      matched[key] = given[next++];
    }
  }
  if (next < given.length) {
    throw new UsageError(`${command.name}: unexpected argument "${given[next]}"`, {
      hint: `see: atelier ${command.name} --help`,
    });
  }
  return matched;
}

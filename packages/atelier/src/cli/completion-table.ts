/** What a shell has to know to complete a command line, read off the commands' own descriptions. */
import { knownDatasets, knownPictures } from "@atelier/data";
import { z } from "zod";
import { settingNames } from "../recipe/resolve.js";
import type { Command } from "./command.js";
import type { CommandEntry } from "./commands/index.js";
import { flagName, type OptionSpec } from "./options.js";
import { GLOBAL_FLAGS } from "./parse.js";

/** Where the completions of a word come from. Names are listed by the shell itself, so that no program has to start. */
export type Source =
  /** `open`: more follows in the same word, so no space is set after it. */
  | { readonly kind: "words"; readonly words: readonly string[]; readonly open?: boolean }
  /** Folders of Atelier's home that hold a file. */
  | { readonly kind: "names"; readonly folder: string; readonly marker: string }
  | { readonly kind: "files" };

export interface CompletedOption {
  /** `--name`, and `-n` where there is one. */
  readonly flags: readonly string[];
  readonly summary: string;
  /** Undefined of an option without a value. */
  readonly values: readonly Source[] | undefined;
}

export interface CompletedCommand {
  /** `train`, `runs show`. */
  readonly path: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Sources of the arguments, by place. */
  readonly positionals: readonly (readonly Source[])[];
  /** Of all arguments after those. */
  readonly rest: readonly Source[];
}

export interface CompletionTable {
  /** Commands and groups of commands, as they follow `atelier`. */
  readonly entries: readonly { readonly name: string; readonly summary: string }[];
  /** The commands of each group. */
  readonly groups: ReadonlyMap<string, readonly { readonly name: string; readonly summary: string }[]>;
  readonly commands: readonly CompletedCommand[];
}

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

const RUNS: Source = { kind: "names", folder: "runs", marker: "run.json" };
const MODELS: Source = { kind: "names", folder: "models", marker: "model.json" };
const SWEEPS: Source = { kind: "names", folder: "sweeps", marker: "sweep.json" };
const FILES: Source = { kind: "files" };

/** Reads the table off all commands, loading each. */
export async function completionTable(entries: readonly CommandEntry[]): Promise<CompletionTable> {
  const groups = new Map<string, { name: string; summary: string }[]>();
  const commands: CompletedCommand[] = [];
  for (const entry of entries) {
    const loaded = await entry.load();
    if (!("commands" in loaded)) commands.push(completed(loaded));
    else {
      const inner = Object.entries(loaded.commands);
      groups.set(
        entry.name,
        inner.map(([name, { summary }]) => ({ name, summary })),
      );
      commands.push(...inner.map(([, command]) => completed(command)));
    }
  }
  return { entries: entries.map(({ name, summary }) => ({ name, summary })), groups, commands };
}

function completed(command: Command): CompletedCommand {
  const own = Object.entries(command.options).map(
    ([key, spec]): CompletedOption => ({
      flags: [
        `--${spec.takes === "nothing" && spec.fallback === "on" ? "no-" : ""}${flagName(key)}`,
        ...(spec.short === undefined ? [] : [`-${spec.short}`]),
      ],
      summary: spec.summary,
      values: spec.takes === "nothing" ? undefined : optionSources(spec),
    }),
  );
  const global = Object.entries(GLOBAL_FLAGS).map(
    ([name, { short, summary }]): CompletedOption => ({
      flags: [`--${name}`, ...(short === undefined ? [] : [`-${short}`])],
      summary,
      values: undefined,
    }),
  );
  const positionals = Object.entries(command.positionals);
  const sources = (key: string): Source[] => positionalSources(command.name, key);
  return {
    path: command.name,
    summary: command.summary,
    options: [...own, ...global],
    positionals: positionals.filter(([, { arity }]) => arity !== "rest").map(([key]) => sources(key)),
    rest: positionals.filter(([, { arity }]) => arity === "rest").flatMap(([key]) => sources(key)),
  };
}

const datasets = (): Source => ({ kind: "words", words: [...knownDatasets, ...knownPictures].map(({ name }) => name) });

/** An option's values: the choices that its schema lists, else what its placeholder stands for by convention. */
function optionSources(spec: OptionSpec<unknown>): Source[] {
  const choices = choicesOf(spec.schema);
  if (choices.length > 0) return [{ kind: "words", words: choices }];
  switch (spec.placeholder) {
    case "RUN":
      return [RUNS];
    case "MODEL":
      return [MODELS];
    case "SWEEP":
      return [SWEEPS];
    case "SOURCE":
      return [datasets(), FILES];
    case "FILE":
    case "FOLDER":
    case "PATH":
      return [FILES];
    case "KEY=VALUE":
    case "SETTING=VALUES":
      return [{ kind: "words", words: settingNames().map((name) => `${name}=`), open: true }];
    default:
      return [];
  }
}

const choicesSchema = z.object({ enum: z.array(z.string()) });

/** The texts that a schema allows, where it lists them. */
function choicesOf(schema: z.ZodType): readonly string[] {
  const json: unknown = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const whole = choicesSchema.safeParse(json);
  if (whole.success) return whole.data.enum;
  const each = z.object({ items: choicesSchema }).safeParse(json);
  return each.success ? each.data.items.enum : [];
}

/** An argument's values: of `runs`, `models` and `sweeps` their names; else by the argument's own name. */
function positionalSources(command: string, key: string): Source[] {
  const [group] = command.split(" ");
  if (group === "runs") return [RUNS];
  if (group === "models") return [MODELS];
  if (group === "sweeps") return [SWEEPS];
  if (key === "model") return [MODELS];
  if (key === "shell") return [{ kind: "words", words: SHELLS }];
  if (key === "source") return [datasets(), FILES];
  return [FILES];
}

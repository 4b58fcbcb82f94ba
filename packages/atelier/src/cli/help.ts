/** Help texts, made from the commands' own descriptions. */
import type { Command, CommandGroup } from "./command.js";
import type { CommandEntry } from "./commands/index.js";
import { formatFields, wrapText } from "./format.js";
import { flagName } from "./options.js";
import type { Style } from "./output.js";
import { GLOBAL_FLAGS } from "./parse.js";

const section = (style: Style, title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", style.bold(title), ...lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}`)];

const COMMON_OPTIONS: readonly (readonly [string, string])[] = Object.entries(GLOBAL_FLAGS).map(
  ([name, { short, summary }]) => [`${short === undefined ? "    " : `-${short}, `}--${name}`, summary],
);

/** Two columns, two spaces in. */
const fields = (entries: readonly (readonly [string, string])[], columns: number): string[] =>
  formatFields(entries, columns - 2);

/** `atelier --help` */
export function renderMainHelp(entries: readonly CommandEntry[], style: Style, columns: number): string {
  return [
    `${style.bold("atelier")}: train generative models on your own data, and use them`,
    ...section(style, "Usage", ["atelier COMMAND [OPTIONS]"]),
    ...section(
      style,
      "Commands",
      fields(
        entries.map(({ name, summary }) => [name, summary]),
        columns,
      ),
    ),
    ...section(style, "Options", fields([...COMMON_OPTIONS, ["    --version", "print the version"]], columns)),
    ...section(
      style,
      "Environment",
      fields(
        [
          ["ATELIER_HOME", "where runs, models and datasets are kept (default ./.atelier)"],
          ["ATELIER_DEBUG", "set to 1 to see stack traces"],
          ["NO_COLOR", "set to switch colours off"],
        ],
        columns,
      ),
    ),
    "",
    "More about a command: atelier COMMAND --help",
    "",
  ].join("\n");
}

/** `atelier COMMAND --help` */
export function renderCommandHelp(command: Command, style: Style, columns: number): string {
  const positionals = Object.entries(command.positionals).map(([key, { arity, summary }]) => {
    const name = flagName(key).toUpperCase();
    return { usage: arity === "required" ? name : arity === "optional" ? `[${name}]` : `[${name}…]`, name, summary };
  });
  const options = Object.entries(command.options).map(([key, spec]): [string, string] => {
    const short = spec.short === undefined ? "    " : `-${spec.short}, `;
    const name = spec.takes === "nothing" && spec.fallback === "on" ? `no-${flagName(key)}` : flagName(key);
    const note =
      spec.takes === "values"
        ? " (may be repeated)"
        : spec.takes === "nothing" || spec.fallback === undefined
          ? ""
          : ` (default ${spec.fallback})`;
    return [`${short}--${name}${spec.takes === "nothing" ? "" : ` ${spec.placeholder}`}`, `${spec.summary}${note}`];
  });
  const usage = ["atelier", command.name, ...positionals.map((each) => each.usage), "[OPTIONS]"].join(" ");
  return [
    wrapText(`${style.bold(`atelier ${command.name}`)}: ${command.summary}`, columns),
    ...(command.details === undefined ? [] : ["", wrapText(command.details, columns)]),
    ...section(style, "Usage", [usage]),
    ...section(
      style,
      "Arguments",
      fields(
        positionals.map(({ name, summary }) => [name, summary]),
        columns,
      ),
    ),
    ...section(style, "Options", fields([...options, ...COMMON_OPTIONS], columns)),
    ...section(
      style,
      "Examples",
      command.examples.flatMap(([line, effect]) => [line, style.dim(`    ${effect}`)]),
    ),
    "",
  ].join("\n");
}

/** `atelier GROUP --help` */
export function renderGroupHelp(group: CommandGroup, style: Style, columns: number): string {
  const commands = Object.values(group.commands);
  return [
    `${style.bold(`atelier ${group.name}`)}: ${group.summary}`,
    ...section(
      style,
      "Commands",
      fields(
        commands.map(({ name, summary }) => [name, summary]),
        columns,
      ),
    ),
    ...section(
      style,
      "Examples",
      commands.flatMap(({ examples }) => examples.flatMap(([line, effect]) => [line, style.dim(`    ${effect}`)])),
    ),
    "",
    `Without a further word it is ${group.commands[group.fallback]!.name}. More: atelier ${group.name} COMMAND --help`,
    "",
  ].join("\n");
}

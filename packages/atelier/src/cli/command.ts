/** A command: its description, what it takes, and what it does. One file in `commands/` each, and one line in `commands/index.ts`. */
import type { ConfirmOptions } from "./confirm.js";
import type { OptionSpecs, OptionValues, PositionalSpecs, PositionalValues } from "./options.js";
import type { Output } from "./output.js";
import type { Progress } from "./progress.js";

export interface Context<Options extends OptionSpecs, Positionals extends PositionalSpecs> {
  readonly options: OptionValues<Options>;
  readonly positionals: PositionalValues<Positionals>;
  /** Atelier's home, absolute. It may not exist yet. */
  readonly home: string;
  /** Text for people. Under `--json` it says nothing: what `run` returns is printed instead. */
  readonly out: Output;
  readonly progress: Progress;
  /** Aborted by the first Ctrl-C: stop in good order. The second ends the process. */
  readonly signal: AbortSignal;
  /** Whether somebody can answer. */
  readonly interactive: boolean;
  /** Asks yes or no on the terminal. @throws {UsageError} where nobody can answer, saying to add `--yes`. */
  confirm(question: string, options?: ConfirmOptions): Promise<boolean>;
}

export interface Command<
  Options extends OptionSpecs = OptionSpecs,
  Positionals extends PositionalSpecs = PositionalSpecs,
> {
  /** As typed after `atelier`: `generate`, or `runs show`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly details?: string;
  /** Command lines to copy, each with what it does. */
  readonly examples: readonly (readonly [commandLine: string, effect: string])[];
  readonly options: Options;
  readonly positionals: Positionals;
  /** Does the work. What it returns is the JSON document of `--json`. */
  run(context: Context<Options, Positionals>): Promise<unknown>;
}

/** Commands under one name: `atelier runs show …`. Without a further name, `fallback` is run. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: Readonly<Record<string, Command>>;
  readonly fallback: string;
}

/** Declares a command; the types of `options` and `positionals` reach `run`. */
export function defineCommand<const Options extends OptionSpecs, const Positionals extends PositionalSpecs>(
  command: Command<Options, Positionals>,
): Command {
  return command as Command;
}

/**
 * From arguments to an exit code: finds the command, reads its options, runs it, and tells of whatever went wrong in one line.
 * Knows nothing of the process it runs in, so that tests can call it.
 */
import { atelierHome } from "../storage/home.js";
import type { Command, CommandGroup } from "./command.js";
import type { CommandEntry } from "./commands/index.js";
import { confirm } from "./confirm.js";
import { describeFailure, EXIT, ReaderGoneError, UsageError } from "./errors.js";
import { renderCommandHelp, renderGroupHelp, renderMainHelp } from "./help.js";
import { createOutput, type Environment, styleFor, type TextStream } from "./output.js";
import { hasFlag, parseCommandLine, unknownCommand } from "./parse.js";
import { createProgress } from "./progress.js";
import { version } from "./version.js";

/** What a command line runs in: a process, or a test. */
export interface Host {
  readonly stdout: TextStream;
  readonly stderr: TextStream & NodeJS.WritableStream;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly environment: Environment;
  /** Aborted when the user asks to stop. */
  readonly signal: AbortSignal;
}

const isGroup = (command: Command | CommandGroup): command is CommandGroup => "commands" in command;

/** Index of the first argument that is no option: the command's name. Global flags take no values and may stand before it. */
const commandIndex = (args: readonly string[]): number => args.findIndex((arg) => !arg.startsWith("-"));

/** The command an argument list names, and the arguments left for it. @throws {UsageError} for an unknown one. */
async function findCommand(
  entries: readonly CommandEntry[],
  args: readonly string[],
): Promise<{ command: Command | CommandGroup; rest: readonly string[] } | undefined> {
  const at = commandIndex(args);
  if (at < 0) return undefined;
  const name = args[at]!;
  const entry = entries.find((each) => each.name === name);
  if (entry === undefined)
    throw unknownCommand(
      name,
      entries.map((each) => each.name),
    );
  const rest = args.toSpliced(at, 1);
  const command = await entry.load();
  if (!isGroup(command)) return { command, rest };
  const next = commandIndex(rest);
  if (next < 0)
    return hasFlag(rest, "help") ? { command, rest } : { command: command.commands[command.fallback]!, rest };
  const inner = Object.hasOwn(command.commands, rest[next]!) ? command.commands[rest[next]!] : undefined;
  if (inner === undefined) throw unknownCommand(rest[next]!, Object.keys(command.commands), command.name);
  return { command: inner, rest: rest.toSpliced(next, 1) };
}

async function run(
  args: readonly string[],
  host: Host,
  json: boolean,
  entries: readonly CommandEntry[],
): Promise<void> {
  const style = styleFor(host.stdout, host.environment);
  const columns = Math.min(host.stdout.columns ?? 80, 120);
  const found = await findCommand(entries, args);
  if (found === undefined) {
    if (hasFlag(args, "version")) {
      host.stdout.write(json ? `${JSON.stringify({ version: version() })}\n` : `${version()}\n`);
      return;
    }
    const strange = args.find((arg) => !["--help", "-h", "--json", "--no-preview"].includes(arg));
    if (strange !== undefined) throw new UsageError(`unknown option ${strange}`, { hint: "see: atelier --help" });
    if (!hasFlag(args, "help")) throw new UsageError("no command given", { hint: "see them all with: atelier --help" });
    host.stdout.write(renderMainHelp(entries, style, columns));
    return;
  }
  const { command, rest } = found;
  if (hasFlag(rest, "help")) {
    host.stdout.write(
      isGroup(command) ? renderGroupHelp(command, style, columns) : renderCommandHelp(command, style, columns),
    );
    return;
  }
  if (isGroup(command)) return;
  const { options, positionals } = parseCommandLine(command, rest);
  const progress = createProgress(host.stderr);
  try {
    const document = await command.run({
      options,
      positionals,
      home: atelierHome(host.environment),
      out: createOutput(host, { json, preview: !hasFlag(rest, "no-preview"), beforeWriting: () => progress.clear() }),
      progress,
      signal: host.signal,
      interactive: host.stdin.isTTY === true,
      confirm: (question, settings) => confirm(question, host.stdin, host.stderr, host.signal, settings),
    });
    progress.stop();
    if (json) host.stdout.write(`${JSON.stringify(document ?? null, undefined, 2)}\n`);
  } finally {
    progress.stop();
  }
}

/**
 * Runs one command line.
 *
 * @param args what follows `atelier`.
 * @returns the exit code: 0 done, 1 failed, 2 not understood, 130 interrupted.
 */
export async function runCommandLine(
  args: readonly string[],
  host: Host,
  entries: readonly CommandEntry[],
): Promise<number> {
  const json = hasFlag(args, "json");
  try {
    await run(args, host, json, entries);
    if (host.signal.reason instanceof ReaderGoneError) return EXIT.ok;
    return host.signal.aborted ? EXIT.interrupted : EXIT.ok;
  } catch (error) {
    if (host.signal.reason instanceof ReaderGoneError) return EXIT.ok;
    const { code, message, hint, exitCode } = describeFailure(error, host.signal.aborted);
    const style = styleFor(host.stderr, host.environment);
    if (json) host.stdout.write(`${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`);
    // To be stopped by the user is no error.
    const interrupted = exitCode === EXIT.interrupted;
    host.stderr.write(interrupted ? `${message}\n` : `${style.red("error:")} ${message}\n`);
    if (hint !== undefined) host.stderr.write(interrupted ? `${hint}\n` : `  ${style.cyan("hint:")} ${hint}\n`);
    if (host.environment.ATELIER_DEBUG === "1" && error instanceof Error) host.stderr.write(`${error.stack}\n`);
    return exitCode;
  }
}

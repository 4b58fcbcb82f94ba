/** The benchmark's command line: flags, their defaults, and errors that name the nearest valid flag or row. */

import { parseArgs } from "node:util";
import { nearest } from "@atelier/engine/nearest";
import { UsageError } from "./errors.js";

export const usage = `Usage: npm run bench -- [flags]

Measures Atelier against PyTorch and TensorFlow.js and prints a table of ratios.

  --only NAME     only this row (repeat it, or separate names with commas)
  --list          print the rows and stop
  --json          print a JSON array on standard output instead of a table
  --python PATH   a Python with PyTorch and NumPy (default: $ATELIER_PYTHON); rows that need it are left out without one
  --text PATH     tinyshakespeare, for the rows that train on it (default: $ATELIER_BENCH_TEXT)
  --pictures DIR  the folder of Fashion-MNIST, for the rows about a VAE (default: $ATELIER_BENCH_PICTURES, or where Debian's
                  package dataset-fashion-mnist puts it)
  --ddpm FILE     weights that peers/torch_ddpm_train.py wrote, for the row ddpm (default: $ATELIER_BENCH_DDPM)
  --diffusion DIR our model beside them (default: $ATELIER_BENCH_DIFFUSION, or models/fashion-mnist-diffusion of this repository)
  --rounds N      how often ours and the peer take turns, at least 5 (default: 5)
  --help          print this and stop`;

export interface Options {
  /** Row names, or empty for all. */
  readonly only: readonly string[];
  readonly list: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly python: string | undefined;
  readonly text: string | undefined;
  readonly pictures: string | undefined;
  readonly ddpm: string | undefined;
  readonly diffusion: string | undefined;
  readonly rounds: number;
}

const flags = {
  only: { type: "string", multiple: true },
  list: { type: "boolean" },
  json: { type: "boolean" },
  python: { type: "string" },
  text: { type: "string" },
  pictures: { type: "string" },
  ddpm: { type: "string" },
  diffusion: { type: "string" },
  rounds: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

export const leastRounds = 5;

/**
 * Reads the flags.
 * @throws UsageError for an unknown flag or row, a flag without its value, or fewer than five rounds.
 */
export function parseOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  rowNames: readonly string[],
): Options {
  rejectUnknownFlags(args);
  const values = parseStrictly(args);
  const only = (values.only ?? []).flatMap((names) => names.split(",")).filter((name) => name !== "");
  for (const name of only) {
    if (!rowNames.includes(name)) {
      throw new UsageError(`There is no row named '${name}'.`, {
        hint: suggestion(name, rowNames),
      });
    }
  }
  const rounds = values.rounds === undefined ? leastRounds : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < leastRounds) {
    throw new UsageError(`--rounds must be a whole number of at least ${leastRounds}, not '${values.rounds}'.`);
  }
  return {
    only,
    list: values.list ?? false,
    json: values.json ?? false,
    help: values.help ?? false,
    python: values.python ?? (environment.ATELIER_PYTHON || undefined),
    text: values.text ?? (environment.ATELIER_BENCH_TEXT || undefined),
    pictures: values.pictures ?? (environment.ATELIER_BENCH_PICTURES || undefined),
    ddpm: values.ddpm ?? (environment.ATELIER_BENCH_DDPM || undefined),
    diffusion: values.diffusion ?? (environment.ATELIER_BENCH_DIFFUSION || undefined),
    rounds,
  };
}

function suggestion(name: string, candidates: readonly string[]): string {
  const likely = nearest(name, candidates);
  return likely === undefined ? `There are ${candidates.join(", ")}.` : `Did you mean '${likely}'?`;
}

function rejectUnknownFlags(args: readonly string[]): void {
  const names = Object.keys(flags);
  const { tokens } = parseArgs({ args: [...args], options: flags, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") {
      throw new UsageError(`Unexpected argument '${token.value}'.`, { hint: "Rows are picked with --only NAME." });
    }
    if (token.kind === "option" && !names.includes(token.name)) {
      throw new UsageError(`Unknown flag '${token.rawName}'.`, {
        hint: suggestion(
          token.rawName,
          names.map((name) => `--${name}`),
        ),
      });
    }
  }
}

function parseStrictly(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

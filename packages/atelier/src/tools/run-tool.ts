/** What the small command-line tools share: their arguments, and how they fail. */
import { parseArgs } from "node:util";
import { AtelierError } from "@atelier/engine/errors";

/**
 * Runs a tool that takes a fixed number of arguments and `--json`. Exit code 2 for a command line that makes no sense, 1 where `run`
 * throws or returns false.
 */
export function runTool(
  usage: string,
  count: number,
  run: (paths: readonly string[], json: boolean) => Promise<boolean>,
): void {
  let given: { readonly paths: readonly string[]; readonly json: boolean } | undefined;
  try {
    const { values, positionals } = parseArgs({ options: { json: { type: "boolean" } }, allowPositionals: true });
    if (positionals.length === count) given = { paths: positionals, json: values.json === true };
  } catch {
    // An unknown flag: the usage says what there is.
  }
  if (given === undefined) {
    console.error(`Usage: ${usage}`);
    process.exitCode = 2;
    return;
  }
  run(given.paths, given.json).then(
    (passed) => {
      if (!passed) process.exitCode = 1;
    },
    (error: unknown) => {
      console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
      if (AtelierError.isInstance(error) && error.hint !== undefined) console.error(`  hint: ${error.hint}`);
      process.exitCode = 1;
    },
  );
}

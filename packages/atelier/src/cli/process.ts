/** Ties the shell to this process: its streams, its signals and its exit code. */
import { systemCode } from "../storage/errors.js";
import type { CommandEntry } from "./commands/index.js";
import { EXIT, ReaderGoneError } from "./errors.js";
import { runCommandLine } from "./shell.js";

/** Runs the process's own command line, and ends the process with its exit code. */
export async function runProcess(entries: readonly CommandEntry[]): Promise<void> {
  const stop = new AbortController();

  // The first Ctrl-C asks to stop in good order, the second ends the process.
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    process.stderr.write("\nstopping in good order; press Ctrl-C again to quit at once\n");
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);

  // Whoever read the output has gone (`atelier runs | head -1`): there is nobody left to tell, so stop quietly.
  process.stdout.on("error", (error) => {
    if (systemCode(error) !== "EPIPE") throw error;
    stop.abort(new ReaderGoneError("nobody reads the output any more"));
  });
  process.stderr.on("error", () => {});

  const code = await runCommandLine(
    process.argv.slice(2),
    {
      stdout: {
        isTTY: process.stdout.isTTY,
        columns: process.stdout.columns,
        write: (text) => process.stdout.write(text),
      },
      stderr: process.stderr,
      stdin: process.stdin,
      environment: process.env,
      signal: stop.signal,
    },
    entries,
  );

  // Leave once what was written has gone out, whatever still keeps the process alive.
  process.stdout.write("", () => process.exit(code));
}

/** Asking before something is lost. */
import { createInterface } from "node:readline/promises";
import { InterruptedError, UsageError } from "./errors.js";

/**
 * Asks yes or no on the terminal, on standard error; anything but y or yes is no.
 *
 * @throws {UsageError} where standard input is no terminal. @throws {InterruptedError} on Ctrl-C.
 */
export async function confirm(
  question: string,
  stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  stderr: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<boolean> {
  if (stdin.isTTY !== true) {
    throw new UsageError(`cannot ask "${question}" without a terminal`, {
      hint: "add --yes to go ahead without asking",
    });
  }
  // Not in terminal mode: that would swallow Ctrl-C.
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), closed]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } catch (error) {
    if (signal.aborted) throw new InterruptedError("interrupted");
    throw error;
  } finally {
    lines.close();
  }
}

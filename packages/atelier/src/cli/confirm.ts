/** Asking before something is lost, or takes long. */
import { createInterface } from "node:readline/promises";
import { InterruptedError, UsageError } from "./errors.js";

export interface ConfirmOptions {
  /** What Enter alone means; default no. */
  readonly default?: boolean;
}

/**
 * Asks yes or no on the terminal, on standard error. Enter alone is the default; any other answer but y or yes is no, and so is the
 * end of input.
 *
 * @throws {UsageError} where standard input is no terminal. @throws {InterruptedError} on Ctrl-C.
 */
export async function confirm(
  question: string,
  stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  stderr: NodeJS.WritableStream,
  signal: AbortSignal,
  { default: fallback = false }: ConfirmOptions = {},
): Promise<boolean> {
  if (stdin.isTTY !== true) {
    throw new UsageError(`cannot ask "${question}" without a terminal`, {
      hint: "add --yes to go ahead without asking",
    });
  }
  // Not in terminal mode: that would swallow Ctrl-C.
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("n")));
  try {
    const choice = fallback ? "Y/n" : "y/N";
    const answer = await Promise.race([lines.question(`${question} [${choice}] `, { signal }), closed]);
    return answer.trim() === "" ? fallback : /^\s*y(es)?\s*$/i.test(answer);
  } catch (error) {
    if (signal.aborted) throw new InterruptedError("interrupted");
    throw error;
  } finally {
    lines.close();
  }
}

/** Failures of the command line itself, and how any failure is told: exit codes, one line, a hint. */
import { AtelierError } from "@atelier/engine/errors";

/** The command line could not be understood: an unknown command or option, a value out of range. */
export class UsageError extends AtelierError {
  readonly code = "USAGE";
}

/** Stopped by the user. */
export class InterruptedError extends AtelierError {
  readonly code = "INTERRUPTED";
}

/** Whoever read standard output has closed it (`atelier runs | head -1`): a reason to stop, but no failure. */
export class ReaderGoneError extends AtelierError {
  readonly code = "READER_GONE";
}

export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** What is told of a failure: on a terminal as a line and a hint, under `--json` as `{"error": …}`. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
}

/** Describes anything that was thrown. `aborted`: the user had asked to stop, so an abort is no failure of its own. */
export function describeFailure(error: unknown, aborted: boolean): Failure {
  if (error instanceof InterruptedError) {
    return { code: error.code, message: error.message, hint: error.hint, exitCode: EXIT.interrupted };
  }
  if (aborted && error instanceof Error && error.name === "AbortError") {
    return { code: "INTERRUPTED", message: "interrupted", hint: undefined, exitCode: EXIT.interrupted };
  }
  if (AtelierError.isInstance(error)) {
    const exitCode = error.code === "USAGE" ? EXIT.usage : EXIT.failure;
    return { code: error.code, message: oneLine(error.message), hint: error.hint, exitCode };
  }
  return {
    code: "UNEXPECTED",
    message: `unexpected: ${oneLine(error instanceof Error ? `${error.name}: ${error.message}` : String(error))}`,
    hint: "this is likely a fault of Atelier itself; run again with ATELIER_DEBUG=1 to see where it happened",
    exitCode: EXIT.failure,
  };
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ");

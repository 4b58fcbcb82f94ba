/** Runs the body of a worker; a failure becomes one line on standard error and exit code 1, never a stack trace. */

import { AtelierError } from "@atelier/engine/errors";
import { ZodError, z } from "zod";

export async function runWorker(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}

function explain(error: unknown): string {
  if (error instanceof ZodError) return z.prettifyError(error);
  if (AtelierError.isInstance(error) && error.hint !== undefined) return `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}

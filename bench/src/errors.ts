/** The benchmark's own failures; everything a user can meet is one of these, printed in one line. */

import { AtelierError } from "@atelier/engine/errors";

/** A command line that cannot be understood; the process ends with exit code 2. */
export class UsageError extends AtelierError {
  readonly code = "USAGE";
}

/** A worker or a peer that could not be started, or stopped before it answered. */
export class WorkerError extends AtelierError {
  readonly code = "WORKER_FAILED";
}

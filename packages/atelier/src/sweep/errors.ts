/** What can be wrong with a sweep itself; what is wrong with one of its trials is recorded with that trial. */
import { AtelierError } from "@atelier/engine/errors";

/** A sweep that cannot be: an unknown setting, a range that is none, more rungs than steps. */
export class SweepError extends AtelierError {
  readonly code = "BAD_SWEEP";
}

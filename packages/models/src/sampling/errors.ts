import { AtelierError } from "@atelier/engine/errors";

/** Logits that no token can be drawn from: none at all, a NaN among them, or -Infinity everywhere. */
export class LogitsError extends AtelierError {
  readonly code = "BAD_LOGITS";
}

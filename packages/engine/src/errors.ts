/**
 * Typed errors. Every failure a user can meet is an `AtelierError`: a stable `code`, a message that says what was wrong and
 * where, and a `hint` that says what to do next. One class per failure, told apart by `code`, so that an error that crossed
 * a package boundary (or two copies of a package) is still recognised.
 */

const marker = Symbol.for("atelier.error");

export interface ErrorDetails {
  /** What to do next, in one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

export abstract class AtelierError extends Error {
  /** Stable, upper-case, for programs: `SHAPE_MISMATCH`. */
  abstract readonly code: string;
  readonly hint: string | undefined;
  readonly [marker] = true;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
  }

  /** True for any Atelier error, also one from another copy of this package. */
  static isInstance(value: unknown): value is AtelierError {
    return typeof value === "object" && value !== null && marker in value;
  }
}

/** Shapes or data types that an operation cannot take; thrown while tracing, naming the operation and where it stands. */
export class ShapeError extends AtelierError {
  readonly code = "SHAPE_MISMATCH";
}

/** A value or setting outside what a function accepts. */
export class ArgumentError extends AtelierError {
  readonly code = "INVALID_ARGUMENT";
}

/** A device (or an operation on a device) that this machine cannot run. */
export class DeviceError extends AtelierError {
  readonly code = "DEVICE_UNAVAILABLE";
}

/** A file whose contents are not what its format promises: truncated, altered, or of another kind. */
export class FormatError extends AtelierError {
  readonly code = "BAD_FORMAT";
}

/** What can be wrong with a grammar: it cannot be read, it asks for what is not supported, or nothing can meet it. */
import { AtelierError, type ErrorDetails } from "@atelier/engine/errors";

/** A regular expression or EBNF text that cannot be read, or uses what is not supported; `offset` says where it stands. */
export class GrammarSyntaxError extends AtelierError {
  readonly code = "BAD_GRAMMAR";
  /** Where in the text, in UTF-16 units from 0. */
  readonly offset: number;

  constructor(message: string, offset: number, details: ErrorDetails = {}) {
    super(message, details);
    this.offset = offset;
  }
}

/** A JSON Schema that is not one, or uses what generation does not support. */
export class SchemaError extends AtelierError {
  readonly code = "BAD_SCHEMA";
  /** JSON Pointer (RFC 6901) of the keyword. */
  readonly pointer: string;

  constructor(message: string, pointer: string, details: ErrorDetails = {}) {
    super(`${message} (at ${pointer === "" ? "the schema's root" : `'${pointer}'`})`, details);
    this.pointer = pointer;
  }
}

/** A grammar that cannot be met: no text at all is in its language, or none that these tokens or this budget can write. */
export class UnsatisfiableGrammarError extends AtelierError {
  readonly code = "UNSATISFIABLE_GRAMMAR";
}

/** What making an output again needs, and what comes of it. */
import type { RunOptions } from "../../library/generate.js";
import type { Model } from "../../library/model.js";
import type { Output, OutputRecord } from "../media/output.js";
import type { Provenance } from "../provenance.js";

export interface How extends RunOptions {
  readonly seed: number;
  /** How it was let out. */
  readonly output: OutputRecord;
  /** The file that is made again: inputs are looked for beside it. */
  readonly path: string;
}

export interface Again {
  readonly output: Output;
  readonly made: Provenance;
}

/** One kind of request. */
export interface Task<Request> {
  again(model: Model, request: Request, how: How): Promise<Again>;
}

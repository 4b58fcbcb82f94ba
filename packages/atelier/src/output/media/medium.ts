/** What the one exit asks of a kind of media. Each is one file beside this one, and one line in `index.ts`. */
import type { SealedProvenance } from "../provenance.js";
import type { Output, OutputRecord } from "./output.js";

export interface Medium<Kind extends Output, Recorded extends OutputRecord> {
  /**
   * What the provenance says of an output.
   *
   * @param path the file that it goes into; undefined where it goes into none
   * @throws {ArgumentError} for a file whose ending names no format that it can be written in
   */
  record(output: Kind, path: string | undefined): Promise<Recorded>;
  /** Writes the file, and its provenance into it. @returns whether it has room for that */
  write(path: string, output: Kind, sealed: SealedProvenance): Promise<boolean>;
  /** As a screen shows it. */
  show(output: Kind): string;
  /**
   * An output that was made again, beside the saved one.
   *
   * @param saved the contents of the file; undefined where it is gone
   */
  compare(again: Kind, record: Recorded, saved: Uint8Array | undefined): Promise<Comparison>;
}

export type RecordOf<Kind extends Output> = Extract<OutputRecord, { readonly media: Kind["media"] }>;

export interface Comparison {
  /** Whether the same was made again: as the file that is there, or as the recorded hash where no file is. */
  readonly equal: boolean;
  /** Whether the file is no longer what its provenance was written for. */
  readonly edited: boolean;
  /** The output made again, as the contents of a file without its provenance. */
  readonly contents: string | Uint8Array;
  /** Where the two part; undefined where they are equal, or the file is not there to compare. */
  readonly difference: Difference | undefined;
}

export type Difference = TextDifference | PixelDifference;

export interface TextDifference {
  /** UTF-16 units from the beginning, and the line and column of the place, from 1. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  /** What stands there in the saved output, and in the one made again. */
  readonly before: string;
  readonly now: string;
}

export interface PixelDifference {
  /** The first pixel that differs: its frame, and its place from the left and from the top, all from 0. */
  readonly frame: number;
  readonly x: number;
  readonly y: number;
  /** How many pixels differ, of how many; undefined where the sizes do, or the file is no longer a picture. */
  readonly pixels?: number | undefined;
  readonly of?: number | undefined;
  /** Its colour as `#rrggbbaa`, or else the sizes, in the saved output and in the one made again. */
  readonly before: string;
  readonly now: string;
}

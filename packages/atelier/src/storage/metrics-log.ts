/**
 * `metrics.jsonl`: one JSON object a line, in order of `step`, appended while training. A kill can tear only the last line, which is
 * dropped when the file is opened again; on resuming, what lies after the checkpoint is cut off, so that no step stands twice.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { explainReadError, readWhole } from "./atomic.js";
import { explainWriteError, NotFoundError } from "./errors.js";
import { parseJson } from "./json-file.js";

const recordSchema = z.looseObject({ step: z.number().int().nonnegative() });

/** What is logged of a step: always its number, and whatever the trainer measures. */
export interface MetricsRecord {
  readonly step: number;
  readonly [name: string]: unknown;
}

/** A loss that was logged, and after which step. */
export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

/** The records that have a number under this name: `loss`, or `validationLoss`. */
export const lossPoints = (metrics: readonly MetricsRecord[], name: string): LossPoint[] =>
  metrics.flatMap((record) => {
    const loss = record[name];
    return typeof loss === "number" ? [{ step: record.step, loss }] : [];
  });

/** The numbers of the records since a model was last judged, oldest first. */
export function figuresSince(metrics: readonly MetricsRecord[]): Record<string, number>[] {
  const judged = metrics.findLastIndex(({ validationLoss }) => validationLoss !== undefined);
  return metrics.slice(judged + 1).map((record) => {
    const numbers = Object.entries(record).filter((entry): entry is [string, number] => typeof entry[1] === "number");
    return Object.fromEntries(numbers);
  });
}

/** What was warned of while a model was judged, and after which step. */
export const warningsOf = (metrics: readonly MetricsRecord[]): { step: number; message: string }[] =>
  metrics.flatMap(({ step, warnings }) =>
    Array.isArray(warnings) ? warnings.map((message) => ({ step, message: String(message) })) : [],
  );

const NEWLINE = 0x0a;

/** Byte offset just after each complete line, and its record. */
function parseLines(bytes: Uint8Array, path: string): { end: number; record: MetricsRecord }[] {
  const lines: { end: number; record: MetricsRecord }[] = [];
  const decoder = new TextDecoder();
  for (let start = 0; ; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline < 0) return lines;
    const text = decoder.decode(bytes.subarray(start, newline));
    lines.push({ end: newline + 1, record: parseJson(text, recordSchema, `${path} line ${lines.length + 1}`) });
    start = newline + 1;
  }
}

/** All complete records of a file; none if there is no file. @throws {FormatError} naming the line. */
export async function readMetrics(path: string): Promise<MetricsRecord[]> {
  try {
    return parseLines(await readWhole(path), path).map(({ record }) => record);
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}

/** An open metrics file, for the one process that holds the run's lock. */
export class MetricsLog {
  readonly #path: string;
  readonly #file: number;
  #size: number;

  /** Opens or creates the file and drops a torn last line. @throws {UnwritableError} @throws {DiskFullError} */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, "a+");
      const bytes = this.#read();
      this.#size = bytes.lastIndexOf(NEWLINE) + 1;
      if (this.#size < bytes.byteLength) ftruncateSync(this.#file, this.#size);
    } catch (error) {
      throw explainWriteError(error, path, "open");
    }
  }

  /**
   * Appends one record. A non-finite number becomes null, as JSON has none.
   *
   * @throws {DiskFullError} and then the file ends with the record before.
   */
  append(record: MetricsRecord): void {
    const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
    try {
      let written = 0;
      while (written < bytes.byteLength) written += writeSync(this.#file, bytes, written);
      this.#size += bytes.byteLength;
    } catch (error) {
      ftruncateSync(this.#file, this.#size);
      throw explainWriteError(error, this.#path, "append to");
    }
  }

  /** Removes all records of steps after `step`. @throws {FormatError} if a line is not a record. */
  truncateAfter(step: number): void {
    const lines = parseLines(this.#read(), this.#path);
    const firstBeyond = lines.findIndex(({ record }) => record.step > step);
    if (firstBeyond < 0) return;
    if (lines.slice(firstBeyond).some(({ record }) => record.step <= step)) {
      throw new FormatError(`${this.#path}: the steps after line ${firstBeyond + 1} are out of order`, {
        hint: "two runs may have written to this file; remove the lines that do not belong, or start a new run",
      });
    }
    this.#size = lines[firstBeyond - 1]?.end ?? 0;
    ftruncateSync(this.#file, this.#size);
    this.sync();
  }

  /** Flushes to the disk; called with every checkpoint. */
  sync(): void {
    try {
      fsyncSync(this.#file);
    } catch (error) {
      throw explainWriteError(error, this.#path, "flush");
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #read(): Uint8Array {
    try {
      const bytes = new Uint8Array(fstatSync(this.#file).size);
      let position = 0;
      while (position < bytes.byteLength) {
        const read = readSync(this.#file, bytes, position, bytes.byteLength - position, position);
        if (read === 0) break;
        position += read;
      }
      return bytes;
    } catch (error) {
      throw explainReadError(error, this.#path);
    }
  }
}

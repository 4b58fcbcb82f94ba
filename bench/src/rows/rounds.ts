/** Rows that measure us against a bar: a worker process in a folder of its own, round after round. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { z } from "zod";
import { WorkerError } from "../errors.js";
import type { BenchContext } from "./row.js";

/** Runs `use` with a folder that is gone afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "atelier-bench-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface Rounds<Result> {
  /** The file that runs, and what it is given. */
  readonly worker: string;
  readonly parameters: readonly string[];
  /** Of what it prints. */
  readonly schema: z.ZodType<Result>;
  /** `curation` */
  readonly name: string;
  /** A round in words: `21.9 MB/s`. */
  readonly describe: (result: Result) => string;
}

/** One fresh process a round. @throws {WorkerError} */
export async function rounds<Result>(context: BenchContext, asked: Rounds<Result>): Promise<Result[]> {
  const { worker, parameters, schema, name, describe } = asked;
  const results: Result[] = [];
  for (let round = 0; round < context.rounds; round++) {
    const { stdout } = await promisify(execFile)(process.execPath, [worker, ...parameters]).catch((cause: Error) => {
      throw new WorkerError(`Our ${name} worker failed: ${cause.message}`, { cause });
    });
    const result = schema.parse(JSON.parse(stdout));
    results.push(result);
    context.progress(`round ${round + 1} of ${context.rounds}: ${describe(result)}`);
  }
  return results;
}

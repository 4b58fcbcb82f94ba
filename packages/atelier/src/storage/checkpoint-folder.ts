/**
 * The checkpoints of a run: the newest few and the best one are kept, and a damaged one never stops a training that can go on from
 * the one before it.
 */
import { readdir, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { AtelierError, FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { exists, syncFolder, writeJsonAtomic } from "./atomic.js";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { explainWriteError, NotFoundError } from "./errors.js";
import { readJson } from "./json-file.js";

const FILE = /^step-(\d{8,})\.safetensors$/;
const fileName = (step: number): string => `step-${String(step).padStart(8, "0")}.safetensors`;

const bestSchema = z.object({ step: z.number().int().nonnegative(), metric: z.string(), value: z.number() });
/** Which checkpoint is the best, and by what. */
export type Best = z.infer<typeof bestSchema>;

export interface LoadedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly path: string;
  /** One line for each newer checkpoint that was damaged, naming the file. */
  readonly warnings: readonly string[];
}

export interface SaveOptions {
  /** How many of the newest to keep (default 2); the best is kept besides. */
  readonly keep?: number;
  /** Marks this checkpoint as the best so far, by this metric's value. */
  readonly best?: Omit<Best, "step">;
}

export class CheckpointFolder {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  pathOf(step: number): string {
    return join(this.directory, fileName(step));
  }

  /** Steps that have a checkpoint, ascending. */
  async steps(): Promise<number[]> {
    const names = await readdir(this.directory).catch(() => []);
    return names
      .flatMap((name) => FILE.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** The best checkpoint so far, if one was marked. @throws {FormatError} if `best.json` was damaged. */
  async best(): Promise<Best | undefined> {
    const path = join(this.directory, "best.json");
    return (await exists(path)) ? readJson(path, bestSchema) : undefined;
  }

  /**
   * Writes a checkpoint, marks it as the best if told so, then removes what need not be kept; in this order, so that a kill at any
   * moment loses nothing.
   *
   * @throws {DiskFullError} @throws {UnwritableError} Earlier checkpoints are then untouched.
   */
  async save(checkpoint: Checkpoint, { keep = 2, best }: SaveOptions = {}): Promise<string> {
    const path = this.pathOf(checkpoint.step);
    await writeCheckpoint(path, checkpoint);
    if (best !== undefined)
      await writeJsonAtomic(join(this.directory, "best.json"), { step: checkpoint.step, ...best });
    const kept = new Set([checkpoint.step, (await this.best())?.step]);
    const others = (await this.steps()).filter((step) => !kept.has(step));
    await this.#remove(others.slice(0, Math.max(0, others.length - (keep - 1))));
    return path;
  }

  /**
   * The newest checkpoint that is whole, or undefined if there is none at all. A damaged one is passed over with a warning.
   *
   * @throws {FormatError} if there are checkpoints and every one is damaged.
   */
  async loadLatest(): Promise<LoadedCheckpoint | undefined> {
    const warnings: string[] = [];
    for (const step of (await this.steps()).toReversed()) {
      const path = this.pathOf(step);
      try {
        return { checkpoint: await readCheckpoint(path), path, warnings };
      } catch (error) {
        if (!AtelierError.isInstance(error)) throw error;
        warnings.push(error.message);
      }
    }
    if (warnings.length === 0) return undefined;
    throw new FormatError(`no checkpoint in ${this.directory} can be read: ${warnings.join("; ")}`, {
      hint: "restore one from a copy, or start a new run",
    });
  }

  /** The checkpoint of one step. @throws {NotFoundError} @throws {FormatError} naming the nearest earlier one that is whole. */
  load(step: number): Promise<Checkpoint> {
    return loadCheckpoint(this.pathOf(step));
  }

  /** Removes checkpoints of later steps (and a best mark on one), before going on from an earlier one. */
  async discardAfter(step: number): Promise<void> {
    const best = await this.best();
    if (best !== undefined && best.step > step) await rm(join(this.directory, "best.json"), { force: true });
    await this.#remove((await this.steps()).filter((other) => other > step));
  }

  async #remove(steps: readonly number[]): Promise<void> {
    try {
      for (const step of steps) await rm(this.pathOf(step), { force: true });
      if (steps.length > 0) await syncFolder(this.directory);
    } catch (error) {
      throw explainWriteError(error, this.directory, "remove a checkpoint from");
    }
  }
}

/**
 * Reads the checkpoint a person named. Unlike `loadLatest` it never takes another instead.
 *
 * @throws {NotFoundError} @throws {FormatError} whose hint names the newest whole checkpoint before it in the same folder.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  try {
    return await readCheckpoint(path);
  } catch (error) {
    if (!AtelierError.isInstance(error)) throw error;
    const earlier = await wholeBefore(path);
    if (earlier === undefined) throw error;
    const hint = `the checkpoint before it is whole: ${earlier}`;
    if (error instanceof NotFoundError) throw new NotFoundError(error.message, { hint, cause: error });
    throw new FormatError(error.message, { hint, cause: error });
  }
}

/** The newest whole checkpoint before a file, judged by step. */
async function wholeBefore(path: string): Promise<string | undefined> {
  const step = FILE.exec(basename(path))?.[1];
  if (step === undefined) return undefined;
  const folder = new CheckpointFolder(join(resolve(path), ".."));
  const earlier = (await folder.steps()).filter((other) => other < Number(step));
  for (const other of earlier.toReversed()) {
    try {
      await readCheckpoint(folder.pathOf(other));
      return folder.pathOf(other);
    } catch (error) {
      if (!AtelierError.isInstance(error)) throw error;
    }
  }
  return undefined;
}

/**
 * A run: the folder `<home>/runs/<name>/` in which one training leaves everything it knows.
 *
 *     run.json                        what is trained on what, with which versions, on which machine, and how it stands
 *     metrics.jsonl                   one line a logged step
 *     checkpoints/step-00000100.safetensors
 *     samples/  report.html  codec.json
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { exists, makeFolder, removeFolder, removeLeftovers, writeJsonAtomic } from "./atomic.js";
import { CheckpointFolder } from "./checkpoint-folder.js";
import { explainWriteError, RunExistsError, systemCode } from "./errors.js";
import { homeFolder } from "./home.js";
import { jsonRecord, readJson } from "./json-file.js";
import { acquireLock, type Lock, lockHolder } from "./lock.js";
import { MetricsLog, type MetricsRecord, readMetrics } from "./metrics-log.js";
import { checkName, findFolder, foldersWith, nameOf, nextNumbered } from "./names.js";

const RUN_FILE = "run.json";

export const runSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
  /** `running` of a run that nobody holds locked means that its process was killed. */
  status: z.enum(["created", "running", "stopped", "finished", "failed"]),
  /** Why it failed, in one line. */
  failure: z.string().optional(),
  step: z.number().int().nonnegative(),
  totalSteps: z.number().int().nonnegative().optional(),
  seed: z.number().int(),
  /** The recipe with every default filled in. */
  recipe: jsonRecord,
  /** Package name to version, as trained with. */
  versions: z.record(z.string(), z.string()),
  machine: jsonRecord,
  /** The dataset's card, with its fingerprint. */
  data: jsonRecord,
  /** Key figures, once there are some: name to number. */
  results: z.record(z.string(), z.number()).optional(),
});
export type RunRecord = z.infer<typeof runSchema>;

/** What a new run is told; the rest of `run.json` is filled in. */
export type NewRun = Pick<RunRecord, "seed" | "recipe" | "versions" | "machine" | "data" | "totalSteps">;

/** The paths of a run's files. */
export interface RunPaths {
  readonly directory: string;
  readonly run: string;
  readonly metrics: string;
  readonly checkpoints: string;
  readonly samples: string;
  readonly report: string;
  readonly codec: string;
}

export const runPaths = (directory: string): RunPaths => ({
  directory,
  run: join(directory, RUN_FILE),
  metrics: join(directory, "metrics.jsonl"),
  checkpoints: join(directory, "checkpoints"),
  samples: join(directory, "samples"),
  report: join(directory, "report.html"),
  codec: join(directory, "codec.json"),
});

/** A run held by this process alone, to train in. `close` gives it free. */
export class RunDirectory {
  readonly paths: RunPaths;
  readonly metrics: MetricsLog;
  readonly checkpoints: CheckpointFolder;
  readonly #lock: Lock;
  #record: RunRecord;

  private constructor(paths: RunPaths, record: RunRecord, lock: Lock) {
    this.paths = paths;
    this.#record = record;
    this.#lock = lock;
    this.metrics = new MetricsLog(paths.metrics);
    this.checkpoints = new CheckpointFolder(paths.checkpoints);
  }

  get record(): RunRecord {
    return this.#record;
  }

  /**
   * Makes a new run and locks it. Without a name it is numbered after its parts (`["Moby Dick", "gpt"]` → `moby-dick-gpt-01`).
   *
   * @throws {RunExistsError} if a run of the given name exists. @throws {ArgumentError} for an impossible name.
   * @throws {UnwritableError} @throws {DiskFullError}
   */
  static async create(home: string, name: string | readonly string[], run: NewRun): Promise<RunDirectory> {
    const parent = await homeFolder(home, "runs");
    const directory =
      typeof name === "string"
        ? await claim(parent, await freeOfModels(home, checkName(name, "run")))
        : await claimNext(parent, name, join(home, "models"));
    const lock = acquireLock(directory);
    if (await exists(join(directory, RUN_FILE))) {
      lock.release();
      throw alreadyThere(directory);
    }
    try {
      const now = new Date().toISOString();
      const record: RunRecord = {
        format: 1,
        name: basename(directory),
        created: now,
        updated: now,
        status: "created",
        step: 0,
        ...run,
      };
      const paths = runPaths(directory);
      await makeFolder(paths.checkpoints);
      await makeFolder(paths.samples);
      await writeJsonAtomic(paths.run, runSchema.parse(record));
      return new RunDirectory(paths, record, lock);
    } catch (error) {
      lock.release();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Opens a run to go on with it, by name or path, and locks it. Leftovers of a killed process are cleared away.
   *
   * @throws {NotFoundError} with the nearest name. @throws {RunLockedError} naming the process that works on it.
   * @throws {FormatError} if `run.json` or the metrics were damaged.
   */
  static async open(home: string, nameOrPath: string): Promise<RunDirectory> {
    const directory = await findRun(home, nameOrPath);
    const lock = acquireLock(directory);
    try {
      const paths = runPaths(directory);
      const record = await readJson(paths.run, runSchema);
      await makeFolder(paths.checkpoints);
      await makeFolder(paths.samples);
      for (const folder of [directory, paths.checkpoints, paths.samples]) await removeLeftovers(folder);
      return new RunDirectory(paths, record, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Changes fields of `run.json`, atomically. */
  async update(changes: Partial<Omit<RunRecord, "format" | "name" | "created" | "updated">>): Promise<void> {
    const record = { ...this.#record, ...changes, updated: new Date().toISOString() };
    await writeJsonAtomic(this.paths.run, runSchema.parse(record));
    this.#record = record;
  }

  /** Whether no step was ever logged or saved. */
  async isEmpty(): Promise<boolean> {
    return (await this.checkpoints.steps()).length === 0 && (await readMetrics(this.paths.metrics)).length === 0;
  }

  /** Removes the run that this process holds. */
  async discard(): Promise<void> {
    this.metrics.close();
    await removeFolder(this.paths.directory);
  }

  close(): void {
    this.metrics.close();
    this.#lock.release();
  }
}

const alreadyThere = (directory: string): RunExistsError =>
  new RunExistsError(`there is already a run "${basename(directory)}" in ${dirname(directory)}`, {
    hint: `choose another name, go on with it, or remove it: atelier runs remove ${basename(directory)}`,
  });

/** Makes the folder of a run and says whether it is new: the file system decides who was first. */
async function makeNew(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw explainWriteError(error, directory, "create");
  }
}

async function claim(parent: string, name: string): Promise<string> {
  const directory = join(parent, name);
  if ((await makeNew(directory)) || (await isUnborn(directory))) return directory;
  throw alreadyThere(directory);
}

/** Whether a folder is what a process leaves behind that is killed while making a run: nothing of anybody's is in it. */
async function isUnborn(directory: string): Promise<boolean> {
  const entries = await readdir(directory).catch(() => [RUN_FILE]);
  const ours = entries.every((name) => name.startsWith(".") || name === "checkpoints" || name === "samples");
  return ours && lockHolder(directory) === undefined;
}

/** A run ends as the model of its name: one that is there already, of a run since removed, is not to be lost. */
async function freeOfModels(home: string, name: string): Promise<string> {
  const model = join(home, "models", name);
  if (!(await exists(model)) || (await exists(join(home, "runs", name)))) return name;
  throw new RunExistsError(`there is already a model "${name}" in ${dirname(model)}, which this run would replace`, {
    hint: `choose another name, or remove it: atelier models remove ${name}`,
  });
}

async function claimNext(parent: string, parts: readonly string[], models: string): Promise<string> {
  const base = nameOf(...parts);
  for (;;) {
    const taken = [...(await readdir(parent)), ...(await readdir(models).catch(() => []))];
    const directory = join(parent, nextNumbered(base, taken));
    if (await makeNew(directory)) return directory;
  }
}

/** The folder of a run, by name or path. @throws {NotFoundError} with the nearest name. */
export const findRun = (home: string, nameOrPath: string): Promise<string> =>
  findFolder(join(home, "runs"), nameOrPath, RUN_FILE, "run");

/** A run as it lies on the disk, read without locking it. */
export interface RunSummary {
  readonly directory: string;
  readonly record: RunRecord;
  /** `interrupted`: it says "running", but its process is gone. */
  readonly state: RunRecord["status"] | "interrupted";
  /** The process that works on it now. */
  readonly pid: number | undefined;
}

/** Reads a run without locking it. @throws {NotFoundError} @throws {FormatError} */
export async function readRun(home: string, nameOrPath: string): Promise<RunSummary> {
  const directory = await findRun(home, nameOrPath);
  const record = await readJson(join(directory, RUN_FILE), runSchema);
  const pid = lockHolder(directory)?.pid;
  return {
    directory,
    record,
    pid,
    state: stateOf(record.status, pid),
  };
}

function stateOf(status: RunRecord["status"], pid: number | undefined): RunSummary["state"] {
  if (status === "finished") return status;
  if (pid !== undefined) return "running";
  return status === "running" ? "interrupted" : status;
}

/** A run's metrics, read without locking it. */
export const readRunMetrics = (directory: string): Promise<MetricsRecord[]> => readMetrics(runPaths(directory).metrics);

/** All runs of a home, oldest first. A run that cannot be read is listed with its error instead. */
export async function listRuns(home: string): Promise<{ name: string; run: RunSummary | Error }[]> {
  const names = await foldersWith(join(home, "runs"), RUN_FILE);
  const runs = await Promise.all(
    names.map(async (name) => ({
      name,
      run: await readRun(home, join(home, "runs", name)).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      ),
    })),
  );
  const created = (run: RunSummary | Error): string => (run instanceof Error ? "" : run.record.created);
  return runs.sort((a, b) => created(a.run).localeCompare(created(b.run)) || a.name.localeCompare(b.name));
}

/** Removes a run that no process works on. @throws {RunLockedError} @throws {NotFoundError} @throws {UnwritableError} */
export async function removeRun(home: string, nameOrPath: string): Promise<string> {
  const directory = await findRun(home, nameOrPath);
  const lock = acquireLock(directory);
  try {
    await removeFolder(directory);
  } catch (error) {
    lock.release();
    throw error;
  }
  return directory;
}

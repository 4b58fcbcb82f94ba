/**
 * One process per run directory. The lock is a chain of numbered files, `.lock-000001`, `.lock-000002`, …, of which the highest
 * counts; it names its owner, and is free once the owner is gone (also by kill -9) or has released it.
 *
 * Why numbers: removing a dead owner's file and then creating one's own leaves a moment in which a second process, which also saw
 * the dead owner, removes the newcomer's file. Here nobody removes the highest file. Taking the lock is creating the *next* number,
 * which the file system grants to exactly one process (`link` fails if the name exists, and the file appears complete). Lower numbers
 * are swept by the new owner; a slow process that then recreates a swept number sees that it is not the highest, and withdraws.
 */
import { randomUUID } from "node:crypto";
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { explainWriteError, RunLockedError, systemCode } from "./errors.js";

const ownerSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  /** When the process started, on this boot of this machine; absent where the system does not tell. */
  started: z.string().optional(),
  since: z.string(),
  released: z.boolean(),
});
type Owner = z.infer<typeof ownerSchema>;

export interface Lock {
  /** Gives the directory free; a second call does nothing. */
  release(): void;
}

const LOCK_NAME = /^\.lock-(\d{6,})$/;
const lockName = (generation: number): string => `.lock-${String(generation).padStart(6, "0")}`;

/**
 * The start of a process in clock ticks since boot, with the boot's id, so that a recycled pid is told apart; "dead" for a process
 * that is gone or a zombie. Linux only (`/proc`); undefined elsewhere.
 */
function processStart(pid: number): string | "dead" | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 2 is the command in parentheses and may hold spaces; state is field 3, starttime field 22 (proc(5)).
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return "dead";
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[19]}`;
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" || code === "ESRCH" ? "dead" : undefined;
  }
}

function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
  }
  const started = processStart(owner.pid);
  if (started === "dead") return false;
  return owner.started === undefined || started === undefined || owner.started === started;
}

/** Generations present, highest first. */
function generations(directory: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => LOCK_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

/** Who holds a lock file; undefined if it is free, unreadable (written by nobody we know) or swept meanwhile. */
function liveOwner(path: string): Owner | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    const owner = ownerSchema.parse(JSON.parse(text));
    return !owner.released && isAlive(owner) ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** The pid and host of the process that works on a directory, or undefined. */
export function lockHolder(directory: string): { readonly pid: number; readonly host: string } | undefined {
  try {
    const highest = generations(directory)[0];
    return highest === undefined ? undefined : liveOwner(join(directory, lockName(highest)));
  } catch {
    return undefined;
  }
}

function lockedError(directory: string, owner: Owner): RunLockedError {
  const elsewhere = owner.host !== hostname();
  const where = elsewhere ? ` on ${owner.host}` : "";
  return new RunLockedError(
    `process ${owner.pid}${where} is working on ${directory} since ${owner.since}`,
    owner.pid,
    elsewhere
      ? `if that process is gone, remove the .lock-* files in ${directory}`
      : `wait for it, or stop it with: kill -INT ${owner.pid}`,
  );
}

/**
 * Takes the lock of a directory, or takes it over from an owner that is gone.
 *
 * @throws {RunLockedError} naming the pid of the process that holds it. @throws {UnwritableError} @throws {DiskFullError}
 */
export function acquireLock(directory: string): Lock {
  const started = processStart(process.pid);
  const owner: Owner = {
    pid: process.pid,
    host: hostname(),
    ...(started === undefined ? {} : { started }),
    since: new Date().toISOString(),
    released: false,
  };
  const draft = join(directory, `.lock-draft-${process.pid}-${randomUUID().slice(0, 8)}`);
  try {
    writeFileSync(draft, JSON.stringify(owner));
    for (;;) {
      const highest = generations(directory)[0] ?? 0;
      const holder = highest === 0 ? undefined : liveOwner(join(directory, lockName(highest)));
      if (holder !== undefined) throw lockedError(directory, holder);
      const mine = join(directory, lockName(highest + 1));
      try {
        linkSync(draft, mine);
      } catch (error) {
        if (systemCode(error) === "EEXIST") continue;
        throw error;
      }
      const [first, ...lower] = generations(directory);
      if (first !== highest + 1) {
        rmSync(mine, { force: true });
        continue;
      }
      for (const generation of lower) rmSync(join(directory, lockName(generation)), { force: true });
      return lockOf(directory, mine, owner);
    }
  } catch (error) {
    throw explainWriteError(error, directory, "lock");
  } finally {
    rmSync(draft, { force: true });
  }
}

function lockOf(directory: string, path: string, owner: Owner): Lock {
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      // The file stays, marked as released: removing the highest number would let it be given out twice.
      const draft = join(directory, `.lock-draft-${process.pid}-${randomUUID().slice(0, 8)}`);
      try {
        writeFileSync(draft, JSON.stringify({ ...owner, released: true }));
        renameSync(draft, path);
      } catch {
        // A full disk, or a directory that was removed: the end of the process frees the lock just as well.
        rmSync(draft, { force: true });
      }
    },
  };
}

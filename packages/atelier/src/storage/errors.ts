/** What can go wrong between a program and its disk, as typed errors. */
import { AtelierError } from "@atelier/engine/errors";

/** No room left: the disk, a quota, or a limit on file sizes. Nothing was changed. */
export class DiskFullError extends AtelierError {
  readonly code = "DISK_FULL";
}

/** A place that may not be written to: permissions, a read-only file system, or a path that cannot exist. */
export class UnwritableError extends AtelierError {
  readonly code = "UNWRITABLE";
}

/** A file that may not be read, or a device that failed. */
export class StorageError extends AtelierError {
  readonly code = "STORAGE_FAILED";
}

/** A run or model of that name does not exist. */
export class NotFoundError extends AtelierError {
  readonly code = "NOT_FOUND";
}

/** A run of that name exists already; it is never overwritten. */
export class RunExistsError extends AtelierError {
  readonly code = "RUN_EXISTS";
}

/** Another process is working on the run. */
export class RunLockedError extends AtelierError {
  readonly code = "RUN_LOCKED";
  /** The process that holds the run. */
  readonly pid: number;

  constructor(message: string, pid: number, hint: string) {
    super(message, { hint });
    this.pid = pid;
  }
}

/** The `code` of a system error (`ENOENT`), if it is one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const FULL: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would exceed the size limit of this process or file system",
};

const UNWRITABLE: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ENOENT: "the folder does not exist",
  ENOTDIR: "part of the path is a file, not a folder",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "the name is too long",
};

/**
 * A system error met while writing `path`, as a typed one; an error that is not the system's is returned as it is.
 * `doing` completes "cannot …", for example `"write"`.
 */
export function explainWriteError(error: unknown, path: string, doing = "write"): unknown {
  const code = systemCode(error);
  if (code === undefined || AtelierError.isInstance(error)) return error;
  const full = FULL[code];
  if (full !== undefined) {
    return new DiskFullError(`cannot ${doing} ${path}: ${full}`, {
      hint: "free some space (or raise the limit) and run the command again; what was there before is unchanged",
      cause: error,
    });
  }
  const reason = UNWRITABLE[code];
  if (reason !== undefined) {
    return new UnwritableError(`cannot ${doing} ${path}: ${reason}`, {
      hint: "check the path and its permissions, or set ATELIER_HOME to a folder that can be written",
      cause: error,
    });
  }
  return new StorageError(`cannot ${doing} ${path}: ${code}`, { cause: error });
}

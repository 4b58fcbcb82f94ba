/** What the caches of datasets and of decoded pictures share: folders that appear by one rename, and why they cannot be written. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { AtelierError } from "@atelier/engine/errors";
import { CacheWriteError } from "../errors.js";

/** Removes temporary folders (`.partial-…`) that a killed process left behind more than an hour ago. */
export async function removeAbandoned(parent: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(".partial-")) continue;
    const path = join(parent, entry);
    const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
    if (age > 3_600_000) await rm(path, { recursive: true, force: true });
  }
}

/**
 * A failure to write as a CacheWriteError; an error of ours stays what it is.
 * @param what is to be kept: "The dataset moby-dick".
 */
export function explainUnwritable(folder: string, what: string, cause: unknown): AtelierError {
  if (AtelierError.isInstance(cause)) return cause;
  const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  return new CacheWriteError(`${what} cannot be kept in ${folder}: ${why}`, {
    hint:
      why === "ENOSPC"
        ? "The disk is full: make room, or set ATELIER_HOME to a folder on another disk."
        : "Check the folder's permissions, or set ATELIER_HOME to a folder that can be written.",
    cause,
  });
}

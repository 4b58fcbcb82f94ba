/**
 * Files that are either whole or not there. A write goes to a temporary file in the same folder, is flushed to the disk, and then takes
 * the place of the old file in one step (rename), so that a kill, a crash or a full disk at any moment leaves the old file intact.
 */
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { explainWriteError, NotFoundError, StorageError, systemCode } from "./errors.js";

const TEMPORARY_PREFIX = ".partial-";

/** A name beside `path` that nobody else uses; `removeLeftovers` finds it again if the process dies. */
export const temporaryBeside = (path: string): string =>
  join(dirname(path), `${TEMPORARY_PREFIX}${process.pid}-${randomUUID().slice(0, 8)}-${basename(path)}`);

/** Flushes a folder's own entries, so that a rename in it survives a power cut. Where folders cannot be opened, nothing is done. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, constants.O_RDONLY);
    await handle.sync();
  } catch (error) {
    const code = systemCode(error);
    if (code !== "EISDIR" && code !== "EPERM" && code !== "EINVAL" && code !== "EACCES") throw error;
  } finally {
    await handle?.close();
  }
}

const asBytes = (chunk: Uint8Array | string): Uint8Array => (typeof chunk === "string" ? Buffer.from(chunk) : chunk);

type Chunks = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/** Writes and flushes a new file that must not exist yet. */
async function writeNew(path: string, chunks: Chunks): Promise<void> {
  const handle = await open(path, "wx");
  try {
    for await (const chunk of chunks) {
      const bytes = asBytes(chunk);
      let written = 0;
      while (written < bytes.byteLength) written += (await handle.write(bytes, written)).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Replaces `path` by the given chunks, written one after another: wholly, or not at all, also where making the chunks fails.
 *
 * @throws {DiskFullError} @throws {UnwritableError} The old file is then intact and no temporary file is left.
 */
export async function writeAtomic(path: string, chunks: string | Chunks): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await writeNew(temporary, typeof chunks === "string" ? [chunks] : chunks);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw explainWriteError(error, path);
  }
  await syncFolder(dirname(path));
}

/** `writeAtomic` of a value as indented JSON. */
export const writeJsonAtomic = (path: string, value: unknown): Promise<void> =>
  writeAtomic(path, `${JSON.stringify(value, undefined, 2)}\n`);

/** Makes a folder and those above it. @throws {UnwritableError} @throws {DiskFullError} */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw explainWriteError(
      systemCode(error) === "EEXIST" ? Object.assign(new Error(), { code: "ENOTDIR" }) : error,
      path,
      "create",
    );
  }
}

/** Removes temporary files that killed processes left in a folder. Only for a folder that no other process writes to. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(TEMPORARY_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

const A_DAY = 24 * 3600 * 1000;

/** The same for a folder that others may be writing to: only what nobody has touched for a day. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(TEMPORARY_PREFIX)) continue;
    const path = join(folder, name);
    const touched = await stat(path).catch(() => undefined);
    if (touched !== undefined && touched.mtimeMs < Date.now() - A_DAY) await rm(path, { recursive: true, force: true });
  }
}

const READ_PIECE = 1 << 28;

/**
 * Reads a whole file, also beyond the 2 GiB at which Node's own `readFile` gives up.
 *
 * @throws {NotFoundError} if there is no such file. @throws {StorageError} if it cannot be read.
 */
export async function readWhole(path: string): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    const bytes = new Uint8Array((await handle.stat()).size);
    let position = 0;
    while (position < bytes.byteLength) {
      const length = Math.min(READ_PIECE, bytes.byteLength - position);
      const { bytesRead } = await handle.read(bytes, position, length, position);
      if (bytesRead === 0) return bytes.subarray(0, position);
      position += bytesRead;
    }
    return bytes;
  } catch (error) {
    throw explainReadError(error, path);
  } finally {
    await handle?.close();
  }
}

/** A system error met while reading `path`, as a typed one. */
export function explainReadError(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  if (code === "ENOENT" || code === "ENOTDIR") return new NotFoundError(`there is no file ${path}`, { cause: error });
  const reason =
    code === "EACCES" || code === "EPERM" ? "permission denied" : code === "EISDIR" ? "it is a folder" : code;
  return new StorageError(`cannot read ${path}: ${reason}`, { cause: error });
}

/** Whether a path exists, whatever it is. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Removes a folder: it disappears in one step, and is then deleted, so that a kill never leaves half of one in its place. */
export async function removeFolder(path: string): Promise<void> {
  const aside = temporaryBeside(path);
  try {
    await rename(path, aside);
    await rm(aside, { recursive: true });
  } catch (error) {
    throw explainWriteError(error, path, "remove");
  }
}

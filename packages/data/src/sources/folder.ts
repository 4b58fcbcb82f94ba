/** Which files of a folder are read: prose and records, or, where programs outweigh prose, the folder as a source tree. */
import { type Dirent, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { SkippedFile } from "../datasets/text-dataset.js";
import { endingOf, isForeign, kindOf } from "./file-kinds.js";
import { errorCode, unreadable } from "./read-file.js";

export interface FolderFile {
  /** Relative, with "/". */
  readonly file: string;
  readonly bytes: number;
}

export interface FolderFiles {
  /** Sorted by code unit. */
  readonly files: readonly FolderFile[];
  /** Whether it is read as a source tree. */
  readonly code: boolean;
  readonly skipped: readonly SkippedFile[];
}

/** Every file under the folder; hidden entries and node_modules are passed over. */
async function walk(folder: string, prefix: string, found: string[], skipped: SkippedFile[]): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(join(folder, prefix), { withFileTypes: true });
  } catch (error) {
    const failure = unreadable(join(folder, prefix), error);
    if (prefix === "") throw failure;
    skipped.push({ file: prefix, reason: errorCode(error) === "EACCES" ? "permission denied" : errorCode(error) });
    return;
  }
  for (const entry of entries) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = prefix + entry.name;
    // Linked files are read, linked folders are not entered: they may lead round in a circle.
    if (entry.isDirectory()) await walk(folder, `${path}/`, found, skipped);
    else found.push(path);
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0; // A link that leads nowhere: reading it will say so.
  }
}

/** The paths of all files under a folder, in no order. @throws UnreadableFileError where the folder itself cannot be read. */
export async function allFilesUnder(folder: string): Promise<{ found: string[]; skipped: SkippedFile[] }> {
  const found: string[] = [];
  const skipped: SkippedFile[] = [];
  await walk(folder, "", found, skipped);
  return { found, skipped };
}

/** @throws UnreadableFileError where the folder itself cannot be read. */
export async function filesUnder(folder: string, extensions?: readonly string[]): Promise<FolderFiles> {
  const { found, skipped } = await allFilesUnder(folder);
  const sized = (files: readonly string[]): FolderFile[] =>
    files.map((file) => ({ file, bytes: sizeOf(join(folder, file)) }));
  const sum = (files: readonly FolderFile[]): number => files.reduce((total, { bytes }) => total + bytes, 0);
  const wanted = extensions?.map((extension) => extension.replace(/^\./, "").toLowerCase());
  const texts = sized(
    found.filter((file) => {
      const kind = kindOf(file);
      return wanted === undefined ? kind === "prose" || kind === "records" : wanted.includes(endingOf(file));
    }),
  );
  const own = wanted === undefined ? found.filter((file) => !isForeign(file)) : [];
  const programs = sized(own.filter((file) => kindOf(file) === "program"));
  const code = sum(programs) > sum(texts.filter(({ file }) => kindOf(file) === "prose"));
  const files = code ? [...programs, ...sized(own.filter((file) => kindOf(file) === "beside"))] : texts;
  return { files: files.sort((a, b) => (a.file < b.file ? -1 : 1)), code, skipped };
}

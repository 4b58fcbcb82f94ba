/** The user's own texts: one file, or every .txt and .md file under a folder. One file is one document. */
import { constants } from "node:buffer";
import type { Dirent, Stats } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { nearest } from "@atelier/engine/nearest";
import { FileMissingError, NoTextsError, UnreadableFileError } from "../errors.js";
import { decodeText } from "./decode-text.js";
import type { OpenOptions } from "./definition.js";
import { describeDataset, type TextDataset, type TextDocument } from "./text-dataset.js";

const textFile = /\.(txt|md)$/i;

const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);

function unreadable(path: string, error: unknown): UnreadableFileError {
  const code = errorCode(error);
  const why = code === "EACCES" || code === "EPERM" ? "permission denied" : code;
  return new UnreadableFileError(`${path} cannot be read: ${why}`, {
    hint: "Check its permissions (and, for a link, where it points), or leave it out.",
    cause: error,
  });
}

/** The paths of the text files under a folder, relative with "/", sorted by code unit; hidden entries and node_modules are skipped. */
async function textFilesUnder(folder: string, prefix = ""): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(join(folder, prefix), { withFileTypes: true });
  } catch (error) {
    throw unreadable(join(folder, prefix), error);
  }
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = prefix + entry.name;
    // Linked files are read, linked folders are not entered: they may lead round in a circle.
    if (entry.isDirectory()) found.push(...(await textFilesUnder(folder, `${path}/`)));
    else if (textFile.test(entry.name)) found.push(path);
  }
  return prefix === "" ? found.sort((a, b) => (a < b ? -1 : 1)) : found;
}

async function readText(path: string, signal: AbortSignal | undefined): Promise<string> {
  signal?.throwIfAborted();
  let bytes: Uint8Array;
  try {
    const about = await stat(path);
    if (!about.isFile()) throw new UnreadableFileError(`${path} is not a regular file`, { hint: "Leave it out." });
    if (about.size > constants.MAX_STRING_LENGTH) {
      throw new UnreadableFileError(`${path} has ${about.size} bytes, more than one text can hold`, {
        hint: `Split it into files of at most ${Math.floor(constants.MAX_STRING_LENGTH / 2 ** 20)} MiB in a folder, and give the folder.`,
      });
    }
    bytes = await readFile(path, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof UnreadableFileError ? error : unreadable(path, error);
  }
  return decodeText(bytes, path);
}

async function missing(path: string): Promise<FileMissingError> {
  const siblings = await readdir(dirname(resolve(path))).catch(() => []);
  const similar = nearest(basename(path), siblings);
  return new FileMissingError(`There is no file or folder ${path}`, {
    hint: similar === undefined ? "Check the path." : `Did you mean ${join(dirname(path), similar)}?`,
  });
}

/**
 * @throws FileMissingError, UnreadableFileError, NoTextsError (a folder without texts), and decodeText's errors, naming the file.
 */
export async function openLocalTexts(path: string, options: Omit<OpenOptions, "home">): Promise<TextDataset> {
  let about: Stats;
  try {
    about = await stat(path);
  } catch (error) {
    const code = errorCode(error);
    throw code === "ENOENT" || code === "ENOTDIR" ? await missing(path) : unreadable(path, error);
  }
  const name = basename(resolve(path));
  // Only the name goes into the card: cards travel with models, and a full path would tell strangers of the user's disk.
  const card = { name, title: name, licence: "not stated" };
  if (!about.isDirectory()) {
    const text = await readText(path, options.signal);
    return describeDataset({ ...card, origin: `the user's file ${name}` }, [{ name, text }]);
  }
  const files = await textFilesUnder(path);
  if (files.length === 0) {
    throw new NoTextsError(`The folder ${path} has no .txt or .md file`, {
      hint: "Give a folder with texts in it; hidden files and node_modules are not searched.",
    });
  }
  const documents: TextDocument[] = [];
  for (const file of files) {
    documents.push({ name: file, text: await readText(join(path, file), options.signal) });
    options.onProgress?.({ stage: "read", unit: "files", done: documents.length, total: files.length });
  }
  return describeDataset({ ...card, origin: `the user's folder ${name}` }, documents);
}

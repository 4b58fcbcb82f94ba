/** The user's own texts: a file, or the files of a folder. One file is one document; in JSON Lines and CSV each row is one. */
import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AtelierError } from "@atelier/engine/errors";
import { nearest } from "@atelier/engine/nearest";
import type { DatasetOrigin, SkippedFile, TextDocument } from "../datasets/text-dataset.js";
import { FileMissingError, NoTextsError } from "../errors.js";
import { endingOf, kindOf, machineMade } from "./file-kinds.js";
import { filesUnder } from "./folder.js";
import { inPieces, longestPiece } from "./pieces.js";
import { errorCode, type ReadOptions, readText, unreadable } from "./read-file.js";
import { csvRecords, jsonRecords } from "./read-records.js";
import { type RecordSettings, recordTexts } from "./records.js";
import type { FileSource } from "./source.js";

/** Texts that have been found but not read yet. */
export interface LocatedTexts {
  readonly origin: DatasetOrigin;
  /** On disk, for progress; 0 where that is not known. */
  readonly bytes: number;
  /** What was left out so far. */
  readonly skipped: () => readonly SkippedFile[];
  /** Each call begins anew. The first finds out what has to be skipped, and reports progress. */
  readonly documents: (options: ReadOptions) => AsyncIterable<TextDocument>;
}

type Skip = (reason: string) => void;

/** The documents of one file. `name` is the document's, and the beginning of its rows'. */
async function* documentsOf(
  path: string,
  name: string,
  settings: RecordSettings,
  options: ReadOptions,
  skip: Skip,
): AsyncGenerator<TextDocument> {
  const text = readText(path, options);
  if (kindOf(path) !== "records") {
    yield* inPieces(name, text);
    return;
  }
  const records = /^(jsonl|ndjson)$/.test(endingOf(path)) ? jsonRecords(text, path) : csvRecords(text, path);
  const leftOut = (rows: number, all: number): void => skip(`${rows} of ${all} rows have no text`);
  for await (const row of recordTexts(records, settings, path, leftOut)) {
    yield* inPieces(`${name}:${row.number}`, [row.text]);
  }
}

async function missing(path: string): Promise<FileMissingError> {
  const siblings = await readdir(dirname(resolve(path))).catch(() => []);
  const similar = nearest(basename(path), siblings);
  return new FileMissingError(`There is no file or folder ${path}`, {
    hint: similar === undefined ? "Check the path." : `Did you mean ${join(dirname(path), similar)}?`,
  });
}

/** What is at a path that somebody gave. @throws FileMissingError with the nearest name that is there; UnreadableFileError. */
export async function statSource(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    const code = errorCode(error);
    throw code === "ENOENT" || code === "ENOTDIR" ? await missing(path) : unreadable(path, error);
  }
}

/**
 * Finds the files of a source; their contents are read when its documents are gone through.
 * @throws FileMissingError, UnreadableFileError, NoTextsError (a folder without texts).
 */
export async function locateFiles(source: FileSource): Promise<LocatedTexts> {
  const { path } = source;
  const about = await statSource(path);
  const name = basename(resolve(path));
  // Only the name goes into the card: cards travel with models, and a full path would tell strangers of the user's disk.
  const card = { name, title: name, licence: source.licence ?? "not stated" };
  return about.isDirectory()
    ? locateFolder(source, { ...card, origin: `the user's folder ${name}` })
    : locateFile(source, { ...card, origin: `the user's file ${name}` }, about.size);
}

function locateFile(source: FileSource, origin: DatasetOrigin, bytes: number): LocatedTexts {
  const { path } = source;
  const skipped = new Map<string, string>();
  return {
    origin,
    bytes,
    skipped: () => [...skipped].map(([file, reason]) => ({ file, reason })),
    async *documents(options) {
      let any = false;
      for await (const document of documentsOf(path, origin.name, source, options, (reason) =>
        skipped.set(origin.name, reason),
      )) {
        any = true;
        yield document;
      }
      if (!any) throw new NoTextsError(`${path} has no row with text in it`, { hint: "Name its field or column." });
    },
  };
}

async function locateFolder(source: FileSource, origin: DatasetOrigin): Promise<LocatedTexts> {
  const { path: folder } = source;
  const { files, code, skipped: closed } = await filesUnder(folder, source.extensions);
  if (files.length === 0) {
    throw new NoTextsError(
      source.extensions === undefined
        ? `The folder ${folder} has no .txt or .md file, no .jsonl or .csv, and no source code`
        : `The folder ${folder} has no file ending in ${source.extensions.join(", ")}`,
      { hint: "Give a folder with texts in it; hidden files and node_modules are not searched." },
    );
  }
  const notes = new Map(closed.map(({ file, reason }) => [file, reason]));
  /** What the first pass could read: later ones read the same. */
  let readable: readonly string[] | undefined;

  const open = (file: string, options: ReadOptions): AsyncGenerator<TextDocument> =>
    documentsOf(join(folder, file), file, source, options, (reason) => notes.set(file, reason));

  /** Reads a file to its end before anything of it is handed out: what is wrong with it may stand at its end. */
  async function* tried(file: string, options: ReadOptions): AsyncGenerator<TextDocument, boolean> {
    const held: TextDocument[] = [];
    let length = 0;
    try {
      for await (const document of open(file, options)) {
        length += document.text.length;
        if (length > longestPiece) held.length = 0;
        else held.push(document);
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!AtelierError.isInstance(error)) throw error;
      // Without the path, which the file's own name stands for.
      notes.set(
        file,
        error.message
          .replace(join(folder, file), "")
          .replace(/^:(\d+)/, "line $1")
          .trim(),
      );
      return false;
    }
    const reason = code && held.length === 1 ? machineMade(held[0]!.text) : undefined;
    if (reason !== undefined) notes.set(file, reason);
    else if (length <= longestPiece) yield* held;
    else yield* open(file, { signal: options.signal });
    return reason === undefined && length > 0;
  }

  return {
    origin,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    skipped: () => [...notes].map(([file, reason]) => ({ file, reason })),
    async *documents(options) {
      if (readable !== undefined) {
        for (const file of readable) yield* open(file, options);
        return;
      }
      const good: string[] = [];
      for (const { file } of files) {
        options.signal?.throwIfAborted();
        if (yield* tried(file, options)) good.push(file);
      }
      if (good.length === 0) {
        const [first] = notes;
        throw new NoTextsError(
          `None of the ${files.length} files of the folder ${folder} can be read: ${first?.[0] ?? files[0]!.file} ${first?.[1] ?? "is empty"}`,
          { hint: "Give a folder with text files in UTF-8." },
        );
      }
      readable = good;
    },
  };
}

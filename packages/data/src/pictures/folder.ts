/**
 * The pictures of a folder, with what their surroundings say of them: a `metadata.csv` or `.jsonl`, a text of the same name beside a
 * picture (its caption), the name of the sub-folder (its class, where all pictures lie in sub-folders), folders called train and test.
 */
import { readdir } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { AtelierError } from "@atelier/engine/errors";
import type { DatasetOrigin, SkippedFile } from "../datasets/text-dataset.js";
import { allFilesUnder } from "../sources/folder.js";
import { type ReadOptions, readText } from "../sources/read-file.js";
import { cifarRecords, isCifar } from "./cifar.js";
import { idxRecords, isIdxImages } from "./idx.js";
import type { LocatedPictures, PictureRecord } from "./picture-dataset.js";
import { type ListedPicture, readPictureList } from "./picture-list.js";
import { isPicturePath, splitNamed, unreadablePicture } from "./picture-names.js";
import { readerOf } from "./read-picture-file.js";

const isMetadata = (file: string): boolean => /^metadata\.(?:csv|tsv|jsonl|ndjson)(?:\.gz)?$/i.test(basename(file));
const stemOf = (file: string): string => file.replace(/\.[^./]*$/, "");

/** Why something of a folder was left out, without the path that its own name stands for. */
function reasonOf(error: unknown, path: string): string {
  if (!AtelierError.isInstance(error)) throw error;
  return error.message
    .replace(path, "")
    .replace(/^:(\d+)/, "line $1")
    .trim();
}

interface Found {
  readonly folder: string;
  /** Relative, sorted. */
  readonly pictures: readonly string[];
  readonly files: readonly string[];
  readonly skipped: SkippedFile[];
  readonly options: ReadOptions;
}

/** What the lists of a folder say, by picture. */
async function listed({ folder, pictures, files, skipped, options }: Found): Promise<Map<string, ListedPicture>> {
  const known = new Set(pictures);
  const all = new Map<string, ListedPicture>();
  for (const list of files.filter(isMetadata)) {
    try {
      const found = await readPictureList(join(folder, list), list, options);
      skipped.push(...found.skipped);
      for (const picture of found.pictures.values()) {
        const file = posix.join(posix.dirname(list), picture.file);
        if (known.has(file)) all.set(file, picture);
        else skipped.push({ file, reason: `${list} has it, but it is not there` });
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      skipped.push({ file: list, reason: reasonOf(error, join(folder, list)) });
    }
  }
  return all;
}

/** The texts beside pictures, by picture. Where there are such at all, a text without a picture is one too many. */
async function captionsBeside({ folder, pictures, files, skipped, options }: Found): Promise<Map<string, string>> {
  const byStem = new Map<string, string[]>();
  for (const picture of pictures) byStem.set(stemOf(picture), [...(byStem.get(stemOf(picture)) ?? []), picture]);
  const captions = new Map<string, string>();
  const texts = files.filter((file) => /\.txt$/i.test(file));
  const any = texts.some((text) => byStem.has(stemOf(text)));
  for (const text of any ? texts : []) {
    const described = byStem.get(stemOf(text));
    if (described === undefined) {
      skipped.push({ file: text, reason: "is a caption without its picture" });
      continue;
    }
    try {
      let caption = "";
      for await (const part of readText(join(folder, text), options)) caption += part;
      if (caption.trim() === "") skipped.push({ file: text, reason: "is an empty caption" });
      else for (const picture of described) captions.set(picture, caption.trim());
    } catch (error) {
      options.signal?.throwIfAborted();
      skipped.push({ file: text, reason: reasonOf(error, join(folder, text)) });
    }
  }
  return captions;
}

interface Place {
  readonly label: string | undefined;
  readonly split: "train" | "test" | undefined;
}

/** Class and split of each picture by the folders it lies in; folders that should be classes and have no picture are skipped. */
async function places({ folder, pictures, skipped }: Found): Promise<(picture: string) => Place> {
  const parts = pictures.map((picture) => picture.split("/").slice(0, -1));
  const first = new Set(parts.map(([name]) => name));
  const divided = first.size > 1 && [...first].every((name) => name !== undefined && splitNamed(name) !== undefined);
  const depth = divided ? 1 : 0;
  const names = new Set(parts.map((path) => path[depth]));
  if (names.size < 2 || names.has(undefined)) {
    return (picture) => ({ label: undefined, split: divided ? splitNamed(picture.split("/")[0]!) : undefined });
  }
  for (const parent of divided ? [...first].map((name) => `${name}/`).sort() : [""]) {
    const entries = await readdir(join(folder, parent), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!entry.isDirectory() || entry.name.startsWith(".") || entry.name === "node_modules") continue;
      const path = `${parent}${entry.name}/`;
      if (!pictures.some((picture) => picture.startsWith(path)))
        skipped.push({ file: path, reason: "is a class without pictures" });
    }
  }
  return (picture) => {
    const path = picture.split("/");
    return { label: path[depth], split: divided ? splitNamed(path[0]!) : undefined };
  };
}

/**
 * Finds the pictures of a folder: of IDX or CIFAR files where it has such, else its picture files.
 * @throws UnreadableFileError where the folder cannot be read; FormatError for a broken IDX or CIFAR file.
 */
export async function locateFolder(
  folder: string,
  origin: DatasetOrigin,
  options: ReadOptions,
): Promise<LocatedPictures> {
  const { found, skipped } = await allFilesUnder(folder);
  const files = found.sort();
  const arrays = [
    { wanted: isIdxImages, read: idxRecords },
    { wanted: isCifar, read: cifarRecords },
  ];
  for (const { wanted, read } of arrays) {
    const some = files.filter(wanted);
    if (some.length === 0) continue;
    const paths = (names: readonly string[]): string[] => names.map((file) => join(folder, file));
    const nameOf = (path: string): string => files.find((file) => join(folder, file) === path) ?? path;
    return { origin, records: await read(paths(some), paths(files), nameOf, options), skipped };
  }
  const pictures = files.filter(isPicturePath);
  for (const file of files) {
    const reason = unreadablePicture(file);
    if (reason !== undefined) skipped.push({ file, reason });
  }
  const all: Found = { folder, pictures, files, skipped, options };
  const rows = await listed(all);
  const captions = await captionsBeside(all);
  const labelled = [...rows.values()].some(({ label }) => label !== undefined);
  const place = await places(labelled ? { ...all, skipped: [] } : all);
  const records = pictures.map((file): PictureRecord => {
    const row = rows.get(file);
    const { label, split } = place(file);
    return {
      name: file,
      label: labelled ? row?.label : label,
      caption: row?.caption ?? captions.get(file),
      split: row?.split ?? split,
      read: readerOf(join(folder, file)),
    };
  });
  return { origin, records, skipped };
}

/**
 * The pictures that a list names, relative to its folder. Files that are not there are left out when they are read.
 * @throws what `readPictureList` throws.
 */
export async function locateList(path: string, origin: DatasetOrigin, options: ReadOptions): Promise<LocatedPictures> {
  const { pictures, skipped } = await readPictureList(path, origin.name, options);
  const records = [...pictures.values()].map(
    ({ file, caption, label, split }): PictureRecord => ({
      name: file,
      label,
      caption,
      split,
      read: readerOf(join(dirname(path), file)),
    }),
  );
  return { origin, records, skipped };
}

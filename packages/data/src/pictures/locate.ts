/** The user's own pictures: what is at a path, or what a program has in hand. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { DatasetOrigin } from "../datasets/text-dataset.js";
import { kindOf } from "../sources/file-kinds.js";
import { allFilesUnder } from "../sources/folder.js";
import { givenOrigin } from "../sources/given.js";
import { statSource } from "../sources/local.js";
import type { ReadOptions } from "../sources/read-file.js";
import { cifarRecords, isCifar } from "./cifar.js";
import { locateFolder, locateList } from "./folder.js";
import { idxRecords, isIdxImages } from "./idx.js";
import type { LocatedPictures, PictureRecord } from "./picture-dataset.js";
import { namesPictures } from "./picture-list.js";
import { isPicturePath } from "./picture-names.js";
import { readerOf } from "./read-picture-file.js";
import type { GivenPictures, PictureFileSource } from "./source.js";

async function recordsOfFile(path: string, name: string, options: ReadOptions): Promise<readonly PictureRecord[]> {
  const read = isIdxImages(path) ? idxRecords : isCifar(path) ? cifarRecords : undefined;
  // What is neither is taken for a picture; decoding says if it is none.
  if (read === undefined) return [{ name, read: readerOf(path) }];
  const beside = (await readdir(dirname(path))).map((file) => join(dirname(path), file));
  return read([join(path)], beside, () => name, options);
}

/**
 * Finds the pictures at a path; their contents are read when they are asked for (those of IDX and CIFAR files at once).
 * @throws FileMissingError, UnreadableFileError; FormatError for a broken IDX or CIFAR file or list; ArgumentError for a list without files.
 */
export async function locatePictureFiles(source: PictureFileSource, options: ReadOptions): Promise<LocatedPictures> {
  const { path } = source;
  const about = await statSource(path);
  const name = basename(resolve(path));
  const what = about.isDirectory() ? "folder" : "file";
  // Only the name goes into the card: cards travel with models, and a full path would tell strangers of the user's disk.
  const origin: DatasetOrigin = {
    name,
    title: name,
    origin: `the user's ${what} ${name}`,
    licence: source.licence ?? "not stated",
  };
  if (about.isDirectory()) return locateFolder(path, origin, options);
  if (kindOf(path) === "records") return locateList(path, origin, options);
  return { origin, records: await recordsOfFile(path, name, options), skipped: [] };
}

/** Pictures in hand as records. */
export function locateGivenPictures(source: GivenPictures): LocatedPictures {
  return {
    origin: givenOrigin(source, "pictures"),
    records: source.pictures.map(({ picture, name, label, caption, split }, i) => ({
      name: name ?? `picture ${i + 1}`,
      label,
      caption,
      split,
      read: async () => picture,
    })),
    skipped: [],
  };
}

/**
 * Whether what is at a path is pictures rather than texts: a picture, IDX or CIFAR file, a list that names pictures, or a folder with at
 * least half as many of these as texts. False where nothing is there, or it cannot be read.
 */
export async function holdsPictures(path: string): Promise<boolean> {
  const isPictures = (file: string): boolean => isPicturePath(file) || isIdxImages(file) || isCifar(file);
  const about = await stat(path).catch(() => undefined);
  if (about === undefined) return false;
  if (!about.isDirectory()) {
    return isPictures(path) || (kindOf(path) === "records" && (await namesPictures(path).catch(() => false)));
  }
  const { found } = await allFilesUnder(path);
  const pictures = found.filter(isPictures).length;
  const texts = found.filter((file) => ["prose", "records", "program"].includes(kindOf(file) ?? "")).length;
  return pictures > 0 && 2 * pictures >= texts;
}

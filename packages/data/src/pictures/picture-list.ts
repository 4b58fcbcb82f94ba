/**
 * Lists of pictures: rows of a CSV or JSON Lines file that name a picture's file and what is known of it, as in Hugging Face's image
 * folders (`metadata.csv`, `metadata.jsonl` with `file_name` and `text`).
 */
import { ArgumentError } from "@atelier/engine/errors";
import type { SkippedFile } from "../datasets/text-dataset.js";
import { endingOf } from "../sources/file-kinds.js";
import { type ReadOptions, readText } from "../sources/read-file.js";
import { csvRecords, jsonRecords } from "../sources/read-records.js";
import { isPicturePath, splitNamed } from "./picture-names.js";
import type { PictureSplit } from "./picture-set.js";

/** What columns are called, most telling first. */
const columns = {
  file: ["file_name", "file", "filename", "path", "image", "picture"],
  caption: ["caption", "text", "description"],
  label: ["label", "class", "category"],
  split: ["split"],
} as const;

export interface ListedPicture {
  /** As the row has it. */
  readonly file: string;
  readonly caption?: string | undefined;
  readonly label?: string | undefined;
  readonly split?: PictureSplit | undefined;
}

export interface PictureList {
  /** By `file`, in the order of the rows. */
  readonly pictures: ReadonlyMap<string, ListedPicture>;
  readonly skipped: readonly SkippedFile[];
}

const written = (value: unknown): string | undefined => {
  const text = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  return text === "" ? undefined : text;
};

/** The fields of a row by their names in lower case. */
const fieldsOf = (value: unknown): Map<string, unknown> =>
  new Map(
    typeof value === "object" && value !== null
      ? Object.entries(value).map(([field, content]) => [field.trim().toLowerCase(), content])
      : [],
  );

interface Row {
  readonly number: number;
  readonly columns: readonly string[];
  readonly file: string | undefined;
  readonly get: (column: keyof typeof columns) => string | undefined;
}

async function* rowsOf(path: string, options: ReadOptions): AsyncGenerator<Row> {
  const text = readText(path, options);
  const rows = /^(?:jsonl|ndjson)$/.test(endingOf(path)) ? jsonRecords(text, path) : csvRecords(text, path);
  for await (const { number, value } of rows) {
    const fields = fieldsOf(value);
    const get = (column: keyof typeof columns): string | undefined =>
      columns[column].map((field) => written(fields.get(field))).find((found) => found !== undefined);
    const file = get("file")
      ?.replaceAll("\\", "/")
      .replace(/^(?:\.\/)+/, "");
    yield { number, columns: [...fields.keys()], file, get };
  }
}

/** Whether the first rows of a list name pictures. @throws what `readPictureList` throws. */
export async function namesPictures(path: string): Promise<boolean> {
  for await (const { number, file } of rowsOf(path, {})) {
    if (file !== undefined && isPicturePath(file)) return true;
    if (number >= 20) return false;
  }
  return false;
}

/**
 * @param name of the list, for what was left out of it.
 * @throws ArgumentError where no row names a file; FormatError, UnreadableFileError and the errors of text files.
 */
export async function readPictureList(path: string, name: string, options: ReadOptions = {}): Promise<PictureList> {
  const pictures = new Map<string, ListedPicture>();
  const skipped: SkippedFile[] = [];
  const seen = new Set<string>();
  for await (const { number, columns, file, get } of rowsOf(path, options)) {
    for (const column of columns) seen.add(column);
    const skip = (reason: string): unknown => skipped.push({ file: `${name}:${number}`, reason });
    if (file === undefined) skip("names no file");
    else if (pictures.has(file)) skip(`names ${file} again: only its first row is used`);
    else
      pictures.set(file, { file, caption: get("caption"), label: get("label"), split: splitNamed(get("split") ?? "") });
  }
  if (pictures.size === 0) {
    throw new ArgumentError(`${path} has no row that names a picture's file`, {
      hint: `Call its column file_name. ${seen.size === 0 ? "It has no columns." : `Its columns are: ${[...seen].join(", ")}.`}`,
    });
  }
  return { pictures, skipped };
}

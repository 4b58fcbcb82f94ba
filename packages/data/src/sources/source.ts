/** What people say to name their texts, in a recipe or on a command line. */
import { z } from "zod";
import type { TextDocument } from "../datasets/text-dataset.js";

export const fileSourceSchema = z.strictObject({
  /** A file or a folder. */
  path: z.string().min(1),
  /** The field (.jsonl; `a.b` for a nested one) or the column (.csv, .tsv) that holds the text. Default: guessed. */
  field: z.string().min(1).optional(),
  /** Makes the text of several fields or columns: `"{title}\n\n{body}"`. */
  template: z
    .string()
    .regex(/\{[^{}]+\}/, "a template names at least one field, like {text}")
    .optional(),
  /** Of a folder, only the files with these endings: `[".ts", ".md"]`. */
  extensions: z
    .array(z.string().regex(/^\.?\w[\w.]*$/, "an ending is like .txt"))
    .min(1)
    .optional(),
  /** Goes into the card; default: "not stated". */
  licence: z.string().min(1).optional(),
});

const oneSourceSchema = z.union([z.string().min(1), fileSourceSchema]);

/** A known name or a path, an object that says more, or a list of these, which are put one after another. */
export const dataSourceSchema = z.union([oneSourceSchema, z.array(oneSourceSchema).min(1)]);

export type FileSource = Readonly<z.infer<typeof fileSourceSchema>>;

/** Documents that a program has in hand. */
export interface GivenSource {
  /** Gone through several times; an iterator that can be used only once is read into memory. A string is a document without a name. */
  readonly documents: Iterable<string | TextDocument> | AsyncIterable<string | TextDocument>;
  readonly name?: string;
  readonly origin?: string;
  readonly licence?: string;
}

export type OneSource = string | FileSource | GivenSource;
export type DataSource = OneSource | readonly OneSource[];

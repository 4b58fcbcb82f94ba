/** Reads what a named dataset needs out of the files of its package. */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";

/** A file's JSON, checked. @throws FormatError where it is not there or not as expected. */
export function jsonFile<T>(files: ReadonlyMap<string, Uint8Array>, path: string, schema: z.ZodType<T>): T {
  const file = files.get(path);
  if (file === undefined) throw new FormatError(`The package has no ${path}`);
  const parsed = schema.safeParse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file)));
  if (!parsed.success) throw new FormatError(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Typewriter marks for the printer's, where a text has now the one and now the other. */
export const plainMarks = (text: string): string =>
  text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"').replaceAll("–", "—").replaceAll("\u2011", "-");

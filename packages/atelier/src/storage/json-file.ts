/** JSON files of our own, read back with a schema: what a person or a disk changed in them is reported by field. */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { readWhole } from "./atomic.js";

/** The first problem zod found, with the path of the field: `seed: expected number, received string`. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "does not match";
  const where = issue.path.map(String).join(".");
  const message = issue.message.replace(/^Invalid input: /, "");
  return where === "" ? message : `${where}: ${message}`;
}

/** Checks JSON text against a schema. @throws {FormatError} naming `path`, the field and what is wrong. */
export function parseJson<T>(text: string, schema: z.ZodType<T>, path: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FormatError(`${path} is not JSON: ${error instanceof Error ? error.message : "unreadable"}`, {
      hint: "the file was cut short or edited; restore it from a copy",
    });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new FormatError(`${path} is not what it should be: ${firstIssue(result.error)}`, {
    hint: "it was edited, or written by another version of Atelier",
  });
}

/** Reads a JSON file and checks it. @throws {NotFoundError} @throws {StorageError} @throws {FormatError} */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return parseJson(new TextDecoder().decode(await readWhole(path)), schema, path);
}

/** Any JSON object. */
export const jsonRecord = z.record(z.string(), z.unknown());
export type JsonRecord = z.infer<typeof jsonRecord>;

/** Files of figures that somebody else recorded, checked before anything is computed with them. */
import { FormatError } from "@atelier/engine/errors";
import type { z } from "zod";
import { firstIssue } from "../storage/json-file.js";

/** Refuses a file in its own words. */
export type Refuse = (problem: string) => FormatError;

/** @param kind `file of samplers`. @param hint what such a file holds */
export const refusing =
  (file: string, kind: string, hint: string): Refuse =>
  (problem) =>
    new FormatError(`${file} is no ${kind}: ${problem}`, { hint });

/** @throws {FormatError} for what is no JSON, or does not have the form */
export function parseFixture<T>(text: string, schema: z.ZodType<T>, refuse: Refuse): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refuse(`it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw refuse(firstIssue(parsed.error));
  return parsed.data;
}

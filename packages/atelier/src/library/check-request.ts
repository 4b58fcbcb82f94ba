import { ArgumentError } from "@atelier/engine";
import type { z } from "zod";
import { firstIssue } from "../storage/json-file.js";

/** A request with every default filled in. Settings that are undefined count as left out. @throws {ArgumentError} naming what is wrong */
export function checkRequest<T>(schema: z.ZodType<T>, request: object): T {
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ArgumentError(`The request is not what it should be: ${firstIssue(parsed.error)}`);
}

/**
 * Where Atelier keeps things: `$ATELIER_HOME`, or `.atelier` in the current folder. Plain files a person can read, compare and back up:
 * `runs/`, `models/`, and `datasets/` for what was fetched by name.
 */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeFolder } from "./atomic.js";
import { explainWriteError } from "./errors.js";

/** The home's absolute path. Nothing is created. */
export function atelierHome(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const chosen = environment.ATELIER_HOME;
  return resolve(chosen === undefined || chosen === "" ? ".atelier" : chosen);
}

export type HomeFolder = "runs" | "models" | "datasets";

/**
 * A folder of the home, created when it is not there and checked to be writable.
 *
 * @throws {UnwritableError} with a hint. @throws {DiskFullError}
 */
export async function homeFolder(home: string, folder: HomeFolder): Promise<string> {
  const path = join(home, folder);
  await makeFolder(path);
  try {
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw explainWriteError(error, path, "write to");
  }
  return path;
}

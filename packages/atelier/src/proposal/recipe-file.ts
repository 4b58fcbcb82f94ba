/** Proposed recipes as files: for people to read, change and run again. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { explainWriteError, systemCode, UnwritableError } from "../storage/errors.js";
import { nameOf } from "../storage/names.js";
import type { Settings } from "./settings.js";

/** JSON in which what fits on a line stands on one. */
export function recipeText(recipe: Settings): string {
  const write = (value: unknown, indent: string): string => {
    const short = JSON.stringify(value, undefined, 1).replace(/\n */g, " ");
    if (typeof value !== "object" || value === null || Array.isArray(value)) return short;
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    const nested = entries.some(([, inner]) => typeof inner === "object" && inner !== null && !Array.isArray(inner));
    if (indent !== "" && !nested && indent.length + short.length <= 110) return short;
    const inside = `${indent}  `;
    const lines = entries.map(([key, inner]) => `${inside}${JSON.stringify(key)}: ${write(inner, inside)}`);
    return `{\n${lines.join(",\n")}\n${indent}}`;
  };
  return `${write(recipe, "")}\n`;
}

/**
 * Writes a recipe to `path`, or under a name into `<home>/recipes`: `NAME.json`, `NAME-2.json`, … A file that is there is never replaced. At once,
 * so that it can be done between two steps.
 *
 * @returns the path. @throws {UnwritableError} also where `path` is taken. @throws {DiskFullError}
 */
export function writeRecipe(
  recipe: Settings,
  to: { readonly path: string } | { readonly home: string; readonly name: string },
): string {
  const text = recipeText(recipe);
  if ("path" in to) {
    if (!writeNew(to.path, text)) throw recipeThere(to.path);
    return to.path;
  }
  const name = nameOf(to.name);
  for (let number = 1; ; number++) {
    const path = join(to.home, "recipes", `${name}${number === 1 ? "" : `-${number}`}.json`);
    if (writeNew(path, text)) return path;
  }
}

/** What is said where a recipe would take another file's place. */
export const recipeThere = (path: string): UnwritableError =>
  new UnwritableError(`There is already a file ${path}`, { hint: "Choose another place for the recipe." });

/** @returns false where there is such a file already. */
function writeNew(path: string, text: string): boolean {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    // What is no folder is "there already" too.
    throw explainWriteError(error, folder, "make the folder");
  }
  try {
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") return false;
    // A full disk leaves the beginning of a file, or none of it.
    if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") rmSync(path, { force: true });
    throw explainWriteError(error, path);
  }
}

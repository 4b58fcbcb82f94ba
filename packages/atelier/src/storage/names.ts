/** Names of runs and models: readable, safe as folder names on every system, and found again when mistyped. */
import { readdir } from "node:fs/promises";
import { basename, isAbsolute, join, resolve, sep } from "node:path";
import { ArgumentError } from "@atelier/engine/errors";
import { nearest } from "@atelier/engine/nearest";
import { exists } from "./atomic.js";
import { NotFoundError } from "./errors.js";

const NAME = /^[a-z0-9][a-z0-9._-]{0,79}$/i;

/** @throws {ArgumentError} unless the name is made of letters, digits, dots, dashes and underscores (at most 80). */
export function checkName(name: string, kind: "run" | "model"): string {
  if (NAME.test(name)) return name;
  throw new ArgumentError(`"${name}" cannot be the name of a ${kind}`, {
    hint: "use up to 80 letters, digits, dots, dashes and underscores, and start with a letter or digit",
  });
}

/** Parts as one readable name: `nameOf("Moby Dick", "gpt")` is `moby-dick-gpt`. Falls back to `untitled`. */
export function nameOf(...parts: readonly string[]): string {
  const name = parts
    .map((part) =>
      part
        .normalize("NFKD")
        .toLowerCase()
        .replace(/\p{M}/gu, "")
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, ""),
    )
    .filter((part) => part !== "")
    .join("-");
  return name === "" ? "untitled" : name.slice(0, 70).replace(/-$/, "");
}

/** The next numbered name after those taken: `base-01`, `base-02`, …; a number is not used again while a later one exists. */
export function nextNumbered(base: string, taken: readonly string[]): string {
  const numbers = taken
    .filter((name) => name.startsWith(`${base}-`))
    .map((name) => name.slice(base.length + 1))
    .filter((rest) => /^\d+$/.test(rest))
    .map(Number);
  return `${base}-${String(Math.max(0, ...numbers) + 1).padStart(2, "0")}`;
}

/** Names of the folders in `parent` that hold the file `marker`, sorted; none if `parent` does not exist. */
export async function foldersWith(parent: string, marker: string): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => !entry.name.startsWith(".")).map((entry) => entry.name);
  const present = await Promise.all(names.map((name) => exists(join(parent, name, marker))));
  return names.filter((_, i) => present[i]).sort();
}

/**
 * The folder that a person means by a name or a path: a name in `parent`, or any path to a folder that holds `marker`.
 *
 * @throws {NotFoundError} suggesting the nearest name.
 */
export async function findFolder(
  parent: string,
  nameOrPath: string,
  marker: string,
  kind: "run" | "model",
): Promise<string> {
  if (NAME.test(nameOrPath) && (await exists(join(parent, nameOrPath, marker)))) return join(parent, nameOrPath);
  const path = resolve(nameOrPath);
  if (await exists(join(path, marker))) return path;
  if (isAbsolute(nameOrPath) || nameOrPath.includes("/") || nameOrPath.includes(sep)) {
    throw new NotFoundError(`${nameOrPath} is not a ${kind}: it has no ${marker}`, {
      hint: `give the folder of a ${kind}, or a name from: atelier ${kind}s`,
    });
  }
  const names = await foldersWith(parent, marker);
  const suggestion = nearest(basename(nameOrPath), names);
  throw new NotFoundError(`there is no ${kind} "${nameOrPath}" in ${parent}`, {
    hint:
      suggestion !== undefined
        ? `did you mean ${suggestion}?`
        : names.length === 0
          ? `there are no ${kind}s yet`
          : `see them all with: atelier ${kind}s`,
  });
}

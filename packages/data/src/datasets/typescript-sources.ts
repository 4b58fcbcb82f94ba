/** The TypeScript sources of an npm package as documents: one file is one document, named by its path. */
import { FormatError } from "@atelier/engine/errors";
import type { TextDocument } from "./text-dataset.js";

const comments = /\/\*[\s\S]*?\*\/|\/\/.*/g;
const onlyReExports = /^\s*(?:(?:import|export)\s[^;'"]*?from\s+["'][^"']+["'];?\s*)*$/;

/** Whether a file says nothing but what other files export. */
const isBarrel = (text: string): boolean => onlyReExports.test(text.replace(comments, ""));

/** A source file of the package: below `src/`, and no declaration file. */
export const isSource = (path: string): boolean =>
  path.startsWith("src/") && path.endsWith(".ts") && !path.endsWith(".d.ts");

/**
 * Sorted by path. Files that only re-export others are left out: lists of names that a model would learn by heart.
 * @throws FormatError where no source is left, or a file is not UTF-8.
 */
export function readTypeScriptSources(files: ReadonlyMap<string, Uint8Array>): TextDocument[] {
  const documents: TextDocument[] = [];
  for (const name of [...files.keys()].sort()) {
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(files.get(name));
    } catch (cause) {
      throw new FormatError(`${name} is not UTF-8`, { cause });
    }
    if (!isBarrel(text)) documents.push({ name, text });
  }
  if (documents.length === 0) throw new FormatError("The package has no TypeScript sources under src/");
  return documents;
}

/** Texts that a command is given: in the command line, in a file, or on standard input. */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { decodeText } from "@atelier/data";
import { UsageError } from "../errors.js";

/** Stands for standard input in place of a file. */
export const STDIN = "-";

/**
 * @param what the file is, for the error: `prompt file`
 * @throws {UsageError} where there is no such file. @throws {BinaryFileError} @throws {InvalidUtf8Error} @throws {EmptyTextError}
 */
export async function readText(path: string, what: string): Promise<string> {
  if (path === STDIN) return decodeText(await buffer(process.stdin), "standard input");
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new UsageError(`the ${what} ${path} cannot be read`, { cause, hint: "Check the path." });
  }
  return decodeText(bytes, path);
}

/** The given texts, or the lines of a file that are not blank. @throws {UsageError} for both, or neither. */
export async function textsOf(texts: readonly string[], file: string | undefined): Promise<readonly string[]> {
  if (texts.length > 0 === (file !== undefined)) {
    throw new UsageError(texts.length > 0 ? "texts and --file exclude each other" : "there is no text", {
      hint: "Give texts as arguments, or a file of lines with --file FILE (- for standard input).",
    });
  }
  if (file === undefined) return texts;
  return (await readText(file, "file")).split(/\r?\n/).filter((line) => line.trim() !== "");
}

/** The bytes of a picture file when they are asked for. */
import { readFile } from "node:fs/promises";
import { UnreadableFileError } from "../errors.js";
import { errorCode } from "../sources/read-file.js";

/** Reads the file each time anew. The errors' messages go on after the picture's name: "cannot be read: permission denied". */
export const readerOf = (path: string) => async (): Promise<Uint8Array> => {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = errorCode(cause);
    const why = { EACCES: "permission denied", EPERM: "permission denied", ENOENT: "is not there" }[code] ?? code;
    throw new UnreadableFileError(`cannot be read: ${why}`, { hint: "Check its permissions, or leave it out.", cause });
  }
};

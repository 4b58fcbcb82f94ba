/** Finding the text of the rows that train: tinyshakespeare, and no other, since their bars were set on it. */

import { createHash } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { UsageError } from "./errors.js";

const sha256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed";
const origin = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt";
const besideTheRepository = fileURLToPath(new URL("../../../shared/data/tinyshakespeare.txt", import.meta.url));

/**
 * The path given, or else `shared/data/tinyshakespeare.txt` beside the repository when it is there, or else undefined.
 * @throws UsageError when a file was given that cannot be read, or is another text.
 */
export async function findText(given: string | undefined): Promise<string | undefined> {
  const path = given ?? ((await exists(besideTheRepository)) ? besideTheRepository : undefined);
  if (path === undefined) return undefined;
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new UsageError(`The text '${path}' cannot be read.`, { hint: `Fetch it from ${origin}`, cause });
  }
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
    throw new UsageError(`'${path}' is not tinyshakespeare: its SHA-256 is another.`, {
      hint: `The rows that train are defined on that text; fetch it from ${origin}`,
    });
  }
  return path;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Tokens too many for the memory, under `<home>/cache/tokens/<key>/`: encoded once, found again when a run goes on. The key is a hash of
 * all that they follow from, so a copy never has to be doubted, only counted; it appears by one rename. Any of it may be deleted.
 */
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TokenFile, TokenStream, writeTokenFile } from "@atelier/data";
import { z } from "zod";
import { temporaryBeside } from "../storage/atomic.js";
import { explainWriteError } from "../storage/errors.js";
import { makeFolder, readJson, writeJsonAtomic } from "../storage/index.js";

export interface Streams {
  readonly train: TokenStream;
  readonly validation: TokenStream;
}

const partSchema = z.strictObject({ length: z.int().nonnegative() });
const indexSchema = z.strictObject({ vocabulary: z.int().positive(), train: partSchema, validation: partSchema });

async function open(folder: string): Promise<Streams> {
  const { vocabulary, train, validation } = await readJson(join(folder, "tokens.json"), indexSchema);
  const stream = (name: string, { length }: z.infer<typeof partSchema>): TokenStream =>
    new TokenStream(new TokenFile(join(folder, name), { vocabulary, length }));
  return { train: stream("train", train), validation: stream("validation", validation) };
}

/**
 * The streams kept under the key, or those that `encode` gives, which are then kept.
 * @throws DiskFullError, UnwritableError, StorageError; what `encode` throws. Nothing half-made is left.
 */
export async function cachedStreams(
  home: string,
  key: string,
  vocabulary: number,
  encode: (part: keyof Streams) => AsyncIterable<Int32Array>,
): Promise<Streams> {
  const folder = join(home, "cache", "tokens", key);
  const kept = await open(folder).catch(() => undefined); // Absent or damaged: made again.
  if (kept !== undefined) return kept;
  await makeFolder(dirname(folder));
  const temporary = temporaryBeside(folder);
  try {
    await mkdir(temporary);
    const train = { length: await writeTokenFile(join(temporary, "train"), encode("train"), vocabulary) };
    const validation = {
      length: await writeTokenFile(join(temporary, "validation"), encode("validation"), vocabulary),
    };
    await writeJsonAtomic(join(temporary, "tokens.json"), { vocabulary, train, validation });
    // A damaged copy, or one that another process has just finished: the same tokens.
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (error) {
    throw explainWriteError(error, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return open(folder);
}

/** Files as streams of bytes or text, gzip undone, however large they are. */
import { createReadStream, type Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { FormatError } from "@atelier/engine/errors";
import { UnreadableFileError } from "../errors.js";
import { TextReader } from "./decode-text.js";
import { through } from "./through.js";

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of bytes of the file (packed ones, if it is packed) as they are read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

const chunkSize = 1 << 20;

export const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);

export function unreadable(path: string, error: unknown): UnreadableFileError {
  const code = errorCode(error);
  const why = code === "EACCES" || code === "EPERM" ? "permission denied" : code;
  return new UnreadableFileError(`${path} cannot be read: ${why}`, {
    hint: "Check its permissions (and, for a link, where it points), or leave it out.",
    cause: error,
  });
}

async function* rawChunks(path: string, size: number, { signal, onBytes }: ReadOptions): AsyncGenerator<Uint8Array> {
  try {
    if (size <= chunkSize) {
      const bytes = await readFile(path, { signal });
      onBytes?.(bytes.length);
      yield bytes;
      return;
    }
    for await (const chunk of createReadStream(path, { highWaterMark: chunkSize, signal })) {
      onBytes?.(chunk.length);
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadable(path, error);
  }
}

async function* unpacked(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const explain = (cause: unknown): FormatError =>
    new FormatError(`${path} is not a whole gzip file: ${errorCode(cause)}`, {
      hint: "It was cut off, or is packed in another way: pack it again, or unpack it.",
      cause,
    });
  for await (const chunk of through(chunks, createGunzip({ chunkSize: 1 << 18 }), explain)) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
}

/** The bytes of a file in chunks, gzip undone. @throws UnreadableFileError, FormatError (gzip). */
async function* chunksOf(path: string, options: ReadOptions): AsyncGenerator<Uint8Array> {
  options.signal?.throwIfAborted();
  let about: Stats;
  try {
    about = await stat(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (!about.isFile()) throw new UnreadableFileError(`${path} is not a regular file`, { hint: "Leave it out." });
  const raw = rawChunks(path, about.size, options);
  yield* /\.gz$/i.test(path) ? unpacked(path, raw) : raw;
}

/** All bytes of a file, gzip undone. @throws UnreadableFileError, FormatError (gzip). */
export async function readBytes(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(path, options)) chunks.push(chunk);
  const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  return new Uint8Array(all.buffer, all.byteOffset, all.length);
}

/** The text of a file in parts, cut anywhere. @throws UnreadableFileError, FormatError (gzip), and `TextReader`'s errors. */
export async function* readText(path: string, options: ReadOptions = {}): AsyncGenerator<string> {
  const reader = new TextReader(path);
  for await (const bytes of chunksOf(path, options)) {
    options.signal?.throwIfAborted();
    const text = reader.push(bytes);
    if (text !== "") yield text;
  }
  const text = reader.end();
  if (text !== "") yield text;
}

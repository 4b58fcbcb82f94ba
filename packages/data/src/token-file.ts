/**
 * Token ids in a file, for texts whose tokens would fill the memory: 2 bytes each where the vocabulary allows, else 4, in the byte order
 * of the machine (such files are a cache, not for exchange). Windows are read where they lie; the system keeps what is read often.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { FormatError } from "@atelier/engine/errors";
import type { TokenSource } from "./batches.js";

const bytesOfId = (vocabulary: number): 2 | 4 => (vocabulary <= 0x1_0000 ? 2 : 4);

/** Files are closed when nobody can read of them any more. */
const abandoned = new FinalizationRegistry((descriptor: number) => closeSync(descriptor));

/**
 * Writes ids one after another and flushes them. The file must not exist yet.
 * @param vocabulary one more than the greatest id.
 * @returns how many ids were written. @throws the system's errors.
 */
export async function writeTokenFile(
  path: string,
  parts: Iterable<Int32Array> | AsyncIterable<Int32Array>,
  vocabulary: number,
): Promise<number> {
  const handle = await open(path, "wx");
  let length = 0;
  try {
    for await (const ids of parts) {
      if (ids.length === 0) continue;
      const packed = bytesOfId(vocabulary) === 2 ? Uint16Array.from(ids) : ids;
      const bytes = new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
      for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten;
      length += ids.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return length;
}

/** A file of token ids as a source for a `TokenStream`. */
export class TokenFile implements TokenSource {
  readonly length: number;
  private readonly path: string;
  private readonly descriptor: number;
  private readonly bytes: 2 | 4;

  /**
   * @param vocabulary the one it was written with.
   * @throws FormatError where it has not `length` ids. @throws the system's errors.
   */
  constructor(path: string, { vocabulary, length }: { readonly vocabulary: number; readonly length: number }) {
    this.path = path;
    this.length = length;
    this.bytes = bytesOfId(vocabulary);
    this.descriptor = openSync(path, "r");
    abandoned.register(this, this.descriptor);
    const { size } = fstatSync(this.descriptor);
    if (size !== length * this.bytes) throw this.damaged(`has ${size} bytes, not ${length * this.bytes}`);
  }

  read(from: number, to: number): Int32Array {
    const inside = (at: number): number => Math.min(Math.max(at < 0 ? at + this.length : at, 0), this.length);
    const start = inside(from);
    const count = Math.max(0, inside(to) - start);
    const bytes = new Uint8Array(count * this.bytes);
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(this.descriptor, bytes, done, bytes.length - done, start * this.bytes + done);
      if (read === 0) throw this.damaged("was shortened while it was used");
      done += read;
    }
    return this.bytes === 2 ? Int32Array.from(new Uint16Array(bytes.buffer)) : new Int32Array(bytes.buffer);
  }

  private damaged(what: string): FormatError {
    return new FormatError(`The token file ${this.path} ${what}`, {
      hint: "Remove it: it is made again from the text.",
    });
  }
}

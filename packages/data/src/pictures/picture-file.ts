/**
 * Pictures of one size as raw bytes in a file, for sets that would fill the memory: (N, H, W, C) and nothing else. They are read where
 * they lie; the system keeps what is read often.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { FormatError } from "@atelier/engine/errors";
import type { PixelSource } from "./picture-set.js";

/** Files are closed when nobody can read of them any more. */
const abandoned = new FinalizationRegistry((descriptor: number) => closeSync(descriptor));

export class PictureFile implements PixelSource {
  readonly length: number;
  private readonly path: string;
  private readonly descriptor: number;
  private readonly bytes: number;

  /**
   * @param bytes of one picture. @param length how many there are.
   * @throws FormatError where the file is not of that size. @throws the system's errors.
   */
  constructor(path: string, bytes: number, length: number) {
    this.path = path;
    this.length = length;
    this.bytes = bytes;
    this.descriptor = openSync(path, "r");
    abandoned.register(this, this.descriptor);
    const { size } = fstatSync(this.descriptor);
    if (size !== length * bytes) throw this.damaged(`has ${size} bytes, not ${length * bytes}`);
  }

  copy(index: number, out: Uint8Array, at: number): void {
    for (let done = 0; done < this.bytes; ) {
      const read = readSync(this.descriptor, out, at + done, this.bytes - done, index * this.bytes + done);
      if (read === 0) throw this.damaged("was shortened while it was used");
      done += read;
    }
  }

  private damaged(what: string): FormatError {
    return new FormatError(`The picture file ${this.path} ${what}`, {
      hint: "Remove it: it is made again from the pictures.",
    });
  }
}

/**
 * Bytes of a file to text, refusing what is no text. A byte order mark is dropped, and Windows line ends (CRLF) become LF: a model
 * should not learn another alphabet because a text passed through another editor (Python's text mode, and so nanoGPT, does likewise).
 */
import { isUtf8 } from "node:buffer";
import { validUntil } from "../codecs/utf8.js";
import { BinaryFileError, EmptyTextError, InvalidUtf8Error } from "../errors.js";

/** How many bytes at the end may belong to a character whose other bytes are still to come: 0 to 3. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
}

/** Reads text from bytes that come in chunks, cut anywhere. */
export class TextReader {
  private readonly where: string;
  private readonly decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  private readonly start: number[] = [];
  /** The offset in the file of `rest`, the beginning of a character that the next chunk ends. */
  private offset = 0;
  private rest: Uint8Array = new Uint8Array(0);
  private atStart = true;
  private carriageReturn = "";
  private empty = true;

  /** @param where what the bytes are, for errors: a path. */
  constructor(where: string) {
    this.where = where;
  }

  /** @throws BinaryFileError (NUL bytes), InvalidUtf8Error (naming the offset of the first bad byte). */
  push(chunk: Uint8Array): string {
    for (let i = 0; this.start.length < 2 && i < chunk.length; i++) this.start.push(chunk[i]!);
    const nul = chunk.indexOf(0);
    if (nul >= 0) throw this.binary(this.offset + this.rest.length + nul);
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const end = bytes.length - unfinished(bytes);
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) throw this.invalid(bytes, validUntil(whole));
    // A copy: the chunk's memory may be used again.
    this.rest = bytes.slice(end);
    this.offset += end;
    let text = this.carriageReturn + this.decoder.decode(whole);
    if (this.atStart && text !== "") {
      this.atStart = false;
      if (text.startsWith("\ufeff")) text = text.slice(1);
    }
    this.carriageReturn = text.endsWith("\r") ? "\r" : "";
    if (this.carriageReturn !== "") text = text.slice(0, -1);
    if (text !== "") this.empty = false;
    return text.replaceAll("\r\n", "\n");
  }

  /** What was held back. @throws InvalidUtf8Error where the last character is cut off, EmptyTextError where there was no text. */
  end(): string {
    if (this.rest.length > 0) throw this.invalid(this.rest, 0);
    if (this.empty && this.carriageReturn === "") {
      throw new EmptyTextError(`${this.where} is empty`, { hint: "Give a file with text in it." });
    }
    return this.carriageReturn;
  }

  private binary(offset: number): BinaryFileError {
    const [first, second] = this.start;
    const utf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
    return new BinaryFileError(`${this.where} is not plain text: NUL byte at offset ${offset}`, {
      hint: utf16
        ? "It begins like UTF-16: save it as UTF-8, for example with `iconv -f UTF-16 -t UTF-8`."
        : "Give a plain text file in UTF-8; documents such as PDF or Word must be converted first.",
    });
  }

  private invalid(bytes: Uint8Array, at: number): InvalidUtf8Error {
    const byte = bytes[at]!.toString(16).padStart(2, "0");
    return new InvalidUtf8Error(`${this.where} is not valid UTF-8: byte 0x${byte} at offset ${this.offset + at}`, {
      hint: "Save it as UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8` if it came from an older Windows program.",
    });
  }
}

/** The text of all bytes of a file. @throws what `TextReader` throws. */
export function decodeText(bytes: Uint8Array, where: string): string {
  const reader = new TextReader(where);
  return reader.push(bytes) + reader.end();
}

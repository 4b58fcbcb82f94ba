/**
 * Bytes of a file to text, refusing what is no text. A byte order mark is dropped, and Windows line ends (CRLF) become LF: a model
 * should not learn another alphabet because a text passed through another editor (Python's text mode, and so nanoGPT, does likewise).
 */
import { isUtf8 } from "node:buffer";
import { validUntil } from "../codecs/utf8.js";
import { BinaryFileError, EmptyTextError, InvalidUtf8Error } from "../errors.js";

/**
 * @param where what the bytes are, for errors: a path.
 * @throws EmptyTextError, BinaryFileError (NUL bytes), InvalidUtf8Error (naming the offset of the first bad byte).
 */
export function decodeText(bytes: Uint8Array, where: string): string {
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new BinaryFileError(`${where} is not plain text: NUL byte at offset ${nul}`, {
      hint: utf16
        ? "It begins like UTF-16: save it as UTF-8, for example with `iconv -f UTF-16 -t UTF-8`."
        : "Give a plain text file in UTF-8; documents such as PDF or Word must be converted first.",
    });
  }
  if (!isUtf8(bytes)) {
    const offset = validUntil(bytes);
    const byte = bytes[offset]!.toString(16).padStart(2, "0");
    throw new InvalidUtf8Error(`${where} is not valid UTF-8: byte 0x${byte} at offset ${offset}`, {
      hint: "Save it as UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8` if it came from an older Windows program.",
    });
  }
  const text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  if (text === "") throw new EmptyTextError(`${where} is empty`, { hint: "Give a file with text in it." });
  return text;
}

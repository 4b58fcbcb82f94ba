/**
 * GPT-2's byte alphabet: a printable character for every byte, so that tokens of any bytes can stand in JSON. Printable Latin-1
 * stands for itself; the other 68 bytes take the code points from U+0100 on, in order (a space is "Ġ", a newline "Ċ").
 *
 * Radford et al.: "Language Models are Unsupervised Multitask Learners" (2019), bytes_to_unicode in openai/gpt-2's encoder.py.
 */
import { FormatError } from "@atelier/engine/errors";

const characterOfByte: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(printable ? byte : next++);
  });
})();

const byteOfCharacter = new Map(characterOfByte.map((character, byte) => [character, byte]));

/** Any bytes as printable characters. */
export function bytesToAlphabet(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += characterOfByte[byte]!;
  return text;
}

/** The bytes a row of printable characters stands for. @throws FormatError for a character outside the alphabet. */
export function alphabetToBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) {
      throw new FormatError(
        `The token ${JSON.stringify(text)} holds ${JSON.stringify(character)}, which stands for no byte`,
        {
          hint: "Byte-level vocabularies spell tokens in GPT-2's byte alphabet; this one is of another kind.",
        },
      );
    }
    return byte;
  });
}

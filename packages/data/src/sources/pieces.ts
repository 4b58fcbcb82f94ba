/** Long documents in pieces, so that one of any length passes through bounded memory. */
import type { TextDocument } from "../datasets/text-dataset.js";

/** In UTF-16 units: the longest text that one `TextDocument` holds. */
export const longestPiece = 1 << 22;

/**
 * Where to cut a text so that at most `longest` units come before: behind a line end, if there is one in the second half, and best where
 * the next line begins with neither space nor line end (there every codec's tokens end anyway); never inside a character.
 */
export function cutAt(text: string, longest: number): number {
  let lineEnd = -1;
  let at = longest;
  for (let tries = 0; tries < 1000; tries++) {
    at = text.lastIndexOf("\n", at - 1);
    if (at < longest / 2) break;
    if (lineEnd < 0) lineEnd = at + 1;
    if (at + 1 < text.length && text.charCodeAt(at + 1) > 0x20) return at + 1;
  }
  if (lineEnd > 0) return lineEnd;
  return (text.charCodeAt(longest) & 0xfc00) === 0xdc00 ? longest - 1 : longest;
}

/** One document, whose text comes in parts, in pieces of at most `longest` units. Without any text there is none. */
export async function* inPieces(
  name: string,
  parts: Iterable<string> | AsyncIterable<string>,
  longest = longestPiece,
): AsyncGenerator<TextDocument> {
  let held = "";
  for await (const part of parts) {
    held += part;
    while (held.length > longest) {
      const cut = cutAt(held, longest);
      yield { name, text: held.slice(0, cut), continues: true };
      held = held.slice(cut);
    }
  }
  if (held !== "") yield { name, text: held };
}

/**
 * GPT-2's pre-tokenisation: cuts text into words, numbers, punctuation and spaces, across which no pair is ever merged. It is the
 * regular expression of openai/gpt-2's encoder.py (Radford et al. 2019),
 *
 *   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * written out as a scanner: several times faster, and without the regular expression engine's stack, which a single "word" of
 * some million letters would exhaust. `\s` is Unicode's White_Space, as in Hugging Face's tokenizers.
 */
import { classAt, space, widthAt } from "./character-classes.js";

/** Cuts a text into pieces that are encoded each by itself; joined they are the text. */
export type PreTokenise = (text: string) => Iterable<string>;

/** The length of the contraction that begins with the apostrophe at `at`, or 0. */
function contraction(text: string, at: number): number {
  switch (text[at + 1]) {
    case "s":
    case "t":
    case "m":
    case "d":
      return 2;
    case "r":
    case "v":
      return text[at + 2] === "e" ? 3 : 0;
    case "l":
      return text[at + 2] === "l" ? 3 : 0;
    default:
      return 0;
  }
}

/** The end of the pre-token that begins at `start`. */
function preTokenEnd(text: string, start: number): number {
  const unit = text.charCodeAt(start);
  if (unit === 0x27) {
    const length = contraction(text, start);
    if (length > 0) return start + length;
  }
  let at = start;
  let kind = classAt(text, at);
  if (kind === space) {
    const next = unit === 0x20 && start + 1 < text.length ? classAt(text, start + 1) : space;
    if (next === space) {
      // A run of spaces leaves its last character to the word behind it. (All white space is one code unit wide.)
      let end = start + 1;
      while (end < text.length && classAt(text, end) === space) end++;
      return end < text.length && end > start + 1 ? end - 1 : end;
    }
    at = start + 1;
    kind = next;
  }
  do at += widthAt(text, at);
  while (at < text.length && classAt(text, at) === kind);
  return at;
}

/** The pre-tokens of a text, in order; joined they are the text. */
export function* preTokens(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = preTokenEnd(text, at);
    yield text.slice(at, end);
    at = end;
  }
}

/** The filters that look at one document alone: its length, its share of letters, its repeated lines. */
import type { Curation } from "./settings.js";
import type { TextScan } from "./text-scan.js";

/** Why a document is removed. */
export const removalReasons = [
  "too-short",
  "too-long",
  "few-letters",
  "repeated-lines",
  "language",
  "personal-data",
  "exact-duplicate",
  "near-duplicate",
] as const;
export type RemovalReason = (typeof removalReasons)[number];

export interface Objection {
  readonly reason: RemovalReason;
  /** What was found: `12 characters`. */
  readonly found: string;
}

/**
 * The first objection to a document, or undefined.
 * @param piece of a longer document: its length then says nothing.
 */
export function objectionTo(
  text: string,
  { characters, words, letters, visible }: TextScan,
  settings: Curation,
  piece: boolean,
): Objection | undefined {
  const { minLength = 0, maxLength = Infinity, minWords = 0, maxWords = Infinity, minLetters = 0 } = settings;
  if (!piece) {
    if (characters < minLength) return { reason: "too-short", found: `${characters} characters` };
    if (words < minWords) return { reason: "too-short", found: `${words} words` };
    if (characters > maxLength) return { reason: "too-long", found: `${characters} characters` };
    if (words > maxWords) return { reason: "too-long", found: `${words} words` };
  }
  if (letters < minLetters * visible) {
    return { reason: "few-letters", found: `${Math.round((100 * letters) / visible)} % letters` };
  }
  if (settings.maxRepeatedLines !== undefined) {
    const repeated = repeatedLines(text);
    if (repeated > settings.maxRepeatedLines) {
      return { reason: "repeated-lines", found: `${Math.round(100 * repeated)} % repeated lines` };
    }
  }
  return undefined;
}

/** The share of the lines, empty ones left out, that repeat an earlier line of the text. */
export function repeatedLines(text: string): number {
  const seen = new Set<string>();
  let lines = 0;
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (trimmed === "") continue;
    lines++;
    seen.add(trimmed);
  }
  return lines === 0 ? 0 : 1 - seen.size / lines;
}

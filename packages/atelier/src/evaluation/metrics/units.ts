/**
 * What texts are cut into before n-grams are counted. Words rather than tokens, so that models with different codecs can be compared:
 * among characters nearly every 4-gram is a repetition, among long BPE pieces hardly any.
 */

/** A word, or a token id. As a string it holds no space. */
export type Unit = string | number;

/** Runs of letters, digits, marks, apostrophes within and underscores; and every other character but white space by itself. */
const WORD = /[\p{L}\p{N}\p{M}_]+(?:['’][\p{L}\p{M}]+)*|[^\s\p{L}\p{N}\p{M}_]/gu;

/** The words and signs of a text or a program, in order, as they are written. */
export const wordsOf = (text: string): string[] => text.match(WORD) ?? [];

/** All n-grams of a sequence, one for each place, as strings that are equal where the n-grams are. */
export function ngramsOf(units: readonly Unit[], n: number): string[] {
  const grams: string[] = [];
  for (let i = 0; i + n <= units.length; i++) grams.push(units.slice(i, i + n).join(" "));
  return grams;
}

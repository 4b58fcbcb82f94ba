/**
 * How like a filled middle is to the one that was there: exact match and edit similarity, the two measures of CrossCodeEval (Ding et
 * al., NeurIPS 2023) and of Svyatkovskiy et al.: "IntelliCode Compose" (2020).
 *
 * White space that nobody sees does not count: at the ends of lines, and empty lines at the end. Indentation does.
 */
import { distance } from "fastest-levenshtein";

const seen = (code: string): string => code.replace(/[^\S\n]+$/gm, "").trimEnd();

/** 1 where the two are the same, else 0. */
export const exactMatch = (fill: string, middle: string): number => (seen(fill) === seen(middle) ? 1 : 0);

/** 1 − Levenshtein distance / length of the longer, in UTF-16 code units: 1 for equal texts, 0 where nothing is shared. */
export function editSimilarity(fill: string, middle: string): number {
  const [a, b] = [seen(fill), seen(middle)];
  const longer = Math.max(a.length, b.length);
  return longer === 0 ? 1 : 1 - distance(a, b) / longer;
}

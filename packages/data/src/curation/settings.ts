/**
 * What curation does with documents. Every setting has a default or may be left out; what is left out is not checked. The defaults
 * remove copies and count personal data, and change nothing else.
 */
import { z } from "zod";

const count = z.int().min(1);
const share = z.number().min(0).max(1);

export const curationSchema = z.strictObject({
  /** Least and greatest number of characters (code points). */
  minLength: count.optional(),
  maxLength: count.optional(),
  /** Least and greatest number of words: runs of letters and digits; in scripts without spaces, characters. */
  minWords: count.optional(),
  maxWords: count.optional(),
  /** Least share of letters among the characters that are not white space. Prose has more than 0.9, a table of figures less than 0.5. */
  minLetters: share.optional(),
  /** Greatest share of lines that repeat an earlier line of the same document. Gopher used 0.3 (Rae et al. 2021, table A1). */
  maxRepeatedLines: share.optional(),
  /** Languages to keep, as ISO 639-1 codes (`en`). Documents too short to tell are kept. */
  languages: z.array(z.string()).min(1).optional(),
  /** E-mail addresses, phone and card numbers: do not look, count them, write `<EMAIL>` and so on instead, or drop the document. */
  pii: z.enum(["off", "count", "mask", "drop"]).default("count"),
  /** Removes documents that differ from an earlier one in white space at most. */
  exact: z.boolean().default(true),
  /**
   * Removes documents whose Jaccard similarity to an earlier one is estimated to be at least this, or `false` for none. Below a half,
   * texts are not copies of each other.
   */
  near: z.union([z.literal(false), z.number().min(0.5).max(1)]).default(0.8),
  /** How many words in a row are compared as one (Broder's shingles). */
  shingle: z.int().min(1).max(32).default(5),
});

/** Checked settings, with the defaults filled in. */
export type Curation = Readonly<z.infer<typeof curationSchema>>;

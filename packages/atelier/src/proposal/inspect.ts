/** What a proposal has to know of a dataset: its card, and what a bounded look at its text shows. */
import { createHash } from "node:crypto";
import { type DatasetCard, kindOf, type TextDataset } from "@atelier/data";

export interface Inspection {
  readonly card: Pick<DatasetCard, "name" | "title" | "documents" | "bytes" | "characters" | "skipped">;
  /** Of the text that was looked at: all of it, or its beginning where there is more. */
  readonly sample: {
    readonly documents: number;
    /** Code points. */
    readonly characters: number;
    /** Share of the characters that stand in files of source code, by their endings. */
    readonly code: number;
    /** Different characters. */
    readonly alphabet: number;
    /** Mean characters in a line that is not empty. */
    readonly line: number;
    /** Characters of the longest document. */
    readonly longest: number;
    /** Documents that repeat an earlier one to the letter. */
    readonly copies: number;
  };
}

/** Stop looking after so many characters: 64 MB of English are read in half a second. */
const LOOKED_AT = 64_000_000;
/** Documents that are compared with each other. */
const COMPARED = 100_000;

/** Looks at a dataset's text up to `most` characters. @throws the signal's reason. */
export async function inspect(
  dataset: TextDataset,
  { signal, most = LOOKED_AT }: { readonly signal?: AbortSignal | undefined; readonly most?: number } = {},
): Promise<Inspection> {
  const seen = new Uint8Array(0x11_0000);
  const hashes = new Set<string>();
  const sum = { documents: 0, characters: 0, code: 0, alphabet: 0, longest: 0, copies: 0 };
  let [lines, inLines] = [0, 0];
  let length = 0;
  let pieces = 0;
  for await (const { name, text, continues } of dataset.documents(signal)) {
    signal?.throwIfAborted();
    const before = sum.characters;
    for (let i = 0, lineStart = 0; i <= text.length; i++) {
      const point = text.codePointAt(i);
      if (point === undefined || point === 0x0a) {
        if (i > lineStart) {
          lines++;
          inLines += i - lineStart;
        }
        lineStart = i + 1;
      }
      if (point === undefined) break;
      if (seen[point] === 0) {
        seen[point] = 1;
        sum.alphabet++;
      }
      sum.characters++;
      if (point > 0xffff) i++;
    }
    const added = sum.characters - before;
    if (kindOf(name) === "program") sum.code += added;
    length += added;
    pieces++;
    if (continues !== true || sum.characters >= most) {
      sum.documents++;
      sum.longest = Math.max(sum.longest, length);
      if (pieces === 1 && sum.documents <= COMPARED) {
        const hash = createHash("sha1").update(text).digest("base64");
        if (hashes.has(hash)) sum.copies++;
        hashes.add(hash);
      }
      [length, pieces] = [0, 0];
    }
    if (sum.characters >= most) break;
  }
  const { characters } = sum;
  const sample = {
    ...sum,
    code: characters === 0 ? 0 : sum.code / characters,
    line: lines === 0 ? 0 : inLines / lines,
  };
  return { card: dataset.card, sample };
}

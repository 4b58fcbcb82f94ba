/** Text: a file of nothing but the text, which has no room for its provenance. */
import { writeAtomic } from "../../storage/index.js";
import { sha256Of } from "../sha256.js";
import type { Medium, TextDifference } from "./medium.js";
import type { TextOutput, TextRecord } from "./output.js";

/** A single text is the whole file, exactly; of several, each has a heading. */
export const textContents = (texts: readonly string[]): string =>
  texts.length === 1 ? texts[0]! : texts.map((text, i) => `─── ${i + 1} of ${texts.length}\n${text}\n`).join("");

export const text: Medium<TextOutput, TextRecord> = {
  record: async ({ media, texts, whole }) => ({ media, whole, sha256: sha256Of(textContents(texts)) }),
  async write(path, { texts }) {
    await writeAtomic(path, textContents(texts));
    return false;
  },
  show: ({ texts }) => textContents(texts),
  async compare({ texts }, { sha256 }, saved) {
    const contents = textContents(texts);
    if (saved === undefined) {
      return { equal: sha256Of(contents) === sha256, edited: false, contents, difference: undefined };
    }
    const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(saved);
    const difference = differenceOf(before, contents);
    return { equal: difference === undefined, edited: sha256Of(saved) !== sha256, contents, difference };
  },
};

function differenceOf(before: string, now: string): TextDifference | undefined {
  if (before === now) return undefined;
  let offset = 0;
  while (offset < Math.min(before.length, now.length) && before[offset] === now[offset]) offset++;
  const lines = before.slice(0, offset).split("\n");
  const excerpt = (text: string): string => text.slice(offset, offset + 24);
  return {
    offset,
    line: lines.length,
    column: lines.at(-1)!.length + 1,
    before: excerpt(before),
    now: excerpt(now),
  };
}

/** What a text dataset is: documents in order, and a card that says where they come from and exactly which they are. */
import { createHash } from "node:crypto";
import { z } from "zod";

export interface TextDocument {
  /** Unique within its dataset: a chapter's heading, a path relative to the folder. */
  readonly name: string;
  readonly text: string;
}

export const cardSchema = z.object({
  name: z.string(),
  title: z.string(),
  origin: z.string(),
  licence: z.string(),
  fingerprint: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  documents: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  characters: z.int().nonnegative(),
});

/** What travels into the card of every model trained on the dataset. */
export type DatasetCard = Readonly<z.infer<typeof cardSchema>>;

export interface TextDataset {
  readonly name: string;
  readonly documents: readonly TextDocument[];
  readonly card: DatasetCard;
}

/** `sha256:` and the SHA-256 of every document's name and text in UTF-8, each followed by a zero byte (neither can hold one). */
export function fingerprint(documents: readonly TextDocument[]): string {
  const hash = createHash("sha256");
  for (const { name, text } of documents) hash.update(name).update("\0").update(text).update("\0");
  return `sha256:${hash.digest("hex")}`;
}

/** A dataset with its card: bytes are UTF-8, characters are code points. */
export function describeDataset(
  about: Pick<DatasetCard, "name" | "title" | "origin" | "licence">,
  documents: readonly TextDocument[],
): TextDataset {
  let bytes = 0;
  let characters = 0;
  for (const { text } of documents) {
    bytes += Buffer.byteLength(text);
    for (let i = 0; i < text.length; i++) {
      // Every code unit but the second half of a surrogate pair begins a character (the text is well-formed).
      if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) characters++;
    }
  }
  const { name, title, origin, licence } = about;
  const card = {
    name,
    title,
    origin,
    licence,
    fingerprint: fingerprint(documents),
    documents: documents.length,
    bytes,
    characters,
  };
  return { name, documents, card };
}

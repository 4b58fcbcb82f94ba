/**
 * What a text dataset is: documents that can be gone through again and again without all of them being in memory, and a card that says
 * where they come from and exactly which they are.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { countCharacters } from "./characters.js";

export interface TextDocument {
  /** Unique within its dataset: a chapter's heading, a path relative to the folder, a file and a line. */
  readonly name: string;
  readonly text: string;
  /** True where this is a piece of a long document and the next one goes on with it, under the same name. */
  readonly continues?: boolean;
}

/** Documents that can be gone through more than once: each call begins anew. */
export interface TextDocuments {
  /** In order; a long document comes in pieces. @throws the signal's reason where it is aborted. */
  documents(signal?: AbortSignal): AsyncIterable<TextDocument>;
}

const skippedSchema = z.object({ file: z.string(), reason: z.string() });

/** A file of a folder that was left out, and why. */
export type SkippedFile = Readonly<z.infer<typeof skippedSchema>>;

export const cardSchema = z.object({
  name: z.string(),
  title: z.string(),
  origin: z.string(),
  licence: z.string(),
  fingerprint: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  documents: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  characters: z.int().nonnegative(),
  /** What could not be read, or not wholly. Absent where everything was. */
  skipped: z.array(skippedSchema).optional(),
});

/** What travels into the card of every model trained on the dataset. */
export type DatasetCard = Readonly<z.infer<typeof cardSchema>>;

export interface TextDataset extends TextDocuments {
  readonly name: string;
  readonly card: DatasetCard;
}

/** The part of a card that nobody can count. */
export type DatasetOrigin = Pick<DatasetCard, "name" | "title" | "origin" | "licence">;

/** Counts documents as they pass and takes their fingerprint. */
class Tally {
  private readonly hash = createHash("sha256");
  private inside = false;
  documents = 0;
  bytes = 0;
  characters = 0;

  add({ name, text, continues }: TextDocument): void {
    if (!this.inside) this.hash.update(name).update("\0");
    const bytes = Buffer.from(text);
    this.hash.update(bytes);
    this.inside = continues === true;
    this.bytes += bytes.length;
    this.characters += countCharacters(text);
    if (this.inside) return;
    this.hash.update("\0");
    this.documents++;
  }

  fingerprint(): string {
    return `sha256:${this.hash.digest("hex")}`;
  }
}

/** `sha256:` and the SHA-256 of every document's name and text in UTF-8, each followed by a zero byte (neither can hold one). */
export function fingerprint(documents: Iterable<TextDocument>): string {
  const tally = new Tally();
  for (const document of documents) tally.add(document);
  return tally.fingerprint();
}

/** Documents in memory. */
export const inMemory = (documents: readonly TextDocument[]): TextDocuments => ({
  async *documents(signal) {
    for (const document of documents) {
      signal?.throwIfAborted();
      yield document;
    }
  },
});

export interface DescribeOptions {
  readonly signal?: AbortSignal | undefined;
  /** What was left out; asked for after the documents have passed. */
  readonly skipped?: () => readonly SkippedFile[];
}

/**
 * A dataset with its card, for which its documents are gone through once: bytes are UTF-8, characters are code points.
 * @throws what the documents throw; the signal's reason.
 */
export async function describeDataset(
  { name, title, origin, licence }: DatasetOrigin,
  source: TextDocuments,
  { signal, skipped = () => [] }: DescribeOptions = {},
): Promise<TextDataset> {
  const tally = new Tally();
  for await (const document of source.documents(signal)) {
    signal?.throwIfAborted();
    tally.add(document);
  }
  const left = skipped();
  const card: DatasetCard = {
    name,
    title,
    origin,
    licence,
    fingerprint: tally.fingerprint(),
    documents: tally.documents,
    bytes: tally.bytes,
    characters: tally.characters,
    ...(left.length === 0 ? {} : { skipped: [...left] }),
  };
  return { name, card, documents: (again) => source.documents(again) };
}

/** Documents in an array, for tests. */
import type { TextDocument, TextDocuments } from "./text-dataset.js";

export async function collect(source: TextDocuments): Promise<TextDocument[]> {
  const all: TextDocument[] = [];
  for await (const document of source.documents()) all.push(document);
  return all;
}

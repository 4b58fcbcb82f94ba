/** Documents that a program has in hand, as a source like any other. */
import { ArgumentError } from "@atelier/engine/errors";
import type { DatasetOrigin, TextDocument } from "../datasets/text-dataset.js";
import { EmptyTextError } from "../errors.js";
import type { LocatedTexts } from "./local.js";
import { inPieces } from "./pieces.js";
import type { GivenSource } from "./source.js";

/** Whether it hands out itself as its iterator, and so can be gone through once only, as generators do. */
function once(iterable: GivenSource["documents"]): boolean {
  if (typeof iterable === "string" || Array.isArray(iterable)) return false;
  const iterator: unknown =
    Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  return iterator === iterable;
}

/** What is known of something that a program has in hand. @param name where it does not say */
export function givenOrigin(
  source: Partial<Pick<DatasetOrigin, "name" | "origin" | "licence">>,
  name: string,
): DatasetOrigin {
  const { name: own = name, origin = "given by a program", licence = "not stated" } = source;
  return { name: own, title: own, origin, licence };
}

/** @throws EmptyTextError where there is no text, ArgumentError for a NUL character in one. */
export async function locateGiven(source: GivenSource): Promise<LocatedTexts> {
  let { documents } = source;
  if (once(documents)) {
    const kept: (string | TextDocument)[] = [];
    for await (const document of documents) kept.push(document);
    documents = kept;
  }
  return {
    origin: givenOrigin(source, "texts"),
    bytes: 0,
    skipped: () => [],
    async *documents({ signal }) {
      let count = 0;
      for await (const given of documents) {
        signal?.throwIfAborted();
        const document = typeof given === "string" ? { name: `text ${count + 1}`, text: given } : given;
        if (document.text.includes("\0")) {
          throw new ArgumentError(`The document ${JSON.stringify(document.name)} has a NUL character in it`, {
            hint: "Give plain text.",
          });
        }
        if (document.text === "" && document.continues !== true) continue;
        count++;
        if (document.continues === true) yield document;
        else yield* inPieces(document.name, [document.text]);
      }
      if (count === 0)
        throw new EmptyTextError(`${source.name ?? "texts"} has no text`, {
          hint: "Give at least one document with text.",
        });
    },
  };
}

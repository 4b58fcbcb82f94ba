/** The one way to texts: known names, files, folders, documents in hand, or several of these in a row. */
import { locateGiven } from "../sources/given.js";
import { type LocatedTexts, locateFiles } from "../sources/local.js";
import type { ReadOptions } from "../sources/read-file.js";
import type { DataSource, FileSource, OneSource } from "../sources/source.js";
import { openNamedDataset } from "./cache.js";
import type { OpenOptions } from "./definition.js";
import { knownDatasets } from "./registry.js";
import { joinOrigins, pathMeant } from "./source-names.js";
import { describeDataset, type TextDataset, type TextDocument } from "./text-dataset.js";

const known = (source: OneSource) => knownDatasets.find(({ name }) => name === source);

async function fileSource(source: string): Promise<FileSource> {
  const names = knownDatasets.map(({ name }) => name);
  return { path: await pathMeant(source, names, "the path of a text file or a folder") };
}

async function locate(source: OneSource, options: OpenOptions): Promise<LocatedTexts> {
  const definition = known(source);
  if (definition !== undefined) {
    const dataset = await openNamedDataset(definition, options);
    return {
      origin: dataset.card,
      bytes: dataset.card.bytes,
      skipped: () => [],
      async *documents({ signal, onBytes }) {
        for await (const document of dataset.documents(signal)) {
          onBytes?.(Buffer.byteLength(document.text));
          yield document;
        }
      },
    };
  }
  if (typeof source === "string") return locateFiles(await fileSource(source));
  return "documents" in source ? locateGiven(source) : locateFiles(source);
}

/** Several sources as one: names of documents begin with their source's, so that they stay unique. */
function concatenate(parts: readonly LocatedTexts[]): LocatedTexts {
  const { names, origin } = joinOrigins(parts.map((part) => part.origin));
  return {
    origin,
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    skipped: () =>
      parts.flatMap((part, i) =>
        part.skipped().map(({ file, reason }) => ({ file: file === names[i] ? file : `${names[i]}/${file}`, reason })),
      ),
    async *documents(options: ReadOptions): AsyncGenerator<TextDocument> {
      for (const [i, part] of parts.entries()) {
        for await (const document of part.documents(options)) {
          yield { ...document, name: `${names[i]}/${document.name}` };
        }
      }
    },
  };
}

/**
 * Opens a text dataset. Its documents are read through once, for the card, and never held in memory all at once.
 *
 * @param source a known name (`moby-dick`); the path of a file or a folder, or an object that says more about it; documents in hand; or
 * a list of these. A known name wins over a file of that name; write `./moby-dick` for the file.
 * @throws UnknownDatasetError, FileMissingError, UnreadableFileError, EmptyTextError, NoTextsError, BinaryFileError, InvalidUtf8Error,
 * FormatError (JSON Lines, CSV, gzip), ArgumentError (a field that is not there); for named datasets also DownloadError,
 * IntegrityError and CacheWriteError; the signal's reason where it was aborted.
 * @example
 * const { documents, card } = await openTextDataset("moby-dick", { home: ".atelier" });
 */
export async function openTextDataset(source: DataSource, options: OpenOptions): Promise<TextDataset> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const isList = (value: DataSource): value is readonly OneSource[] => Array.isArray(value);
  const sources = isList(source) ? source : [source];
  const [only] = sources;
  const definition = sources.length === 1 && only !== undefined ? known(only) : undefined;
  if (definition !== undefined) return openNamedDataset(definition, options);
  const parts: LocatedTexts[] = [];
  for (const each of sources) parts.push(await locate(each, options));
  const located = parts.length === 1 ? parts[0]! : concatenate(parts);
  const total = located.bytes;
  let done = 0;
  const onBytes = (bytes: number): void => {
    done = Math.min(done + bytes, total);
    onProgress?.({ stage: "read", unit: "bytes", done, total });
  };
  let first = true;
  return describeDataset(
    located.origin,
    {
      documents: (again) => {
        const counted = first;
        first = false;
        return located.documents({ signal: again, ...(counted ? { onBytes } : {}) });
      },
    },
    { signal, skipped: located.skipped },
  );
}

/** Curation of a dataset before anything learns from it: once, into a file, since the text is then gone through several times. */
import { createReadStream } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  type Curation,
  type CurationReport,
  Curator,
  type DatasetProgress,
  describeDataset,
  EmptyTextError,
  type TextDataset,
  type TextDocument,
} from "@atelier/data";
import { temporaryBeside } from "../storage/atomic.js";
import { explainWriteError } from "../storage/errors.js";
import { makeFolder } from "../storage/index.js";

export interface CuratedDataset {
  readonly dataset: TextDataset;
  readonly report: CurationReport;
  /** Removes the file; the documents are gone then. */
  readonly remove: () => Promise<void>;
}

export interface CurateOptions {
  readonly home: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

/** A document a line. Of JSON's characters, two more end lines for `readline`. */
const line = (document: TextDocument): string =>
  `${JSON.stringify(document).replace(/[\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`)}\n`;

/** @throws EmptyTextError where nothing stays, typed errors of the disk, the signal's reason. */
export async function curateDataset(
  dataset: TextDataset,
  settings: Curation,
  { home, signal, onProgress }: CurateOptions,
): Promise<CuratedDataset> {
  const curator = new Curator(settings);
  const folder = join(home, "cache");
  await makeFolder(folder);
  const path = temporaryBeside(join(folder, "curated.jsonl"));
  const remove = (): Promise<void> => rm(path, { force: true });
  const total = dataset.card.bytes;
  try {
    await writeLines(
      path,
      curator.curate(dataset.documents(signal), {
        signal,
        onProgress: ({ bytes }) => onProgress?.({ stage: "curate", unit: "bytes", done: bytes, total }),
      }),
    );
    const curated = await describeDataset(
      dataset.card,
      {
        async *documents(stop) {
          for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
            stop?.throwIfAborted();
            // Written a moment ago by `line`, and nobody else's.
            const document: TextDocument = JSON.parse(text);
            yield document;
          }
        },
      },
      { signal },
    );
    if (curated.card.documents === 0) {
      throw new EmptyTextError(`Curation leaves nothing of ${dataset.name}`, {
        hint: "Loosen the recipe's curation: its report says what was removed and why (atelier data curate).",
      });
    }
    return { dataset: curated, report: curator.report(), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function writeLines(path: string, documents: AsyncIterable<TextDocument>): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "wx");
    let held: string[] = [];
    let length = 0;
    for await (const document of documents) {
      const text = line(document);
      held.push(text);
      length += text.length;
      if (length < 1 << 20) continue;
      await handle.appendFile(held.join(""));
      held = [];
      length = 0;
    }
    await handle.appendFile(held.join(""));
  } catch (error) {
    throw explainWriteError(error, path);
  } finally {
    await handle?.close();
  }
}

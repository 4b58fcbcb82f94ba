/** The one way to texts: a known name, a file, or a folder. */
import { stat } from "node:fs/promises";
import { nearest } from "@atelier/engine/nearest";
import { UnknownDatasetError } from "../errors.js";
import { openNamedDataset } from "./cache.js";
import type { OpenOptions } from "./definition.js";
import { openLocalTexts } from "./local.js";
import { knownDatasets } from "./registry.js";
import type { TextDataset } from "./text-dataset.js";

/** Something with a slash, a leading dot or an ending is meant as a path, also where nothing is there. */
const looksLikePath = (source: string): boolean => /[\\/]|^[.~]|\.\w+$/.test(source);

/**
 * Opens a text dataset.
 *
 * @param source a known name (`moby-dick`), or the path of a text file or of a folder, which is searched for .txt and .md files. A
 * known name wins over a file of that name; write `./moby-dick` for the file.
 * @throws UnknownDatasetError, FileMissingError, UnreadableFileError, EmptyTextError, NoTextsError, BinaryFileError, InvalidUtf8Error;
 * for named datasets also DownloadError, IntegrityError and CacheWriteError; the signal's reason where it was aborted.
 * @example
 * const { documents, card } = await openTextDataset("moby-dick", { home: ".atelier" });
 */
export async function openTextDataset(source: string, options: OpenOptions): Promise<TextDataset> {
  options.signal?.throwIfAborted();
  const known = knownDatasets.find(({ name }) => name === source);
  if (known !== undefined) return openNamedDataset(known, options);
  const exists =
    source !== "" &&
    (await stat(source).then(
      () => true,
      () => false,
    ));
  if (exists || looksLikePath(source)) return openLocalTexts(source, options);
  const names = knownDatasets.map(({ name }) => name);
  const similar = nearest(source, names);
  throw new UnknownDatasetError(`There is no dataset ${JSON.stringify(source)}, and no file or folder of that name`, {
    hint: `${similar === undefined ? "" : `Did you mean ${similar}? `}Known datasets: ${names.join(", ")}; or give the path of a text file or a folder.`,
  });
}

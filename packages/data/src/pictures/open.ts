/** The one way to pictures: known names, files, folders, pictures in hand, or several of these in a row. */
import type { OpenOptions } from "../datasets/definition.js";
import { openNamedPictures } from "../datasets/picture-cache.js";
import type { PictureDefinition } from "../datasets/picture-definition.js";
import { knownPictures } from "../datasets/registry.js";
import { joinOrigins, pathMeant } from "../datasets/source-names.js";
import { locateGivenPictures, locatePictureFiles } from "./locate.js";
import { describePictures, type LocatedPictures, type PictureDataset } from "./picture-dataset.js";
import type { OnePictureSource, PictureSource } from "./source.js";

const known = (source: OnePictureSource): PictureDefinition | undefined =>
  knownPictures.find(({ name }) => name === source);

async function locate(source: OnePictureSource, options: OpenOptions): Promise<LocatedPictures> {
  const definition = known(source);
  if (definition !== undefined) {
    const { card, records } = await openNamedPictures(definition, options);
    return { origin: card, records, skipped: [] };
  }
  if (typeof source === "string") {
    const names = knownPictures.map(({ name }) => name);
    const path = await pathMeant(source, names, "the path of a picture, a list of pictures or a folder");
    return locatePictureFiles({ path }, options);
  }
  return "pictures" in source ? locateGivenPictures(source) : locatePictureFiles(source, options);
}

/** Several sources as one: names of pictures begin with their source's, so that they stay unique. */
function concatenate(parts: readonly LocatedPictures[]): LocatedPictures {
  const { names, origin } = joinOrigins(parts.map((part) => part.origin));
  return {
    origin,
    records: parts.flatMap(({ records }, i) =>
      records.map((record) => ({ ...record, name: `${names[i]}/${record.name}` })),
    ),
    skipped: parts.flatMap(({ skipped }, i) =>
      skipped.map(({ file, reason }) => ({ file: `${names[i]}/${file}`, reason })),
    ),
  };
}

/**
 * Opens a picture dataset. Every record is read once, for the card; nothing is decoded yet, so that a file may still turn out broken.
 *
 * @param source a known name (`emoji`); a folder, a list of pictures, an IDX or CIFAR file or a picture by its path, or an object that says
 * more about it; pictures in hand; or a list of these. A known name wins over a file of that name; write `./emoji` for the file.
 * @throws UnknownDatasetError, FileMissingError, UnreadableFileError, NoPicturesError, FormatError (IDX, CIFAR, lists, gzip), ArgumentError
 * (a list that names no files); for named datasets also DownloadError, IntegrityError, DatasetNotInstalledError and CacheWriteError;
 * the signal's reason where it was aborted.
 * @example
 * const { records, card } = await openPictures("emoji", { home: ".atelier" });
 */
export async function openPictures(source: PictureSource, options: OpenOptions): Promise<PictureDataset> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const isList = (value: PictureSource): value is readonly OnePictureSource[] => Array.isArray(value);
  const sources = isList(source) ? source : [source];
  const [only] = sources;
  const definition = sources.length === 1 && only !== undefined ? known(only) : undefined;
  if (definition !== undefined) return openNamedPictures(definition, options);
  const parts: LocatedPictures[] = [];
  for (const each of sources) parts.push(await locate(each, options));
  const located = parts.length === 1 ? parts[0]! : concatenate(parts);
  const total = located.records.length;
  return describePictures(located, {
    signal,
    onRead: (done) => onProgress?.({ stage: "read", unit: "pictures", done, total }),
  });
}

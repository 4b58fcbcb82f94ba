/** Pictures that a model is given: read, brought to its size, and remembered by their hashes, so that they can be found again. */
import { readFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import {
  decodePictures,
  knownPictures,
  openPictures,
  type PictureRecord,
  type PictureSet,
  type PictureSource,
  type SkippedFile,
} from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import { AtelierError } from "@atelier/engine/errors";
import { sha256Of } from "../../output/sha256.js";
import { exists } from "../../storage/index.js";
import type { Model } from "../model.js";
import type { InputData, InputPicture } from "./latent-requests.js";
import type { PictureRunOptions } from "./picture-tools.js";

export interface Inputs {
  /** At the model's size, in its colours. */
  readonly set: PictureSet;
  /** What each can be read from again, as it is. */
  readonly records: readonly PictureRecord[];
  /** One a picture. */
  readonly inputs: readonly InputPicture[];
  /** Files that could not be read, and why. */
  readonly skipped: readonly SkippedFile[];
}

/** A picture or data that an output was made of, and that is gone or has changed. */
export class InputGoneError extends AtelierError {
  readonly code = "INPUT_GONE";
}

/** Provenance names every one of them. */
const MOST = 256;

/** @throws {ArgumentError} for too many. @throws typed errors where none can be read */
export async function readInputs(
  model: Model,
  source: PictureSource,
  { signal, onProgress }: PictureRunOptions,
): Promise<Inputs> {
  const isList = (value: PictureSource): value is Extract<PictureSource, readonly unknown[]> => Array.isArray(value);
  const sources = isList(source) ? source : [source];
  const records: PictureRecord[] = [];
  const skipped: SkippedFile[] = [];
  for (const each of sources) {
    const dataset = await openPictures(each, { home: model.home, signal });
    records.push(...dataset.records.map((record) => ({ ...record, name: nameOf(each, record.name) })));
    skipped.push(...(dataset.card.skipped ?? []));
  }
  if (records.length > MOST) {
    throw new ArgumentError(`${records.length} pictures are more than are shown one by one: at most ${MOST}`, {
      hint: "Give some of them. atelier evaluate says how a model does on many.",
    });
  }
  const hashes = new Map<string, string>();
  const hashed = records.map((record) => ({
    ...record,
    read: async () => {
      const content = await record.read();
      hashes.set(record.name, sha256Of(content instanceof Uint8Array ? content : content.data));
      return content;
    },
  }));
  const decoded = await decodePictures(hashed, model.pictures.model.codec.settings, {
    signal,
    onProgress: ({ done }) => onProgress?.("reading pictures", done, records.length),
  });
  const inputs = decoded.set.names.map((name) => ({ name, sha256: hashes.get(name)! }));
  const byName = new Map(hashed.map((record) => [record.name, record]));
  const kept = decoded.set.names.map((name) => byName.get(name)!);
  return { set: decoded.set, records: kept, inputs, skipped: [...skipped, ...decoded.skipped] };
}

/** So many pictures. @throws {ArgumentError} for more or fewer, or one that cannot be read */
export async function readExactly(
  model: Model,
  source: PictureSource,
  count: number,
  options: PictureRunOptions,
): Promise<Inputs> {
  const read = await readInputs(model, source, options);
  const { set, skipped } = read;
  if (set.length === count && skipped.length === 0) return read;
  const wanted = count === 1 ? "One picture is" : `${count} pictures are`;
  throw new ArgumentError(`${wanted} wanted here, and ${set.length} could be read`, {
    hint:
      skipped.length > 0
        ? `${skipped[0]!.file}: ${skipped[0]!.reason}`
        : `Give ${count === 1 ? "one file" : `${count} files`}.`,
  });
}

/** As it was asked for; without the folders of an absolute path, which would tell strangers of the user's disk. */
function nameOf(source: PictureSource, record: string): string {
  if (typeof source !== "string") return record;
  const shown = isAbsolute(source) ? basename(source) : source;
  return basename(source) === record ? shown : join(shown, record);
}

/** Data by the name they were asked for by: beside the output, where it is no known name, or where they were then. */
export async function findData({ source }: InputData, beside: string): Promise<string | undefined> {
  if (source === undefined || knownPictures.some(({ name }) => name === source)) return source;
  const path = resolve(dirname(resolve(beside)), source);
  return (await exists(path)) ? path : source;
}

/**
 * Where the pictures lie that an output was made of: beside it, or where they were then.
 * @param beside the output. @throws {InputGoneError} naming the first that is nowhere, or has changed
 */
export async function findInputs(inputs: readonly InputPicture[], beside: string): Promise<string[]> {
  const folder = dirname(resolve(beside));
  const paths: string[] = [];
  for (const { name, sha256 } of inputs) {
    const places = [resolve(folder, name), resolve(folder, basename(name)), resolve(name)];
    const contents = await Promise.all(places.map((path) => readFile(path).catch(() => undefined)));
    const same = contents.findIndex((bytes) => bytes !== undefined && sha256Of(bytes) === sha256);
    if (same < 0) {
      const changed = contents.some((bytes) => bytes !== undefined);
      throw new InputGoneError(`The picture ${name} that it was made of ${changed ? "has changed" : "is not there"}`, {
        hint: `Put the picture with the SHA-256 ${sha256.slice(0, 12)}… beside ${beside}.`,
      });
    }
    paths.push(places[same]!);
  }
  return paths;
}

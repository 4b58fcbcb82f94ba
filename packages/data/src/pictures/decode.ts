/**
 * Picture files to a set of one size. Several are decoded at once, on the threads that Node keeps for such work; what cannot be decoded
 * is left out and named with the reason. Results come in the order of the records, so the same files give the same set.
 */
import { type FileHandle, open } from "node:fs/promises";
import { AtelierError } from "@atelier/engine/errors";
import type { OpenOptions } from "../datasets/definition.js";
import type { SkippedFile } from "../datasets/text-dataset.js";
import { endingOf } from "../sources/file-kinds.js";
import { type DecodedPicture, decodeOne } from "./decode-one.js";
import { type ImageSettings, sizeOf } from "./image-settings.js";
import { noPictures, type PictureRecord, PictureTally } from "./picture-dataset.js";
import { PictureFile } from "./picture-file.js";
import { PictureSet } from "./picture-set.js";

/** Something that held for several pictures: "animated: only the first frame is used". */
export interface DecodingNote {
  readonly note: string;
  readonly count: number;
}

export interface DecodedPictures {
  readonly set: PictureSet;
  readonly skipped: readonly SkippedFile[];
  readonly notes: readonly DecodingNote[];
  /** SHA-256 of names, classes, captions, splits and pixels. */
  readonly fingerprint: string;
}

export interface DecodePicturesOptions extends Pick<OpenOptions, "signal" | "onProgress"> {
  /** Where the pixels go, for sets that would fill the memory; the file must not exist. Default: memory. */
  readonly file?: string | undefined;
  /** How many are decoded at once. Default: enough for every thread of Node's pool to have its next one ready. */
  readonly inFlight?: number | undefined;
}

type Outcome = { readonly decoded: DecodedPicture } | { readonly reason: string };

async function attempt(record: PictureRecord, settings: ImageSettings): Promise<Outcome> {
  try {
    return { decoded: await decodeOne(await record.read(), settings, endingOf(record.name)) };
  } catch (error) {
    if (AtelierError.isInstance(error)) return { reason: error.message };
    throw error;
  }
}

/** The outcome of every record, in order. */
async function* outcomes(
  records: readonly PictureRecord[],
  settings: ImageSettings,
  inFlight: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Outcome> {
  const begun: Promise<Outcome>[] = [];
  try {
    for (let next = 0; next < records.length || begun.length > 0; ) {
      signal?.throwIfAborted();
      while (next < records.length && begun.length < inFlight) begun.push(attempt(records[next++]!, settings));
      yield await begun.shift()!;
    }
  } finally {
    await Promise.allSettled(begun); // Nobody else waits for them where this is left early.
  }
}

/** Takes pixels, picture after picture. */
interface Sink {
  add(pixels: Uint8Array): Promise<void>;
  /** What they can be read from. */
  end(count: number): Promise<Uint8Array | PictureFile>;
  close(): Promise<void>;
}

function memorySink(bytes: number, most: number): Sink {
  const pixels = new Uint8Array(bytes * most);
  let at = 0;
  return {
    async add(picture) {
      pixels.set(picture, at);
      at += picture.length;
    },
    // A copy only where something was left out: a view would keep the rest.
    end: async () => (at === pixels.length ? pixels : pixels.slice(0, at)),
    close: async () => {},
  };
}

const writtenAtOnce = 1 << 20;

async function fileSink(path: string, bytes: number): Promise<Sink> {
  const handle: FileHandle = await open(path, "wx");
  let waiting: Uint8Array[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    const all = Buffer.concat(waiting);
    waiting = [];
    length = 0;
    for (let done = 0; done < all.length; ) done += (await handle.write(all, done)).bytesWritten;
  };
  return {
    async add(picture) {
      waiting.push(picture);
      length += picture.length;
      if (length >= writtenAtOnce) await flush();
    },
    async end(count) {
      await flush();
      await handle.sync();
      return new PictureFile(path, bytes, count);
    },
    close: () => handle.close(),
  };
}

/**
 * Decodes records to a set of the settings' size.
 * @param name what the records are together, for the error where none can be decoded.
 * @throws NoPicturesError where none can be decoded; the signal's reason; the system's errors for `file`.
 */
export async function decodePictures(
  records: readonly PictureRecord[],
  settings: ImageSettings,
  { signal, onProgress, file, inFlight = 16 }: DecodePicturesOptions = {},
  name = "The source",
): Promise<DecodedPictures> {
  const { width, height } = sizeOf(settings);
  const { channels } = settings;
  const bytes = width * height * channels;
  const sink = file === undefined ? memorySink(bytes, records.length) : await fileSink(file, bytes);
  const kept: PictureRecord[] = [];
  const originals: number[] = [];
  const skipped: SkippedFile[] = [];
  const notes = new Map<string, number>();
  const tally = new PictureTally();
  try {
    let done = 0;
    for await (const outcome of outcomes(records, settings, inFlight, signal)) {
      const record = records[done++]!;
      if ("decoded" in outcome) {
        const { decoded } = outcome;
        await sink.add(decoded.data);
        tally.add(record, { width, height, channels, data: decoded.data });
        kept.push(record);
        originals.push(decoded.width, decoded.height);
        for (const note of decoded.notes) notes.set(note, (notes.get(note) ?? 0) + 1);
      } else skipped.push({ file: record.name, reason: outcome.reason });
      onProgress?.({ stage: "decode", unit: "pictures", done, total: records.length });
    }
    if (kept.length === 0) throw noPictures(name, skipped);
    const set = new PictureSet({
      width,
      height,
      channels,
      pixels: await sink.end(kept.length),
      names: kept.map((record) => record.name),
      labels: kept.map(({ label }) => label),
      captions: kept.map(({ caption }) => caption),
      splits: kept.map(({ split }) => split),
      originals: Int32Array.from(originals),
    });
    return {
      set,
      skipped,
      notes: [...notes].map(([note, count]) => ({ note, count })),
      fingerprint: tally.fingerprint(),
    };
  } finally {
    await sink.close();
  }
}

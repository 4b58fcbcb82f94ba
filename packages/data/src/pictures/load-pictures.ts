/**
 * Decoded pictures under `<home>/cache/pictures/<key>/`: decoded once, found again by every later training. The key is a hash of all that
 * they follow from, so a copy never has to be doubted, only counted; it appears by one rename. Any of it may be deleted.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { z } from "zod";
import { explainUnwritable, removeAbandoned } from "../datasets/cache-folder.js";
import type { OpenOptions } from "../datasets/definition.js";
import { type DecodedPictures, type DecodePicturesOptions, decodePictures } from "./decode.js";
import { type ImageSettings, sizeOf } from "./image-settings.js";
import type { PictureDataset } from "./picture-dataset.js";
import { PictureFile } from "./picture-file.js";
import { PictureSet } from "./picture-set.js";

/** Sets of fewer bytes are held in memory. */
const inMemory = 1 << 30;

const indexSchema = z.strictObject({
  names: z.array(z.string()),
  labels: z.array(z.string().nullable()),
  captions: z.array(z.string().nullable()),
  splits: z.array(z.enum(["train", "test"]).nullable()),
  originals: z.array(z.int().positive()),
  skipped: z.array(z.object({ file: z.string(), reason: z.string() })),
  notes: z.array(z.object({ note: z.string(), count: z.int() })),
  fingerprint: z.string(),
});

function keyOf(dataset: PictureDataset, settings: ImageSettings): string {
  const { sharp: version, vips } = sharp.versions;
  const all = JSON.stringify([dataset.card.fingerprint, Object.entries(settings).sort(), version, vips]);
  return createHash("sha256").update(all).digest("hex").slice(0, 32);
}

const undefinedForNull = <T>(column: readonly (T | null)[]): (T | undefined)[] =>
  column.map((value) => value ?? undefined);
const nullForUndefined = <T>(column: readonly (T | undefined)[]): (T | null)[] => column.map((value) => value ?? null);

async function read(folder: string, settings: ImageSettings): Promise<DecodedPictures> {
  const index = indexSchema.parse(JSON.parse(await readFile(join(folder, "pictures.json"), "utf8")));
  const { width, height } = sizeOf(settings);
  const bytes = width * height * settings.channels;
  const path = join(folder, "pixels");
  const source = new PictureFile(path, bytes, index.names.length);
  const set = new PictureSet({
    width,
    height,
    channels: settings.channels,
    pixels: bytes * index.names.length > inMemory ? source : new Uint8Array(await readFile(path)),
    names: index.names,
    labels: undefinedForNull(index.labels),
    captions: undefinedForNull(index.captions),
    splits: undefinedForNull(index.splits),
    originals: Int32Array.from(index.originals),
  });
  const { skipped, notes, fingerprint } = index;
  return { set, skipped, notes, fingerprint };
}

function indexOf({ set, skipped, notes, fingerprint }: DecodedPictures): z.infer<typeof indexSchema> {
  return {
    names: [...set.names],
    labels: Array.from(set.labels, (label) => set.classes[label] ?? null),
    captions: nullForUndefined(set.captions),
    splits: nullForUndefined(set.splits),
    originals: [...set.originals],
    skipped: [...skipped],
    notes: [...notes],
    fingerprint,
  };
}

/**
 * The dataset's pictures at the settings' size: those kept from an earlier time, or decoded now and then kept. Above 1 GB they stay in
 * the file and are read where they lie.
 * @throws NoPicturesError where none can be decoded; CacheWriteError; the signal's reason. Nothing half-made is left.
 */
export async function loadPictures(
  dataset: PictureDataset,
  settings: ImageSettings,
  { home, ...options }: OpenOptions & Pick<DecodePicturesOptions, "inFlight">,
): Promise<DecodedPictures> {
  const folder = join(home, "cache", "pictures", keyOf(dataset, settings));
  const kept = await read(folder, settings).catch(() => undefined); // Absent or damaged: made again.
  if (kept !== undefined) return kept;
  const parent = dirname(folder);
  const explain = (cause: unknown): unknown => explainUnwritable(folder, `The pictures of ${dataset.name}`, cause);
  let temporary: string;
  try {
    await mkdir(parent, { recursive: true });
    await removeAbandoned(parent);
    temporary = await mkdtemp(join(parent, ".partial-"));
  } catch (error) {
    throw explain(error);
  }
  try {
    const file = join(temporary, "pixels");
    const decoded = await decodePictures(dataset.records, settings, { ...options, file }, dataset.name);
    await writeFile(join(temporary, "pictures.json"), JSON.stringify(indexOf(decoded)));
    // A damaged copy, or one that another process has just finished: the same pictures.
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof Error && "syscall" in error ? explain(error) : error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return read(folder, settings);
}

/**
 * What a picture dataset is: records that are read one at a time, and a card that says where they come from, exactly which they are, and
 * what was left out.
 */
import { createHash } from "node:crypto";
import { AtelierError } from "@atelier/engine/errors";
import { z } from "zod";
import { cardSchema, type DatasetOrigin, type SkippedFile } from "../datasets/text-dataset.js";
import { NoPicturesError } from "../errors.js";
import type { Picture } from "./picture.js";
import type { PictureSplit } from "./picture-set.js";

export interface PictureRecord {
  /** Unique within its dataset: a path relative to the folder, a file and a number. */
  readonly name: string;
  readonly label?: string | undefined;
  readonly caption?: string | undefined;
  /** The part of the source's own division that it belongs to. */
  readonly split?: PictureSplit | undefined;
  /** The bytes of a picture file, or a picture where the source holds them decoded. @throws UnreadableFileError, FormatError. */
  readonly read: () => Promise<Uint8Array | Picture>;
}

export const pictureCardSchema = cardSchema
  .pick({ name: true, title: true, origin: true, licence: true, fingerprint: true, bytes: true, skipped: true })
  .extend({
    pictures: z.int().nonnegative(),
    /** How many pictures each class has, by name. Absent where there are no classes. */
    classes: z.record(z.string(), z.int().nonnegative()).optional(),
    /** How many pictures have a caption. */
    captions: z.int().nonnegative(),
    /** What holds for many at once: "12 pictures have no caption". Absent where there is nothing to say. */
    notes: z.array(z.string()).optional(),
  });

/** What travels into the card of every model trained on the dataset. */
export type PictureCard = Readonly<z.infer<typeof pictureCardSchema>>;

export interface PictureDataset {
  readonly name: string;
  readonly card: PictureCard;
  /** In order. */
  readonly records: readonly PictureRecord[];
}

/** Pictures that have been found but not read yet. */
export interface LocatedPictures {
  readonly origin: DatasetOrigin;
  readonly records: readonly PictureRecord[];
  readonly skipped: readonly SkippedFile[];
}

/** `1 picture`, `2 pictures`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** A hash of records as they are read: names, what is known of them, and bytes. */
export class PictureTally {
  private readonly hash = createHash("sha256");
  bytes = 0;

  add({ name, label, caption, split }: PictureRecord, content: Uint8Array | Picture): void {
    const isFile = content instanceof Uint8Array;
    const data = isFile ? content : content.data;
    const shape = isFile ? null : [content.width, content.height, content.channels];
    const head = [name, label ?? null, caption ?? null, split ?? null, shape, data.length];
    this.hash.update(`${JSON.stringify(head)}\n`).update(data);
    this.bytes += data.length;
  }

  /** `sha256:` and the SHA-256 of every record as a line of JSON ([name, label, caption, split, shape, bytes]) with its bytes after it. */
  fingerprint(): string {
    return `sha256:${this.hash.digest("hex")}`;
  }
}

function notesOn(records: readonly PictureRecord[]): string[] {
  const notes: string[] = [];
  const without = (what: string, missing: number): void => {
    if (missing > 0 && missing < records.length) {
      notes.push(`${counted(missing, "picture")} of ${records.length} ${missing === 1 ? "has" : "have"} no ${what}`);
    }
  };
  without("caption", records.filter(({ caption }) => caption === undefined).length);
  without("class", records.filter(({ label }) => label === undefined).length);
  return notes;
}

export interface DescribePicturesOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many records have been read. */
  readonly onRead?: ((done: number) => void) | undefined;
}

/** How many files are read at once: enough to keep a disk busy. */
const inFlight = 16;

/**
 * A dataset with its card, for which every record is read once. What cannot be read is left out and named in the card.
 * @throws NoPicturesError where none is left; the signal's reason.
 */
export async function describePictures(
  { origin, records, skipped }: LocatedPictures,
  { signal, onRead }: DescribePicturesOptions = {},
): Promise<PictureDataset> {
  const tally = new PictureTally();
  const kept: PictureRecord[] = [];
  const left = [...skipped];
  for (let from = 0; from < records.length; from += inFlight) {
    signal?.throwIfAborted();
    const some = records.slice(from, from + inFlight);
    const contents = await Promise.allSettled(some.map((record) => record.read()));
    contents.forEach((content, i) => {
      const record = some[i]!;
      if (content.status === "fulfilled") {
        tally.add(record, content.value);
        kept.push(record);
      } else if (AtelierError.isInstance(content.reason)) {
        left.push({ file: record.name, reason: content.reason.message });
      } else throw content.reason;
    });
    onRead?.(Math.min(from + inFlight, records.length));
  }
  if (kept.length === 0) throw noPictures(origin.name, left);
  const classes = new Map<string, number>();
  for (const { label } of kept) if (label !== undefined) classes.set(label, (classes.get(label) ?? 0) + 1);
  const notes = notesOn(kept);
  const { name, title, licence } = origin;
  const card: PictureCard = {
    name,
    title,
    origin: origin.origin,
    licence,
    fingerprint: tally.fingerprint(),
    pictures: kept.length,
    bytes: tally.bytes,
    captions: kept.filter(({ caption }) => caption !== undefined).length,
    ...(classes.size === 0 ? {} : { classes: Object.fromEntries([...classes].sort(([a], [b]) => (a < b ? -1 : 1))) }),
    ...(left.length === 0 ? {} : { skipped: left }),
    ...(notes.length === 0 ? {} : { notes }),
  };
  return { name, card, records: kept };
}

/** An error with the first reasons why nothing was left. */
export function noPictures(name: string, skipped: readonly SkippedFile[]): NoPicturesError {
  const reasons = skipped.slice(0, 3).map(({ file, reason }) => `${file}: ${reason}`);
  const more = skipped.length > 3 ? `; and ${skipped.length - 3} more` : "";
  return new NoPicturesError(
    `${name} has no picture that can be read${reasons.length === 0 ? "" : ` (${reasons.join("; ")}${more})`}`,
    { hint: "Give PNG, JPEG, WebP, GIF, SVG, AVIF or TIFF files, or an IDX or CIFAR file." },
  );
}

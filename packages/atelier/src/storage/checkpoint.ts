/**
 * A checkpoint: the whole state of a training at one step, as a single safetensors file. Its metadata hold the host's state as JSON and
 * a SHA-256 over the *whole file* (computed with the 64 digits of the hash itself set to zero), so that a file cut short, or
 * with any one bit flipped, in the data or in the header, is refused rather than trained on.
 */
import { createHash } from "node:crypto";
import { FormatError } from "@atelier/engine/errors";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "@atelier/engine/storage";
import { z } from "zod";
import { readWhole, writeAtomic } from "./atomic.js";
import { type JsonRecord, jsonRecord, parseJson } from "./json-file.js";

/** Tensors by path. */
export type TensorMap = ReadonlyMap<string, StoredTensor>;

export interface Checkpoint {
  readonly step: number;
  /** For example `trained`, `buffers`, `optimiser`: tree name to tensors by path. Tree names hold no slash. */
  readonly trees: Readonly<Record<string, TensorMap>>;
  /** What the host remembers besides: position in the data, best loss so far, … */
  readonly json: JsonRecord;
}

const FORMAT = "atelier checkpoint 1";
const NO_HASH = "0".repeat(64);
const HASH_FIELD = Buffer.from('"sha256":"');

const metadataSchema = z.object({
  format: z.literal(FORMAT),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  step: z.string().regex(/^\d+$/).transform(Number),
  trees: z.string(),
  json: z.string(),
});

/**
 * Where the hash's digits stand. The field is the file's first: inside other strings of the header its quotes would be escaped,
 * and a *tensor* of that name would be followed by an object.
 */
function hashPosition(bytes: Uint8Array): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(HASH_FIELD);
  return at < 0 ? -1 : at + HASH_FIELD.length;
}

/** Encodes a checkpoint as the chunks of its file. */
export function encodeCheckpoint({ step, trees, json }: Checkpoint): Uint8Array[] {
  const tensors = new Map<string, StoredTensor>();
  for (const [tree, leaves] of Object.entries(trees)) {
    for (const [path, tensor] of leaves) tensors.set(`${tree}/${path}`, tensor);
  }
  const chunks = encodeSafetensors(tensors, {
    sha256: NO_HASH,
    format: FORMAT,
    step: String(step),
    trees: JSON.stringify(Object.keys(trees)),
    json: JSON.stringify(json),
  });
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  const header = chunks[0]!;
  header.set(Buffer.from(hash.digest("hex")), hashPosition(header));
  return chunks;
}

/**
 * Decodes and verifies a checkpoint. Its tensors are views of `bytes`.
 *
 * @throws {FormatError} if a single bit is not as it was written, or the file is something else.
 */
export function decodeCheckpoint(bytes: Uint8Array, path: string): Checkpoint {
  const damaged = (reason: string): FormatError =>
    new FormatError(`${path} is damaged: ${reason}`, { hint: "go on from an earlier checkpoint, or restore the file" });
  const at = hashPosition(bytes.subarray(0, 1024));
  if (at < 0) throw new FormatError(`${path} is not a checkpoint of Atelier, or its start is damaged`);
  const claimed = Buffer.from(bytes.subarray(at, at + 64)).toString("latin1");
  const hash = createHash("sha256");
  hash
    .update(bytes.subarray(0, at))
    .update(NO_HASH)
    .update(bytes.subarray(at + 64));
  if (hash.digest("hex") !== claimed) throw damaged("its contents do not match its checksum");

  const { tensors, metadata } = decodeSafetensors(bytes);
  const known = metadataSchema.safeParse(metadata);
  if (!known.success) throw new FormatError(`${path} is a checkpoint of another version of Atelier`);
  const trees: Record<string, Map<string, StoredTensor>> = {};
  for (const tree of parseJson(known.data.trees, z.array(z.string()), path)) trees[tree] = new Map();
  for (const [name, tensor] of tensors) {
    const slash = name.indexOf("/");
    const tree = trees[name.slice(0, slash)];
    if (tree === undefined) throw damaged(`the tensor "${name}" belongs to no tree`);
    tree.set(name.slice(slash + 1), tensor);
  }
  return { step: known.data.step, trees, json: parseJson(known.data.json, jsonRecord, path) };
}

/** Writes a checkpoint atomically. @throws {DiskFullError} @throws {UnwritableError} */
export const writeCheckpoint = (path: string, checkpoint: Checkpoint): Promise<void> =>
  writeAtomic(path, encodeCheckpoint(checkpoint));

/** Reads and verifies a checkpoint. @throws {NotFoundError} @throws {FormatError} */
export const readCheckpoint = async (path: string): Promise<Checkpoint> =>
  decodeCheckpoint(await readWhole(path), path);

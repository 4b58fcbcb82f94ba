/** A model folder as Atelier opens it, of weights that its trainer did not make. */

import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { decodeSafetensors } from "@atelier/engine/storage";

export interface FolderContents {
  readonly family: string;
  readonly configuration: object;
  /** As JSON. */
  readonly codec: unknown;
  /** A safetensors file. */
  readonly weights: Uint8Array;
  readonly dataset?: object;
  readonly training?: object;
}

/** Writes a new folder; what is there already is an error. */
export async function writeModelFolder(folder: string, contents: FolderContents): Promise<void> {
  const { family, configuration, weights, dataset = {}, training = {} } = contents;
  const codec = Buffer.from(`${JSON.stringify(contents.codec, undefined, 1)}\n`);
  const described = (file: string, bytes: Uint8Array): object => ({
    file,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    bytes: bytes.byteLength,
  });
  const model = {
    format: 1,
    name: basename(folder),
    created: new Date().toISOString(),
    family,
    configuration,
    parameters: [...decodeSafetensors(weights).tensors.values()].reduce((sum, { data }) => sum + data.length, 0),
    weights: described("weights.safetensors", weights),
    codec: described("codec.json", codec),
    dataset,
    training,
  };
  await mkdir(folder);
  await writeFile(join(folder, "weights.safetensors"), weights);
  await writeFile(join(folder, "codec.json"), codec);
  await writeFile(join(folder, "model.json"), `${JSON.stringify(model, undefined, 2)}\n`);
}

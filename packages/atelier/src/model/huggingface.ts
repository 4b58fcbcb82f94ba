/** Imports a Hugging Face GPT-2 folder: `config.json`, `model.safetensors`, `tokenizer.json`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BpeCodec, parseTokenizerJson } from "@atelier/data";
import { FormatError, type HostTensor, type TreeRecord, treeFromPaths } from "@atelier/engine";
import { decodeSafetensors } from "@atelier/engine/storage";
import { type Activation, classicGpt, type GptConfiguration, huggingFaceNames } from "@atelier/models";
import { z } from "zod";
import { parseJson } from "../storage/index.js";

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu_new: "gelu-tanh",
  gelu_pytorch_tanh: "gelu-tanh",
  gelu: "gelu",
};

/** GPT-2's configuration, and the switches that would change what it computes, which must stand at their defaults. */
const configSchema = z.object({
  model_type: z.literal("gpt2"),
  vocab_size: z.int(),
  n_positions: z.int(),
  n_layer: z.int(),
  n_head: z.int(),
  n_embd: z.int(),
  n_inner: z.int().nullish(),
  activation_function: z.enum(["gelu_new", "gelu_pytorch_tanh", "gelu"]),
  layer_norm_epsilon: z.literal(1e-5),
  scale_attn_weights: z.literal(true).default(true),
  scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
  tie_word_embeddings: z.literal(true).default(true),
});

export interface ImportedGpt {
  readonly configuration: GptConfiguration;
  readonly weights: TreeRecord<HostTensor>;
  readonly codec: BpeCodec;
}

/** @throws {FormatError} naming the file and what in it is missing or not supported. */
export async function importHuggingFace(folder: string): Promise<ImportedGpt> {
  const read = async (name: string): Promise<Buffer> => {
    try {
      return await readFile(join(folder, name));
    } catch (cause) {
      throw new FormatError(`${folder} has no readable ${name}`, {
        cause,
        hint: "A GPT-2 folder holds config.json, model.safetensors and tokenizer.json.",
      });
    }
  };
  const config = parseJson((await read("config.json")).toString("utf8"), configSchema, join(folder, "config.json"));
  const tokenizer = parseJson(
    (await read("tokenizer.json")).toString("utf8"),
    z.unknown(),
    join(folder, "tokenizer.json"),
  );
  const { tensors } = decodeSafetensors(await read("model.safetensors"));
  const configuration = classicGpt(
    {
      vocabulary: config.vocab_size,
      context: config.n_positions,
      layers: config.n_layer,
      heads: config.n_head,
      width: config.n_embd,
    },
    { hidden: config.n_inner ?? 4 * config.n_embd, activation: ACTIVATIONS[config.activation_function]! },
  );
  const entries = huggingFaceNames(config.n_layer).map(({ ours, theirs }): [string, HostTensor] => {
    // Checkpoints of the bare model leave the prefix out.
    const tensor = tensors.get(theirs) ?? tensors.get(theirs.replace(/^transformer\./, ""));
    if (tensor === undefined) throw new FormatError(`${join(folder, "model.safetensors")} has no tensor "${theirs}"`);
    return [ours, tensor];
  });
  return { configuration, weights: treeFromPaths(entries), codec: parseTokenizerJson(tokenizer) };
}

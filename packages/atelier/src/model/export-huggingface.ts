/**
 * A model as a Hugging Face GPT-2 folder: `config.json`, `model.safetensors`, `tokenizer.json`. Only a GPT of GPT-2's own shape with a
 * byte-level BPE codec is one; others are refused, naming what is different.
 */
import { join } from "node:path";
import { flattenTree, type HostTensor } from "@atelier/engine";
import { ArgumentError } from "@atelier/engine/errors";
import { encodeSafetensors, type StoredTensor } from "@atelier/engine/storage";
import { huggingFaceNames, type TransformerConfiguration } from "@atelier/models";
import { z } from "zod";
import { exists, makeFolder, writeAtomic, writeJsonAtomic } from "../storage/index.js";
import type { LoadedTextModel } from "./load.js";

const ACTIVATIONS: Partial<Readonly<Record<TransformerConfiguration["activation"], string>>> = {
  gelu: "gelu",
  "gelu-tanh": "gelu_new",
};

const codecSchema = z.object({
  codec: z.literal("bpe"),
  tokens: z.array(z.string()),
  merges: z.array(z.tuple([z.int(), z.int()])),
  specials: z.record(z.string(), z.int()),
});

/** @throws {ArgumentError} for a model of another shape, or a folder that is there already. */
export async function exportHuggingFace(
  { model, weights, record }: LoadedTextModel,
  out: string,
  store: (tensor: HostTensor) => StoredTensor,
): Promise<number> {
  const c = model.configuration;
  const codec = codecSchema.safeParse(model.codec.toJSON());
  const differences = differencesFromGpt2(record.family, c);
  if (!codec.success) differences.push(`codec ${model.codec.name} in place of bpe`);
  if (!codec.success || differences.length > 0) {
    throw new ArgumentError(`${record.name} has not the shape of GPT-2: ${differences.join(", ")}`, {
      hint: "Export it as onnx or safetensors, or train one with the preset classic and the codec bpe.",
    });
  }
  if (await exists(out)) throw new ArgumentError(`${out} is there already`, { hint: "Choose another folder." });
  const ours = new Map(flattenTree<HostTensor>(weights));
  const named = huggingFaceNames(c.layers).map((name): [string, StoredTensor] => [
    name.theirs,
    store(ours.get(name.ours)!),
  ]);
  const chunks = encodeSafetensors(new Map(named), { format: "pt" });
  const end = codec.data.specials["<|endoftext|>"] ?? null;
  await makeFolder(out);
  await writeJsonAtomic(join(out, "config.json"), {
    architectures: ["GPT2LMHeadModel"],
    model_type: "gpt2",
    vocab_size: c.vocabulary,
    n_positions: c.context,
    n_layer: c.layers,
    n_head: c.heads,
    n_embd: c.width,
    n_inner: c.hidden,
    activation_function: ACTIVATIONS[c.activation],
    layer_norm_epsilon: 1e-5,
    tie_word_embeddings: true,
    bos_token_id: end,
    eos_token_id: end,
  });
  await writeJsonAtomic(join(out, "tokenizer.json"), tokenizerJson(codec.data));
  await writeAtomic(join(out, "model.safetensors"), chunks);
  return chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
}

function differencesFromGpt2(family: string, c: TransformerConfiguration): string[] {
  const differences = family === "gpt" ? [] : [`family ${family} in place of gpt`];
  const gpt2 = {
    positions: "learned",
    norm: "layer",
    bias: true,
    queryKeyNorm: false,
    tiedHead: true,
    keyValueHeads: c.heads,
  } as const;
  for (const key of ["positions", "norm", "bias", "queryKeyNorm", "tiedHead", "keyValueHeads"] as const) {
    if (c[key] !== gpt2[key]) differences.push(`${key} ${c[key]} in place of ${gpt2[key]}`);
  }
  if (ACTIVATIONS[c.activation] === undefined) differences.push(`activation ${c.activation} in place of gelu`);
  return differences;
}

/** https://huggingface.co/docs/tokenizers/api/models */
function tokenizerJson({ tokens, merges, specials }: z.infer<typeof codecSchema>): object {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: Object.entries(specials).map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(([left, right]) => [tokens[left], tokens[right]]),
    },
  };
}

/**
 * Hugging Face's `tokenizer.json`, as far as it describes GPT-2's byte-level BPE: a vocabulary in the byte alphabet, ranked merges, added
 * special tokens. Other kinds of tokenizer are refused, naming what they are and what is different about them.
 * https://huggingface.co/docs/tokenizers/api/models
 */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { BpeCodec } from "./bpe.js";

const schema = z.object({
  normalizer: z.null({ error: "a normalizer changes the text before it is split" }).optional(),
  pre_tokenizer: z.object({
    type: z.literal("ByteLevel"),
    add_prefix_space: z.literal(false, { error: "a space is put before the text" }).optional(),
    use_regex: z.literal(true).optional(),
  }),
  added_tokens: z
    .array(
      z.object({
        id: z.int().min(0),
        content: z.string().min(1),
        lstrip: z.literal(false, { error: "the token takes the spaces before it with it" }).optional(),
        rstrip: z.literal(false, { error: "the token takes the spaces behind it with it" }).optional(),
        single_word: z.literal(false, { error: "the token is read only where it stands alone" }).optional(),
      }),
    )
    .default([]),
  model: z.object({
    type: z.literal("BPE").optional(),
    vocab: z.record(z.string(), z.int().min(0)),
    /** `"a b"` in older files, `["a", "b"]` in newer ones. */
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
    byte_fallback: z.literal(false).optional(),
    ignore_merges: z
      .literal(false, { error: "words of the vocabulary are taken whole, whatever the merges" })
      .optional(),
    continuing_subword_prefix: z.union([z.null(), z.literal("")]).optional(),
    end_of_word_suffix: z.union([z.null(), z.literal("")]).optional(),
  }),
});

const named = z.looseObject({ type: z.string().optional() });

/** What tells one kind of tokenizer from another, read without asking that anything be there. */
const kindSchema = z.looseObject({
  normalizer: named.nullish().catch(undefined),
  pre_tokenizer: named
    .extend({ pretokenizers: z.array(named).optional().catch(undefined) })
    .nullish()
    .catch(undefined),
  model: z.looseObject({ type: z.string().optional(), vocab: z.unknown().optional() }).nullish().catch(undefined),
});

/** `a WordPiece tokenizer (normalizer BertNormalizer, pre_tokenizer BertPreTokenizer)` */
function kindOf(json: unknown): string {
  const parsed = kindSchema.safeParse(json);
  const { model, normalizer, pre_tokenizer: cut } = parsed.data ?? {};
  if (model === undefined || model === null) return "no tokenizer: it has no model";
  // Older files do not name the model: Unigram lists its tokens with their scores, BPE has merges.
  const { type = Array.isArray(model.vocab) ? "Unigram" : "merges" in model ? "BPE" : "WordPiece or WordLevel" } =
    model;
  const parts = [
    `normalizer ${normalizer?.type ?? "none"}`,
    `pre_tokenizer ${cut?.pretokenizers?.map((part) => part.type).join(" and ") ?? cut?.type ?? "none"}`,
  ];
  return `a ${type} tokenizer (${parts.join(", ")})`;
}

/** @throws {FormatError} naming the kind of tokenizer and the field that is wrong or not supported. */
export function parseTokenizerJson(json: unknown): BpeCodec {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new FormatError(
      `This tokenizer.json is ${kindOf(json)}, no byte-level BPE as GPT-2 has it: ${issue.path.join(".")}: ${issue.message}`,
      {
        hint: "Tokenizers of GPT-2's kind can be read; others (WordPiece, Unigram, SentencePiece, another pre-tokenizer) cannot. Train a codec on your text instead.",
      },
    );
  }
  const { model, added_tokens: added } = parsed.data;
  const ids = new Map(Object.entries(model.vocab));
  for (const { id, content } of added) ids.set(content, id);
  const tokens = new Array<string | undefined>(ids.size);
  for (const [token, id] of ids) {
    if (id >= tokens.length || tokens[id] !== undefined) {
      throw new FormatError(
        `This tokenizer.json numbers its ${ids.size} tokens with a gap or twice: ${JSON.stringify(token)} is ${id}`,
      );
    }
    tokens[id] = token;
  }
  const idOf = (token: string, rank: number): number => {
    const id = ids.get(token);
    if (id === undefined)
      throw new FormatError(`This tokenizer.json merges ${JSON.stringify(token)} (merge ${rank}), which is no token`);
    return id;
  };
  const merges = model.merges.map((merge, rank): [number, number] => {
    const [left, right] = typeof merge === "string" ? merge.split(" ") : merge;
    return [idOf(left ?? "", rank), idOf(right ?? "", rank)];
  });
  return new BpeCodec(tokens as string[], merges, Object.fromEntries(added.map(({ id, content }) => [content, id])));
}

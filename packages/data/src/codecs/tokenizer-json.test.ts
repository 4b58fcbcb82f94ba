import { FormatError } from "@atelier/engine/errors";
import { describe, expect, it } from "vitest";
import { bytesToAlphabet } from "./byte-alphabet.js";
import { parseTokenizerJson } from "./tokenizer-json.js";

/** All 256 bytes, two merges ("he", then "hel") and a special token in front, as Hugging Face writes them. */
function tokenizer(merges: readonly unknown[] = ["h e", "he l"]) {
  const bytes = Array.from({ length: 256 }, (_, byte) => bytesToAlphabet(Uint8Array.of(byte)));
  const tokens = ["<|endoftext|>", ...bytes, "he", "hel"];
  return {
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
    added_tokens: [{ id: 0, content: "<|endoftext|>", special: true }],
    model: { type: "BPE", vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  };
}

describe("parseTokenizerJson", () => {
  it("encodes by ranked merges over the bytes, in both spellings of merges", () => {
    // h = 104, e = 101, l = 108, o = 111, each one up behind the special token; "he" is 257, "hel" 258.
    for (const merges of [
      ["h e", "he l"],
      [
        ["h", "e"],
        ["he", "l"],
      ],
    ]) {
      const codec = parseTokenizerJson(tokenizer(merges));
      expect([...codec.encode("hello")]).toEqual([258, 109, 112]);
      expect([...codec.encode("<|endoftext|>he", { specials: true })]).toEqual([0, 257]);
      expect(codec.decode([258, 109, 112])).toBe("hello");
    }
  });

  it("refuses what it would read wrongly, naming the field", () => {
    const sentencePiece = { ...tokenizer(), pre_tokenizer: { type: "Metaspace" } };
    expect(() => parseTokenizerJson(sentencePiece)).toThrow("pre_tokenizer.type");
    expect(() => parseTokenizerJson({ ...tokenizer(), normalizer: { type: "NFC" } })).toThrow("normalizer");
    expect(() => parseTokenizerJson(tokenizer(["zz e"]))).toThrow("which is no token");
  });

  const byteLevel = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
  it.each([
    [
      "BERT's",
      "a WordPiece tokenizer (normalizer BertNormalizer, pre_tokenizer BertPreTokenizer)",
      {
        normalizer: { type: "BertNormalizer", lowercase: true },
        pre_tokenizer: { type: "BertPreTokenizer" },
        added_tokens: [{ id: 0, content: "[PAD]" }],
        model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", vocab: { "[PAD]": 0 } },
      },
    ],
    [
      "T5's",
      "a Unigram tokenizer (normalizer Precompiled, pre_tokenizer WhitespaceSplit and Metaspace)",
      {
        normalizer: { type: "Precompiled", precompiled_charsmap: "" },
        pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Metaspace" }] },
        model: { unk_id: 2, vocab: [["<pad>", 0]] },
      },
    ],
    [
      "Llama 2's",
      "a BPE tokenizer (normalizer Sequence, pre_tokenizer none)",
      {
        normalizer: { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }] },
        pre_tokenizer: null,
        model: { type: "BPE", byte_fallback: true, vocab: { "<unk>": 0 }, merges: [] },
      },
    ],
    [
      "Llama 3's",
      "a BPE tokenizer (normalizer none, pre_tokenizer Split and ByteLevel)",
      {
        ...tokenizer(),
        pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Split", pattern: { Regex: "x" } }, byteLevel] },
      },
    ],
    ["something else", "no tokenizer", { version: "1.0" }],
    ["no object", "no tokenizer", [1]],
  ])("says what %s is", (_, kind, json) => {
    expect(() => parseTokenizerJson(json)).toThrow(FormatError);
    expect(() => parseTokenizerJson(json)).toThrow(`This tokenizer.json is ${kind}`);
  });

  it("refuses special tokens that swallow spaces, and vocabularies that pass the merges by", () => {
    const mask = { id: 0, content: "<|endoftext|>", lstrip: true, rstrip: false, single_word: false };
    expect(() => parseTokenizerJson({ ...tokenizer(), added_tokens: [mask] })).toThrow("added_tokens.0.lstrip");
    const { model, ...rest } = tokenizer();
    expect(() => parseTokenizerJson({ ...rest, model: { ...model, ignore_merges: true } })).toThrow("ignore_merges");
  });
});

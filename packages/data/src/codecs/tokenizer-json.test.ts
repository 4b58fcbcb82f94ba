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
});

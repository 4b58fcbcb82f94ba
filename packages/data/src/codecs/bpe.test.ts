import { readFileSync } from "node:fs";
import { ArgumentError, FormatError } from "@atelier/engine/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { EmptyTextError } from "../errors.js";
import { BpeCodec } from "./bpe.js";
import { loadTextCodec } from "./load.js";

/** A vocabulary and encodings made by Hugging Face's tokenizers. */
const fixture = z
  .object({
    tokens: z.array(z.string()),
    merges: z.array(z.tuple([z.number(), z.number()])),
    specials: z.record(z.string(), z.number()),
    texts: z.array(z.string()),
    input_ids: z.array(z.array(z.number())),
    decoded: z.array(z.string()),
  })
  .parse(JSON.parse(readFileSync(new URL("./fixtures/gpt2-tiny-tokenizer.json", import.meta.url), "utf8")));

const foreign = new BpeCodec(fixture.tokens, fixture.merges, fixture.specials);
const trained = BpeCodec.train(
  [
    "Call me Ishmael. Some years ago—never mind how long precisely—having little or no money, ".repeat(3),
    "naïve 😀😀 日本",
  ],
  {
    vocabulary: 320,
  },
);

describe("a vocabulary from elsewhere", () => {
  it.each(fixture.texts.map((text, i) => [text, fixture.input_ids[i], fixture.decoded[i]] as const))(
    "encodes and decodes %j as Hugging Face does",
    (text, ids, decoded) => {
      expect([...foreign.encode(text, { specials: true })]).toEqual(ids);
      expect(foreign.decode(ids ?? [])).toBe(decoded);
    },
  );
});

describe.each([
  ["from elsewhere", foreign],
  ["trained here", trained],
])("a codec %s", (_, codec) => {
  it("brings any bytes back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const ids = codec.encodeBytes(bytes);
        expect(codec.decodeBytes(ids)).toEqual(bytes);
        expect(codec.bytesOf(ids)).toBe(bytes.length);
      }),
    );
  });

  it("brings any text back, and encodes its bytes to the same ids", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const ids = codec.encode(text);
        expect(codec.decode(ids)).toBe(text);
        expect(codec.encodeBytes(new TextEncoder().encode(text))).toEqual(ids);
      }),
    );
  });

  it("streams what decode gives at once, never half a character", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(codec.spec.vocabulary - 1), { maxLength: 60 }), (ids) => {
        const decoder = codec.streamDecoder();
        const parts = ids.map((id) => decoder.push(id));
        expect(parts.join("") + decoder.end()).toBe(codec.decode(ids));
      }),
    );
    const text = "a😀é日";
    const decoder = codec.streamDecoder();
    const parts = [...codec.encode(text)].map((id) => decoder.push(id));
    expect(parts.join("")).toBe(text);
    expect(parts.join("")).not.toContain("\ufffd");
  });

  it("is the same codec after a trip through JSON", () => {
    const again = loadTextCodec(JSON.parse(JSON.stringify(codec)));
    expect(again.spec).toEqual(codec.spec);
    const text = "He's naïve: 12 whales, 3 o'clock 😀 <|endoftext|>";
    expect(again.encode(text, { specials: true })).toEqual(codec.encode(text, { specials: true }));
  });
});

describe("special tokens", () => {
  const end = trained.spec.specials["<|endoftext|>"]!;

  it("are read only when asked", () => {
    const text = "one<|endoftext|>two";
    expect([...trained.encode(text)]).not.toContain(end);
    const ids = trained.encode(text, { specials: true });
    expect([...ids].filter((id) => id === end)).toHaveLength(1);
    expect(trained.decode(ids)).toBe(text);
    expect(trained.decode(ids, { specials: false })).toBe("onetwo");
    expect(trained.bytesOf(ids)).toBe(6);
  });

  it("are the last ids of a trained vocabulary", () => {
    expect(end).toBe(trained.spec.vocabulary - 1);
  });

  it("that contain one another are read longest first", () => {
    const codec = BpeCodec.train(["some text"], { vocabulary: 300, specials: ["<a>", "<a><b>"] });
    const { "<a>": a, "<a><b>": ab } = codec.spec.specials;
    expect([...codec.encode("<a><b><a>", { specials: true })]).toEqual([ab, a]);
  });
});

it("trains and encodes the well-known example", () => {
  // aaabdaaabac → XdXac, X = token 258.
  const codec = BpeCodec.train(["aaabdaaabac"], { vocabulary: 1000, specials: [] });
  expect(codec.spec.vocabulary).toBe(259);
  expect([...codec.encode("aaabdaaabac")]).toEqual([258, 100, 258, 97, 99]);
  expect(codec.preview(codec.encode("aaabd\n"))).toBe("aaab|d|\\n");
  expect(codec.preview(Int32Array.of(0xff, 97, 97), 2)).toBe("\\xff|a|…");
});

it("encodes a single word of half a million letters", () => {
  const text = "a".repeat(500_001);
  const codec = BpeCodec.train(["aaabdaaabac"], { vocabulary: 1000 });
  const ids = codec.encode(text);
  expect(ids.length).toBe(250_001);
  expect(codec.decode(ids)).toBe(text);
});

describe("bad input", () => {
  it("is refused by name", () => {
    expect(() => BpeCodec.train(["x"], { vocabulary: 100 })).toThrow(ArgumentError);
    expect(() => BpeCodec.train([], { vocabulary: 300 })).toThrow(EmptyTextError);
    expect(() => trained.decode([trained.spec.vocabulary])).toThrow(/Token id \d+ is outside the vocabulary/);
    expect(() => trained.decode([-1])).toThrow(ArgumentError);
    expect(() => new BpeCodec(fixture.tokens.slice(0, 100), [])).toThrow(/no token for the byte/);
    expect(() => new BpeCodec(fixture.tokens, [[1, 2]], fixture.specials)).toThrow(/Merge 0/);
  });

  it.each([[null], [{}], [{ kind: "tokens", codec: "word" }], [{ kind: "tokens", codec: "bpe", tokens: [] }]])(
    "%j is no codec",
    (json) => {
      expect(() => loadTextCodec(json)).toThrow(FormatError);
    },
  );
});

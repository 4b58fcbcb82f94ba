import { BpeCodec, CharacterCodec, TokenStream } from "@atelier/data";
import { describe, expect, it } from "vitest";
import { beginningText, documentsOf } from "./stream-text.js";

describe("the documents of a stream", () => {
  const texts = ["one two", "", "trois", "vier fünf"];

  it("come back as they went in, where their ends are marked", async () => {
    const codec = BpeCodec.train(texts, { vocabulary: 270 });
    const stream = await TokenStream.fromDocuments(
      texts.map((text) => ({ text })),
      codec,
    );
    expect([...documentsOf(stream, codec)]).toEqual(texts);
  });

  it("are one where they are not", async () => {
    const codec = CharacterCodec.fromTexts(texts);
    const stream = await TokenStream.fromDocuments(
      texts.map((text) => ({ text })),
      codec,
    );
    expect([...documentsOf(stream, codec)]).toEqual([texts.join("")]);
    expect(beginningText(stream, codec, 7)).toBe("one two");
  });

  it("come in pieces where they are long, and nothing is lost or doubled", async () => {
    const codec = BpeCodec.train(["ab"], { vocabulary: 257 });
    const end = codec.spec.specials["<|endoftext|>"]!;
    const [a] = codec.encode("a");
    // A document of 1.5 pieces, one that crosses the border of two, and a short one.
    const lengths = [1_500_000, 1_000_000, 3];
    const ids = lengths.flatMap((length, i) => [...(i > 0 ? [end] : []), ...new Array<number>(length).fill(a!)]);
    const pieces = [...documentsOf(new TokenStream(Int32Array.from(ids)), codec)].map((piece) => piece.length);
    expect(pieces.reduce((sum, length) => sum + length, 0)).toBe(2_500_003);
    expect(pieces.at(-1)).toBe(3);
    expect(pieces.at(-2)).toBe(1_000_000);
    expect(Math.max(...pieces)).toBeLessThanOrEqual(1 << 20);
  });
});

import { FormatError } from "@atelier/engine/errors";
import { RandomKey } from "@atelier/engine/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BpeCodec } from "./bpe.js";
import { CodeCodec } from "./code.js";
import { FillInTheMiddle } from "./fill-in-the-middle.js";

const source = `export function add(a: number, b: number): number {
  const sum = a + b;
  return sum; // größer 😀
}

export const twice = (x: number): number => {
  return add(x, x);
};
`;
/** Without merges every byte is a token: id = byte, and the special tokens are 256 … 259. */
const bytesOnly = CodeCodec.train(["ab"], { vocabulary: 260 });
const codec = CodeCodec.train([source.repeat(3)], { vocabulary: 400 });
const [end, prefixId, suffixId, middleId] = [256, 257, 258, 259] as const;

/** Reads a rearranged row back by its special tokens alone. */
function readBack(by: CodeCodec, row: Int32Array) {
  const { specials } = by.spec;
  const ids = [...row];
  const at = (name: string) => ids.indexOf(specials[name]!);
  const [p, s, m] = [at("<|fim_prefix|>"), at("<|fim_suffix|>"), at("<|fim_middle|>")];
  const e = ids.indexOf(specials["<|endoftext|>"]!, m);
  return {
    before: ids.slice(0, p),
    prefix: ids.slice(p + 1, s),
    suffix: ids.slice(s + 1, m),
    middle: ids.slice(m + 1, e),
    behind: ids.slice(e + 1),
  };
}

describe("a row of bytes", () => {
  const text = "let a = 1;\nlet b = 2;\nlet c = 3;\nlet d = 4;\n";
  const row = bytesOnly.encode(text);
  const rowOf = (seed: number) => bytesOnly.fill.rearrange(row, RandomKey.fromSeed(seed));
  const written = (seed: number) => bytesOnly.decode(rowOf(seed));

  it("is prefix, suffix, middle, end, the suffix shorter by the four tokens that take its place", () => {
    expect(written(1)).toBe(
      "<|fim_prefix|>let a = 1;\n<|fim_suffix|>2;\nlet c = 3;\nlet d =<|fim_middle|>let b = <|endoftext|>",
    );
    expect([...rowOf(1)]).toEqual([
      prefixId,
      ...Buffer.from("let a = 1;\n"),
      suffixId,
      ...Buffer.from("2;\nlet c = 3;\nlet d ="),
      middleId,
      ...Buffer.from("let b = "),
      end,
    ]);
    expect(written(3)).toBe(
      "<|fim_prefix|><|fim_suffix|> d =<|fim_middle|>let a = 1;\nlet b = 2;\nlet c = 3;\nlet<|endoftext|>",
    );
    // A whole line; the suffix was one line break, so the prefix begins three bytes later.
    expect(written(2)).toBe(
      "<|fim_prefix|> a = 1;\nlet b = 2;\nlet c = 3;\n<|fim_suffix|><|fim_middle|>let d = 4;<|endoftext|>",
    );
    expect(rowOf(1)).toHaveLength(row.length);
  });

  it("is the same for the same key only", () => {
    expect(rowOf(7)).toEqual(rowOf(7));
    expect(new Set(Array.from({ length: 50 }, (_, seed) => written(seed))).size).toBeGreaterThan(25);
  });

  it("has whole lines for a middle half of the time, one line in half of these", () => {
    const lines = Array.from({ length: 40 }, (_, i) => `let a${i} = ${i * i};`);
    const long = bytesOnly.encode(`${lines.join("\n\n")}\n`);
    const n = 4000;
    let whole = 0;
    let single = 0;
    for (let seed = 0; seed < n; seed++) {
      const { middle } = readBack(bytesOnly, bytesOnly.fill.rearrange(long, RandomKey.fromSeed(seed)));
      const found = new TextDecoder().decode(Uint8Array.from(middle)).split("\n");
      if (!lines.includes(found[0]!) || !["", ...lines].includes(found.at(-1)!)) continue;
      whole++;
      if (found.length === 1) single++;
    }
    // Of the 0.3 million spans between two characters some 1,600 are whole lines: no matter here.
    expect(Math.abs(whole / n - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / n));
    // Half of the draws, and all of the last line's, which is one in 40.
    expect(Math.abs(single / whole - (1 / 2 + 1 / 80))).toBeLessThan(4 * Math.sqrt(0.5 / n));
  });

  it("keeps what stands around its longest document", () => {
    const framed = Int32Array.of(120, end, ...row, end, 121, 122);
    let rearranged = 0;
    for (let seed = 0; seed < 100; seed++) {
      const result = bytesOnly.fill.rearrange(framed, RandomKey.fromSeed(seed));
      expect(result).toHaveLength(framed.length);
      if (!result.includes(middleId)) continue; // a middle that leaves no room for the special tokens
      rearranged++;
      const { before, prefix, suffix, middle, behind } = readBack(bytesOnly, result);
      expect(before).toEqual([120, end]);
      expect(behind).toEqual([121, 122]);
      // Three tokens short: the end of the document was there already.
      expect(prefix.length + suffix.length + middle.length).toBe(row.length - 3);
    }
    expect(rearranged).toBeGreaterThan(90);
  });

  it("comes back as it is where there is too little text", () => {
    for (const short of [[], [end], [97, 98, 99, 100], [97, 98, 99, end, 97, 98], [end, end]]) {
      const given = Int32Array.from(short);
      const result = bytesOnly.fill.rearrange(given, RandomKey.fromSeed(1));
      expect(result).toEqual(given);
      expect(result).not.toBe(given);
    }
  });
});

it("gives back the window's text when the parts are put together, whatever the window", () => {
  const utf8 = new TextEncoder();
  const texts = fc.array(fc.constantFrom("return", " sum", "\n", "  ", "é", "😀", "\t", "};\n", "\r\n", "x", "add("), {
    minLength: 30,
    maxLength: 120,
  });
  fc.assert(
    fc.property(texts, fc.nat(1000), fc.nat(40), (parts, seed, skipped) => {
      // Windows begin and end anywhere, also within a character.
      const window = codec.encode(parts.join("")).subarray(skipped % 7);
      const bytes = Buffer.from(codec.decodeBytes(window));
      const result = codec.fill.rearrange(window, RandomKey.fromSeed(seed));
      expect(result).toHaveLength(window.length);
      if (!result.includes(codec.spec.specials["<|fim_middle|>"]!)) return;
      const { prefix, middle, suffix } = readBack(codec, result);
      const whole = Buffer.from(codec.decodeBytes([...prefix, ...middle, ...suffix]));
      const at = bytes.indexOf(whole);
      expect(at).toBeGreaterThanOrEqual(0);
      // Cuts are between characters, so the parts are encoded as texts of their own are.
      if (at === 0 && suffix.length > 0 && skipped % 7 === 0) {
        const text = new TextDecoder().decode(codec.decodeBytes(middle));
        expect(codec.encodeBytes(utf8.encode(text))).toEqual(Int32Array.from(middle));
      }
      // Next to nothing is dropped: the special tokens, and what two cuts within tokens cost.
      expect(window.length - prefix.length - middle.length - suffix.length).toBe(4);
    }),
    { numRuns: 300 },
  );
});

describe("a prompt", () => {
  it("is prefix, suffix, and the place of the middle", () => {
    expect([...bytesOnly.fill.fillPrompt("ab", "c")]).toEqual([prefixId, 97, 98, suffixId, 99, middleId]);
    expect([...bytesOnly.fill.fillPrompt("", "")]).toEqual([prefixId, suffixId, middleId]);
    // Special tokens written in the text are text.
    expect(bytesOnly.fill.fillPrompt("<|fim_middle|>", "")).toHaveLength(14 + 3);
  });

  it("keeps within a limit what lies next to the gap", () => {
    const short = (limit: number) => bytesOnly.decode(bytesOnly.fill.fillPrompt("abcdefghij", "0123456789", limit));
    expect(short(11)).toBe("<|fim_prefix|>efghij<|fim_suffix|>01<|fim_middle|>");
    expect(short(18)).toBe("<|fim_prefix|>abcdefghij<|fim_suffix|>01234<|fim_middle|>");
    expect(short(3)).toBe("<|fim_prefix|><|fim_suffix|><|fim_middle|>");
    expect(bytesOnly.decode(bytesOnly.fill.fillPrompt("abcdefghij", "0", 9))).toBe(
      "<|fim_prefix|>fghij<|fim_suffix|>0<|fim_middle|>",
    );
  });
});

it("needs its special tokens", () => {
  expect(() => new FillInTheMiddle(BpeCodec.train(["ab"], { vocabulary: 300 }))).toThrow(FormatError);
  expect(() => new FillInTheMiddle(BpeCodec.train(["ab"], { vocabulary: 300 }))).toThrow("<|fim_prefix|>");
});

import { describe, expect, it } from "vitest";
import { TextScan } from "./text-scan.js";

function scanned(text: string) {
  const scan = new TextScan();
  scan.scan(text);
  const { characters, visible, letters, words, hashHigh, hashLow } = scan;
  return {
    characters,
    visible,
    letters,
    words,
    hash: [hashHigh, hashLow],
    hashes: [...scan.wordHashes.slice(0, words)],
  };
}

describe("one pass over a text", () => {
  it.each([
    ["", 0, 0, 0, 0],
    ["  \n\t ", 5, 0, 0, 0],
    ["Call me Ishmael.", 16, 14, 13, 3],
    ["Don't — stop; 3.14 or 42!", 25, 20, 10, 7],
    ["Ahab\u2019s  naïve Größe", 19, 16, 15, 4],
    // Two ideographs, and a hiragana: each a word.
    ["白鯨は swims", 9, 8, 8, 4],
    // One character of two code units.
    ["a 𝒳 b", 5, 4, 4, 3],
  ])("%j: %i characters, %i visible, %i letters, %i words", (text, characters, visible, letters, words) => {
    expect(scanned(text)).toMatchObject({ characters, visible, letters, words });
  });

  it("hashes words without case and punctuation, and tells different ones apart", () => {
    expect(scanned("The WHALE, the whale!").hashes).toEqual(scanned("the-whale the...whale").hashes);
    const [the, whale, again] = scanned("the whale the").hashes;
    expect(again).toBe(the);
    expect(whale).not.toBe(the);
    const words = Array.from({ length: 5000 }, (_, i) => `w${i}`);
    expect(new Set(scanned(words.join(" ")).hashes).size).toBe(5000);
  });

  it("hashes the text without regard to how it is spaced, but to everything else", () => {
    const { hash } = scanned("Call me Ishmael.\n\nSome years ago");
    for (const same of ["Call me Ishmael. Some years ago", "  Call\tme\u00a0Ishmael.\r\nSome  years ago \n"]) {
      expect(scanned(same).hash).toEqual(hash);
    }
    for (const other of [
      "Callme Ishmael. Some years ago",
      "call me Ishmael. Some years ago",
      "Call me Ishmael, Some years ago",
    ]) {
      expect(scanned(other).hash).not.toEqual(hash);
    }
  });

  it("has no collision among 100,000 short texts, in either half hardly any", () => {
    const scan = new TextScan();
    const [whole, high, low] = [new Set<string>(), new Set<number>(), new Set<number>()];
    for (let i = 0; i < 100_000; i++) {
      scan.scan(`document ${i}`);
      whole.add(`${scan.hashHigh} ${scan.hashLow}`);
      high.add(scan.hashHigh);
      low.add(scan.hashLow);
    }
    expect(whole.size).toBe(100_000);
    // n² / 2^33 = 1.2 are expected of 32 random bits.
    expect(100_000 - high.size).toBeLessThan(10);
    expect(100_000 - low.size).toBeLessThan(10);
  });

  it("forgets the text before", () => {
    const scan = new TextScan();
    scan.scan("a long text ".repeat(1000));
    scan.scan("Call me");
    expect([scan.words, scan.characters]).toEqual([2, 7]);
    expect([...scan.wordHashes.slice(0, 2)]).toEqual(scanned("Call me").hashes);
  });
});

/** Verbatim runs against brute force over all substrings; memorisation on texts with planted copies. */
import { ArgumentError, RandomKey } from "@atelier/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COPY_LENGTH, heldOutPassages, memorisation } from "./memorisation.js";
import { VerbatimIndex } from "./verbatim.js";

/** The first of the longest substrings of a text that occur in one of the documents. */
function byDefinition(text: string, documents: readonly string[]): { length: number; start: number } {
  for (let length = text.length; length > 0; length--)
    for (let start = 0; start + length <= text.length; start++)
      if (documents.some((document) => document.includes(text.slice(start, start + length)))) return { length, start };
  return { length: 0, start: 0 };
}

function runsOf(texts: readonly string[], documents: readonly string[]) {
  const index = new VerbatimIndex(texts);
  for (const document of documents) {
    index.follow(document);
    index.endDocument();
  }
  return index.runs();
}

describe("VerbatimIndex", () => {
  it("finds the longest run of each text", () => {
    const training = ["Call me Ishmael. Some years ago", "never mind how long precisely"];
    expect(runsOf(["He said: call me Ishmael, mind how", "xyz", "", "long agony"], training)).toEqual([
      { length: 14, start: 10 }, // "all me Ishmael"
      { length: 1, start: 1 }, // the y of "years": neither x nor z occurs
      { length: 0, start: 0 },
      { length: 5, start: 0 }, // "long "
    ]);
  });

  it("agrees with brute force, whatever the texts share", () => {
    const text = (most: number) =>
      fc.array(fc.constantFrom("a", "b", "c"), { maxLength: most }).map((letters) => letters.join(""));
    fc.assert(
      fc.property(
        fc.array(text(14), { minLength: 1, maxLength: 5 }),
        fc.array(text(20), { maxLength: 4 }),
        (texts, documents) => {
          expect(runsOf(texts, documents)).toEqual(texts.map((t) => byDefinition(t, documents)));
        },
      ),
      { numRuns: 2000, seed: 9 },
    );
  });

  it("stays within its tables where states and edges are most", () => {
    // a bⁿ has the most states; a bⁿ c the most edges (Blumer et al.).
    for (const text of ["abbbbbbbbbbbbbbb", "abbbbbbbbbbbbbbc", "a", "ab"])
      expect(runsOf([text, text, "x"], [text])).toEqual([
        { length: text.length, start: 0 },
        { length: text.length, start: 0 },
        { length: 0, start: 0 },
      ]);
  });

  it("goes on over the pieces of a document, not from one document to the next", () => {
    const index = new VerbatimIndex(["whale ship"]);
    index.follow("the wha");
    index.follow("le sh");
    expect(index.runs()).toEqual([{ length: 8, start: 0 }]);
    index.endDocument();
    index.follow("ip");
    expect(index.runs()).toEqual([{ length: 8, start: 0 }]);
    expect(index.read).toBe(14);
  });
});

describe("memorisation", () => {
  const alphabet = "abcdefghijklmnopqrstuvwxyz ";
  const text = (length: number, name: string): string =>
    Array.from(
      RandomKey.fromSeed(3).split(name).uniform(new Float32Array(length)),
      (x) => alphabet[Math.floor(27 * x)],
    ).join("");

  it("tells copies from what only looks alike", async () => {
    const documents = [text(20_000, "first"), text(20_000, "second")];
    const copy = documents[1]!.slice(500, 500 + COPY_LENGTH + 7);
    // None of these runs can grow by chance: # is in no document.
    const samples = [`${text(200, "sample")}#${copy}#`, text(300, "other")];
    async function* training() {
      yield* documents;
    }
    const result = await memorisation({ samples, heldOut: [text(300, "held out")], training: training() });
    expect(result.samples[0]).toEqual({ length: COPY_LENGTH + 7, start: 201 });
    for (const run of [result.samples[1]!, result.heldOut[0]!]) expect(run.length).toBeLessThan(10);
    expect([result.characters, result.complete]).toEqual([40_000, true]);
    const part = await memorisation({ samples, heldOut: [], training: documents, mostCharacters: 10_000 });
    expect([part.characters, part.complete]).toEqual([20_000, false]);
    expect(part.samples[0]!.length).toBeLessThan(10);
    await expect(
      memorisation({ samples, heldOut: [], training: documents, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: "AbortError" });
  });

  it("cuts passages as long as the samples from all over the held-out text", () => {
    const held = text(1000, "held");
    const samples = Array<string>(300).fill("x".repeat(990));
    const starts = heldOutPassages(held, samples, RandomKey.fromSeed(1)).map((passage) => {
      expect(passage.length).toBe(990);
      return held.indexOf(passage);
    });
    expect(new Set(starts)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect(heldOutPassages("ab", ["abcd"], RandomKey.fromSeed(1))).toEqual(["ab"]);
    expect(() => heldOutPassages("", ["a"], RandomKey.fromSeed(1))).toThrow(ArgumentError);
  });
});

import { RandomKey } from "@atelier/engine/random";
import { describe, expect, test } from "vitest";
import { type PlantedDocument, plantedCorpus } from "./curation-corpus.js";

const words = RandomKey.fromSeed(2).bits(new Uint32Array(20_000));
const sample = Array.from(words, (word) => `w${word % 2000}`).join(" ");
const documents = [...plantedCorpus(sample, 1_500_000, RandomKey.fromSeed(1))];

const ofKind = (kind: PlantedDocument["kind"]): readonly PlantedDocument[] =>
  documents.filter((document) => document.kind === kind);

function shingles(text: string): Set<string> {
  const list = text.split(/\s+/).filter((word) => word !== "");
  return new Set(list.slice(4).map((_, i) => list.slice(i, i + 5).join(" ")));
}

/** To the most similar of the originals, by brute force. */
const originals = ofKind("original").map(({ text }) => shingles(text));
function similarity(text: string): number {
  const own = shingles(text);
  return Math.max(
    ...originals.map((other) => {
      let both = 0;
      for (const shingle of own) if (other.has(shingle)) both++;
      return both / (own.size + other.size - both);
    }),
  );
}

describe("the planted corpus", () => {
  test("is as long as asked for, and the same each time", () => {
    const characters = documents.reduce((sum, { text }) => sum + text.length, 0);
    expect(characters).toBeGreaterThanOrEqual(1_500_000);
    expect(characters).toBeLessThan(1_700_000);
    const again = plantedCorpus(sample, 1_500_000, RandomKey.fromSeed(1));
    for (const document of documents.slice(0, 50)) expect(again.next().value).toEqual(document);
    expect(new Set(documents.map(({ name }) => name)).size).toBe(documents.length);
  });

  test("copies are as similar as their kind says", () => {
    for (const kind of ["exact", "near", "related"] as const) expect(ofKind(kind).length).toBeGreaterThanOrEqual(5);
    for (const { text } of ofKind("exact").slice(0, 4)) expect(similarity(text)).toBe(1);
    for (const { text } of ofKind("near").slice(0, 4)) expect(similarity(text)).toBeGreaterThan(0.84);
    for (const { text } of ofKind("related").slice(0, 4)) {
      expect(similarity(text)).toBeGreaterThan(0.3);
      expect(similarity(text)).toBeLessThan(0.55);
    }
    for (const { text } of ofKind("short")) expect(text.trim().split(/\s+/).length).toBeLessThanOrEqual(10);
  });
});

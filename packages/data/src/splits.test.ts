import { existsSync, readFileSync } from "node:fs";
import { ArgumentError } from "@atelier/engine/errors";
import { RandomKey } from "@atelier/engine/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collect } from "./datasets/collect.test-helpers.js";
import { inMemory, type TextDocument } from "./datasets/text-dataset.js";
import { type SplitOptions, splitDocuments } from "./splits.js";

const key = RandomKey.fromSeed(7);
/** Both parts in arrays. */
async function split(documents: readonly TextDocument[], options: SplitOptions) {
  const count = documents.filter(({ continues }) => continues !== true).length;
  const parts = await splitDocuments({ ...inMemory(documents), card: { documents: count } }, options);
  return { train: await collect(parts.train), validation: await collect(parts.validation) };
}
const documents = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}`, text: `text ${i}` }));

describe("from 20 documents up", () => {
  const all = documents(140);

  it("draws a tenth of them whole, in order, none twice", async () => {
    const { train, validation } = await split(all, { validation: 0.1, key });
    expect(validation).toHaveLength(14);
    expect([...train, ...validation].map(({ name }) => Number(name)).sort((a, b) => a - b)).toEqual(
      all.map((_, i) => i),
    );
    const order = validation.map(({ name }) => Number(name));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toEqual(Array.from({ length: 14 }, (_, i) => 126 + i));
  });

  it("draws by the key alone", async () => {
    const { validation } = await split(all, { validation: 0.1, key });
    expect((await split(all, { validation: 0.1, key: RandomKey.fromSeed(7) })).validation).toEqual(validation);
    expect((await split(all, { validation: 0.1, key: RandomKey.fromSeed(8) })).validation).not.toEqual(validation);
    // As recorded before documents were streamed: trained models were judged by these.
    expect(validation.map(({ name }) => Number(name))).toEqual([
      7, 10, 18, 29, 37, 49, 63, 77, 79, 81, 88, 97, 100, 121,
    ]);
  });

  it("always leaves something to either side", async () => {
    expect((await split(documents(20), { validation: 0.001, key })).validation).toHaveLength(1);
    expect((await split(documents(20), { validation: 0.999, key })).train).toHaveLength(1);
  });

  it("keeps the pieces of a document together", async () => {
    const pieces = all.flatMap(({ name, text }) => [
      { name, text: `${text}a`, continues: true },
      { name, text: `${text}b` },
    ]);
    const inOne = await split(all, { validation: 0.1, key });
    const inTwo = await split(pieces, { validation: 0.1, key });
    const names = (part: readonly TextDocument[]) => part.map(({ name }) => name);
    expect(names(inTwo.validation)).toEqual(names(inOne.validation).flatMap((name) => [name, name]));
    expect(names(inTwo.train)).toEqual(names(inOne.train).flatMap((name) => [name, name]));
  });
});

it("draws each of a million documents for itself, and none for both parts", async () => {
  const count = 1 << 20;
  const many = {
    card: { documents: count },
    async *documents() {
      for (let i = 0; i < count; i++) yield { name: `${i}`, text: "x" };
    },
  };
  const { train, validation } = await splitDocuments(many, { validation: 0.01, key });
  const held = new Set<string>();
  for await (const { name } of validation.documents()) held.add(name);
  let others = 0;
  for await (const { name } of train.documents()) {
    others++;
    if (held.has(name)) expect.unreachable();
  }
  expect(held.size + others).toBe(count);
  // A binomial count: five standard deviations.
  expect(Math.abs(held.size - count * 0.01)).toBeLessThan(5 * Math.sqrt(count * 0.01 * 0.99));
});

describe("below 20 documents", () => {
  it("cuts the tail of each, between characters", async () => {
    const texts = [
      { name: "a", text: "0123456789" },
      { name: "b", text: "😀".repeat(10) },
    ];
    const { train, validation } = await split(texts, { validation: 0.25, key });
    expect(train).toEqual([
      { name: "a", text: "0123456" },
      { name: "b", text: "😀".repeat(7) },
    ]);
    expect(validation).toEqual([
      { name: "a", text: "789" },
      { name: "b", text: "😀".repeat(3) },
    ]);
  });

  it("loses nothing, and cuts documents in pieces where it cuts whole ones", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme", minLength: 4 }), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0.3, max: 0.6, noNaN: true }),
        async (parts, validation) => {
          const text = parts.join("");
          const pieces = parts.map((part, i) => ({ name: "x", text: part, continues: i < parts.length - 1 }));
          const inOne = await split([{ name: "x", text }], { validation, key });
          const inPieces = await split(pieces, { validation, key });
          expect(inOne.train[0]!.text + inOne.validation[0]!.text).toBe(text);
          for (const side of ["train", "validation"] as const) {
            expect(inPieces[side].map((piece) => piece.text).join("")).toBe(inOne[side][0]!.text);
            expect(inPieces[side].map((piece) => piece.continues === true)).toEqual(
              inPieces[side].map((_, i) => i < inPieces[side].length - 1),
            );
          }
        },
      ),
    );
  });

  const shakespeare = new URL("../../../../shared/data/tinyshakespeare.txt", import.meta.url);
  it.skipIf(!existsSync(shakespeare))("cuts tinyshakespeare where nanoGPT does", async () => {
    const text = readFileSync(shakespeare, "utf8");
    const { train, validation } = await split([{ name: "x", text }], { validation: 0.1, key });
    // nanoGPT, data/shakespeare_char/readme.md: 1,003,854 and 111,540 tokens.
    expect(train[0]!.text.length).toBe(1_003_854);
    expect(validation[0]!.text.length).toBe(111_540);
  });
});

it("refuses parts that make no sense", async () => {
  for (const validation of [-0.1, 1, Number.NaN]) {
    await expect(split(documents(3), { validation, key })).rejects.toThrow(ArgumentError);
  }
  await expect(split([{ name: "x", text: "a" }], { validation: 0.5, key })).rejects.toThrow(
    /nothing is left for training/,
  );
  expect(await split(documents(3), { validation: 0, key })).toEqual({ train: documents(3), validation: [] });
});

import { existsSync, readFileSync } from "node:fs";
import { ArgumentError } from "@atelier/engine/errors";
import { RandomKey } from "@atelier/engine/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitDocuments } from "./splits.js";

const key = RandomKey.fromSeed(7);
const documents = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}`, text: `text ${i}` }));

describe("from 20 documents up", () => {
  const dataset = { documents: documents(140) };
  const { train, validation } = splitDocuments(dataset, { validation: 0.1, key });

  it("draws a tenth of them whole, in order, none twice", () => {
    expect(validation).toHaveLength(14);
    expect([...train, ...validation].map(({ name }) => Number(name)).sort((a, b) => a - b)).toEqual(
      dataset.documents.map((_, i) => i),
    );
    const order = validation.map(({ name }) => Number(name));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toEqual(Array.from({ length: 14 }, (_, i) => 126 + i));
  });

  it("draws by the key alone", () => {
    expect(splitDocuments(dataset, { validation: 0.1, key: RandomKey.fromSeed(7) }).validation).toEqual(validation);
    expect(splitDocuments(dataset, { validation: 0.1, key: RandomKey.fromSeed(8) }).validation).not.toEqual(validation);
  });

  it("always leaves something to either side", () => {
    expect(splitDocuments({ documents: documents(20) }, { validation: 0.001, key }).validation).toHaveLength(1);
    expect(splitDocuments({ documents: documents(20) }, { validation: 0.999, key }).train).toHaveLength(1);
  });
});

describe("below 20 documents", () => {
  it("cuts the tail of each, between characters", () => {
    const texts = [
      { name: "a", text: "0123456789" },
      { name: "b", text: "😀".repeat(10) },
    ];
    const { train, validation } = splitDocuments({ documents: texts }, { validation: 0.25, key });
    expect(train).toEqual([
      { name: "a", text: "0123456" },
      { name: "b", text: "😀".repeat(7) },
    ]);
    expect(validation).toEqual([
      { name: "a", text: "789" },
      { name: "b", text: "😀".repeat(3) },
    ]);
  });

  it("loses nothing", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 4 }),
        fc.double({ min: 0.3, max: 0.6, noNaN: true }),
        (text, validation) => {
          const split = splitDocuments({ documents: [{ name: "x", text }] }, { validation, key });
          expect(split.train[0]!.text + split.validation[0]!.text).toBe(text);
        },
      ),
    );
  });

  const shakespeare = new URL("../../../../shared/data/tinyshakespeare.txt", import.meta.url);
  it.skipIf(!existsSync(shakespeare))("cuts tinyshakespeare where nanoGPT does", () => {
    const text = readFileSync(shakespeare, "utf8");
    const { train, validation } = splitDocuments({ documents: [{ name: "x", text }] }, { validation: 0.1, key });
    // nanoGPT, data/shakespeare_char/readme.md: 1,003,854 and 111,540 tokens.
    expect(train[0]!.text.length).toBe(1_003_854);
    expect(validation[0]!.text.length).toBe(111_540);
  });
});

it("refuses parts that make no sense", () => {
  for (const validation of [-0.1, 1, Number.NaN]) {
    expect(() => splitDocuments({ documents: documents(3) }, { validation, key })).toThrow(ArgumentError);
  }
  expect(() => splitDocuments({ documents: [{ name: "x", text: "a" }] }, { validation: 0.5, key })).toThrow(
    /nothing is left for training/,
  );
  expect(splitDocuments({ documents: documents(3) }, { validation: 0, key })).toEqual({
    train: documents(3),
    validation: [],
  });
});

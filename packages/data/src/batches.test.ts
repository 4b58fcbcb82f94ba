import { RandomKey } from "@atelier/engine/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenStream } from "./batches.js";
import { BpeCodec } from "./codecs/bpe.js";
import { CharacterCodec } from "./codecs/characters.js";
import { TextTooShortError } from "./errors.js";

const counting = (length: number): TokenStream => new TokenStream(Int32Array.from({ length }, (_, i) => i));
const key = RandomKey.fromSeed(3);

describe("documents in a row", () => {
  const documents = [{ text: "abc" }, { text: "ab" }];

  it("are divided by <|endoftext|> where the codec has it", async () => {
    const codec = BpeCodec.train(["x"], { vocabulary: 257 });
    const stream = await TokenStream.fromDocuments(documents, codec);
    expect([...stream.read(0, stream.length)]).toEqual([97, 98, 99, 256, 97, 98]);
  });

  it("are not divided between the pieces of one", async () => {
    const codec = BpeCodec.train(["x"], { vocabulary: 257 });
    const pieces = [{ text: "a", continues: true }, { text: "b", continues: false }, { text: "c" }];
    const stream = await TokenStream.fromDocuments(pieces, codec);
    expect([...stream.read(0, 10)]).toEqual([97, 98, 256, 99]);
  });

  it("follow directly where it has not", async () => {
    const codec = CharacterCodec.fromTexts(["abc"]);
    const stream = await TokenStream.fromDocuments(documents, codec);
    expect([...stream.read(0, stream.length)]).toEqual([0, 1, 2, 0, 1]);
  });
});

describe("random windows", () => {
  it("hold consecutive tokens, with targets one on", () => {
    const { inputs, targets } = counting(100).sample(key, 8, 16);
    for (let row = 0; row < 8; row++) {
      const start = inputs[row * 16]!;
      for (let i = 0; i < 16; i++) {
        expect(inputs[row * 16 + i]).toBe(start + i);
        expect(targets[row * 16 + i]).toBe(start + i + 1);
      }
    }
    expect(counting(100).sample(key, 8, 16)).toEqual({ inputs, targets });
    expect(counting(100).sample(key.at(1), 8, 16).inputs).not.toEqual(inputs);
  });

  it("begin everywhere equally often, from the first place to the last", () => {
    const draws = 60_000;
    const starts = new Array<number>(6).fill(0);
    const { inputs, targets } = counting(10).sample(key, draws, 4);
    for (let row = 0; row < draws; row++) starts[inputs[row * 4]!]!++;
    expect(starts).toHaveLength(6); // 0 … 5: the last window ends with the last token as its target
    for (const count of starts) expect(Math.abs(count - draws / 6)).toBeLessThan(5 * Math.sqrt((draws * 5) / 36));
    expect(targets.reduce((most, target) => Math.max(most, target), 0)).toBe(9);
  });

  it("of any length begin where their inputs begin", () => {
    const stream = counting(100);
    const rows = stream.rows(key, 5, 9);
    expect([rows.length, stream.sample(key, 5, 8).inputs.length]).toEqual([45, 40]);
    for (let row = 0; row < 5; row++) {
      expect(rows.slice(row * 9, row * 9 + 8)).toEqual(stream.sample(key, 5, 8).inputs.slice(row * 8, row * 8 + 8));
      expect(rows[row * 9 + 8]).toBe(rows[row * 9]! + 8);
    }
    expect(counting(5).rows(key, 1, 5)).toEqual(Int32Array.of(0, 1, 2, 3, 4));
    expect(() => counting(5).rows(key, 1, 6)).toThrow(TextTooShortError);
    // As recorded before windows were read through `rows`: a training is followed bit by bit.
    const { inputs } = counting(1000).sample(RandomKey.fromSeed(1), 4, 8);
    expect([0, 8, 16, 24].map((at) => inputs[at])).toEqual([117, 428, 256, 240]);
  });

  it("need a text longer than themselves", () => {
    expect(counting(5).sample(key, 1, 4).targets).toEqual(Int32Array.of(1, 2, 3, 4));
    expect(() => counting(5).sample(key, 1, 5)).toThrow(TextTooShortError);
    expect(() => counting(5).sample(key, 1, 64)).toThrow(
      "The text has 5 tokens, but a context of 64 needs at least 65",
    );
    expect(() => counting(5).sample(key, 0, 4)).toThrow(/batch must be a whole number/);
  });
});

describe("all windows", () => {
  it("have every token but the first as a target exactly once, in order, after its predecessor", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        (total, length, batch) => {
          const seen: number[] = [];
          for (const { inputs, targets, mask, count } of counting(total).windows(length, batch)) {
            expect([inputs.length, targets.length, mask.length]).toEqual([
              batch * length,
              batch * length,
              batch * length,
            ]);
            expect(mask.reduce((sum, one) => sum + one, 0)).toBe(count);
            targets.forEach((target, i) => {
              if (mask[i] === 0) return;
              expect(inputs[i]).toBe(target - 1);
              seen.push(target);
            });
          }
          expect(seen).toEqual(Array.from({ length: total - 1 }, (_, i) => i + 1));
        },
      ),
    );
  });

  it("need two tokens", () => {
    expect(() => [...counting(1).windows(4)]).toThrow(TextTooShortError);
  });
});

import { ArgumentError, type HostTensor, hostTensor, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { maskEach, maskedPerRow, maskTokens, padRows } from "./masking.js";

const key = RandomKey.fromSeed(3);
const MASK = 20;
const vocabulary = 23;
const special = { mask: MASK, specials: [0, 22] };

/** Ordinary tokens only: 1 … 19 and 21. */
const ordinary = (rows: number, length: number, seed = 1): HostTensor =>
  hostTensor(
    Int32Array.from({ length: rows * length }, (_, i) => {
      const n = RandomKey.fromSeed(seed).at(i).integer(20);
      return n === 19 ? 21 : n + 1;
    }),
    [rows, length],
  );

describe("maskTokens", () => {
  const rows = 400;
  const length = 60;
  const tokens = ordinary(rows, length);
  const masked = maskTokens(tokens, { key, vocabulary, ...special });
  const places = 9; // 0.15 · 60

  it("asks for a fixed number of distinct places, and changes no other", () => {
    expect([masked.inputs, masked.positions, masked.targets].map(({ shape }) => shape)).toEqual([
      [rows, length],
      [rows, places],
      [rows, places],
    ]);
    for (let row = 0; row < rows; row++) {
      const positions = [...masked.positions.data.subarray(row * places, (row + 1) * places)];
      expect(new Set(positions).size).toBe(places);
      for (let t = 0; t < length; t++) {
        const at = row * length + t;
        const place = positions.indexOf(t);
        if (place < 0) expect(masked.inputs.data[at]).toBe(tokens.data[at]);
        else expect(masked.targets.data[row * places + place]).toBe(tokens.data[at]);
      }
    }
  });

  it("hides every place alike, 80 % behind the mask, 10 % behind a random token, 10 % not at all", () => {
    const n = rows * places;
    const perPlace = new Array<number>(length).fill(0);
    const counts = { mask: 0, same: 0, other: 0 };
    const put = new Array<number>(vocabulary).fill(0);
    for (let i = 0; i < n; i++) {
      const t = masked.positions.data[i]!;
      perPlace[t]!++;
      const shown = masked.inputs.data[Math.floor(i / places) * length + t]!;
      if (shown === MASK) counts.mask++;
      else if (shown === masked.targets.data[i]) counts.same++;
      else {
        counts.other++;
        put[shown]!++;
      }
    }
    // Within five standard deviations of binomials. A random token is the hidden one itself in 1 case of 20.
    const near = (count: number, trials: number, p: number): void =>
      expect(Math.abs(count - trials * p)).toBeLessThan(5 * Math.sqrt(trials * p * (1 - p)));
    near(counts.mask, n, 0.8);
    near(counts.same, n, 0.1 + 0.1 / 20);
    near(counts.other, n, 0.1 * (19 / 20));
    for (const count of perPlace) near(count, rows, 0.15);
    for (let token = 0; token < vocabulary; token++) {
      if (token === 0 || token === MASK || token === 22) expect(put[token]).toBe(0);
      else near(put[token]!, counts.other, 1 / 20);
    }
  });

  it("follows from the key and the row, and from nothing else", () => {
    expect(maskTokens(tokens, { key, vocabulary, ...special })).toEqual(masked);
    expect(maskTokens(tokens, { key: key.at(1), vocabulary, ...special })).not.toEqual(masked);
    const first = maskTokens(hostTensor(tokens.data.slice(0, length), [1, length]), { key, vocabulary, ...special });
    expect(first.inputs.data).toEqual(masked.inputs.data.slice(0, length));
  });

  it("never touches a special token, and leaves places empty where a row has too few others", () => {
    const data = Int32Array.from(ordinary(3, 20).data);
    data.fill(0, 0, 20); // row 0: separators only
    data.fill(22, 23, 40); // row 1: three ordinary tokens, 15 % of which is one at least
    const { inputs, positions, targets } = maskTokens(hostTensor(data, [3, 20]), { key, vocabulary, ...special });
    expect([...targets.data.slice(0, 3)]).toEqual([-1, -1, -1]);
    expect(inputs.data.slice(0, 20)).toEqual(data.slice(0, 20));
    expect(positions.data[3]).toBeLessThan(3);
    expect([...targets.data.slice(3, 6)]).toEqual([data[20 + positions.data[3]!], -1, -1]);
    expect(inputs.data.slice(23, 40)).toEqual(data.slice(23, 40));
    expect(targets.data.slice(6).every((target) => target >= 0)).toBe(true);
  });

  it("hides all that it asks for when told to", () => {
    const { inputs, positions } = maskTokens(tokens, { key, vocabulary, ...special, random: 0, unchanged: 0 });
    positions.data.forEach((t, i) => {
      expect(inputs.data[Math.floor(i / places) * length + t]).toBe(MASK);
    });
    expect(inputs.data.filter((token) => token === MASK).length).toBe(rows * places);
  });

  it("counts places as the share of the row, one at least", () => {
    expect([1, 3, 10, 64, 128, 512].map((n) => maskedPerRow(n))).toEqual([1, 1, 2, 10, 19, 77]);
    expect(maskedPerRow(10, 1)).toBe(10);
  });

  it("refuses what cannot be", () => {
    const masking = (changes: object, data = ordinary(1, 8)) => {
      return () => maskTokens(data, { key, vocabulary, ...special, ...changes });
    };
    expect(masking({ share: 0 })).toThrow(ArgumentError);
    expect(masking({ share: 1.1 })).toThrow("`share` lies above 0 and up to 1, got 1.1");
    expect(masking({ random: 0.6, unchanged: 0.5 })).toThrow("are no shares of a whole");
    expect(masking({ mask: 23 })).toThrow("token 23 is outside the vocabulary of 23");
    expect(masking({ vocabulary: 3, mask: 1, specials: [0, 2] })).toThrow("all 3 tokens are special");
    expect(masking({}, hostTensor(Int32Array.of(1, -1), [1, 2]))).toThrow("token -1 is outside");
    expect(masking({}, hostTensor(Int32Array.of(1, 2)))).toThrow("rows of tokens are (B, T) int32");
  });
});

describe("padRows", () => {
  it("sets texts side by side", () => {
    const { tokens, visible } = padRows([[1, 2, 3], [4], []], { pad: 9, length: 4 });
    expect(tokens).toEqual(hostTensor(Int32Array.of(1, 2, 3, 9, 4, 9, 9, 9, 9, 9, 9, 9), [3, 4]));
    expect(visible).toEqual(hostTensor(Float32Array.of(1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0), [3, 4]));
    expect(padRows([[1, 2, 3], [4]], { pad: 9 }).tokens.shape).toEqual([2, 3]);
    expect(() => padRows([[1], [1, 2, 3]], { pad: 9, length: 2 })).toThrow("text 1 has 3 tokens");
  });
});

describe("maskEach", () => {
  it("hides each ordinary token in turn, in batches of one shape", () => {
    const batches = [...maskEach([0, 5, 6, 7, 22], { ...special, rows: 2, length: 6 })];
    expect(batches.map(({ inputs }) => [...inputs.data])).toEqual([
      [0, MASK, 6, 7, 22, MASK, 0, 5, MASK, 7, 22, MASK],
      [0, 5, 6, MASK, 22, MASK, 0, 5, 6, 7, 22, MASK],
    ]);
    expect(batches.map(({ positions, targets }) => [[...positions.data], [...targets.data]])).toEqual([
      [
        [1, 2],
        [5, 6],
      ],
      [
        [3, 0],
        [7, -1],
      ],
    ]);
    expect([...batches[0]!.visible.data]).toEqual([1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0]);
    expect([...maskEach([0, 22], { ...special, rows: 2 })]).toEqual([]);
    expect(() => [...maskEach([1, 2, 3], { ...special, rows: 2, length: 2 })]).toThrow(ArgumentError);
    expect(() => [...maskEach([1, 2, 3], { ...special, rows: 0 })]).toThrow("rows from 1 up, got 0");
  });
});

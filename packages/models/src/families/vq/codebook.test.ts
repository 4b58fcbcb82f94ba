/** The codebook beside plain loops over float64, and what becomes of codes that nobody chooses. */
import {
  compile,
  gradients,
  type HostTensor,
  hostTensor,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { type CodebookSettings, codesAt, quantise } from "./codebook.js";

const settings: CodebookSettings = { codes: 4, width: 2, decay: 0.9, revival: 0 };

interface Book {
  readonly counts: number[];
  readonly sums: number[][];
}

const tensor = (rows: readonly (readonly number[])[]): HostTensor =>
  hostTensor(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);

async function run(book: Book, z: number[][], s: CodebookSettings, { training = true, seed = 1 } = {}) {
  const fn = compile(({ buffers, z }: { buffers: TreeRecord<Tensor>; z: Tensor }) => {
    const scope = Scope.over({ params: {}, buffers }, { training });
    const result = quantise(scope, s, z);
    const slope = gradients(result.codes.square().sum().add(result.commitment.mul(3)), [z])[0]!;
    const after = (name: string): Tensor => scope.updatedBuffers.get(name) ?? (buffers[name] as Tensor);
    return { ...result, slope, counts: after("counts"), sums: after("sums") };
  });
  const buffers = { counts: hostTensor(Float32Array.from(book.counts)), sums: tensor(book.sums) };
  const out = await fn({ buffers, z: tensor(z) }, { keys: RandomKey.fromSeed(seed) });
  await fn.release();
  return Object.fromEntries(Object.entries(out).map(([name, { data }]) => [name, [...data]])) as Record<
    keyof typeof out,
    number[]
  >;
}

const expectClose = (actual: readonly number[], expected: readonly number[], digits = 5): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, digits);
  });
};

/** The paper's update, appendix A.1, and its authors' smoothing of counts. */
function codebookOf({ counts, sums }: Book): number[][] {
  const total = counts.reduce((a, b) => a + b, 0);
  return sums.map((sum, k) => {
    const smoothed = ((counts[k]! + 1e-5) / (total + counts.length * 1e-5)) * total;
    return sum.map((value) => value / smoothed);
  });
}

const nearestTo = (book: readonly number[][], [a, b]: number[]): number => {
  const distances = book.map(([x, y]) => (x! - a!) ** 2 + (y! - b!) ** 2);
  return distances.indexOf(Math.min(...distances));
};

const book: Book = {
  counts: [3, 1.5, 0.5, 2],
  sums: [
    [3, 0],
    [0, 1.2],
    [-0.6, 0.1],
    [-1, -3],
  ],
};
const noise = RandomKey.fromSeed(2).normal(new Float32Array(32));
const z = Array.from({ length: 16 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]);

describe("quantising", () => {
  it("takes the nearest code; averages move as plain loops move them", async () => {
    const actual = await run(book, z, settings);
    const codebook = codebookOf(book);
    const chosen = z.map((row) => nearestTo(codebook, row));
    expect(new Set(chosen).size).toBeGreaterThan(2);
    expect(actual.indices).toEqual(chosen);
    expectClose(
      actual.codes,
      chosen.flatMap((k) => codebook[k]!),
    );
    expectClose(
      actual.counts,
      book.counts.map((count, k) => 0.9 * count + 0.1 * chosen.filter((each) => each === k).length),
    );
    expectClose(
      actual.sums,
      book.sums.flatMap((sum, k) =>
        sum.map(
          (value, axis) => 0.9 * value + 0.1 * z.reduce((t, row, i) => t + (chosen[i] === k ? row[axis]! : 0), 0),
        ),
      ),
    );
    const distances = z.map((row, i) => row.map((value, axis) => (value - codebook[chosen[i]!]![axis]!) ** 2));
    expectClose(actual.commitment, [distances.flat().reduce((a, b) => a + b, 0) / 32]);
    const shares = codebook.map((_, k) => chosen.filter((each) => each === k).length / 16).filter((p) => p > 0);
    expectClose(actual.perplexity, [Math.exp(-shares.reduce((sum, p) => sum + p * Math.log(p), 0))]);
  });

  it("passes gradients straight through, and those of the commitment to z alone", async () => {
    const { slope, codes } = await run(book, z, settings);
    // Of Σ code², as if the code were z, and of 3 · mean (z − code)².
    expectClose(
      slope,
      z.flat().map((value, i) => 2 * codes[i]! + (3 * 2 * (value - codes[i]!)) / 32),
    );
  });

  it("changes nothing where nothing is trained", async () => {
    const actual = await run(book, z, settings, { training: false });
    expectClose(actual.counts, book.counts);
    expectClose(actual.sums, book.sums.flat());
  });

  it("codes come back by their indices", async () => {
    const fn = compile(({ buffers, indices }: { buffers: TreeRecord<Tensor>; indices: Tensor }) => ({
      codes: codesAt(Scope.over({ params: {}, buffers }), settings, indices),
    }));
    const buffers = { counts: hostTensor(Float32Array.from(book.counts)), sums: tensor(book.sums) };
    const { codes } = await fn({ buffers, indices: hostTensor(Int32Array.of(3, 0, 3)) });
    await fn.release();
    const codebook = codebookOf(book);
    expectClose(
      [...codes.data],
      [3, 0, 3].flatMap((k) => codebook[k]!),
    );
  });
});

describe("a new codebook", () => {
  it("is taken from the first batch, every vector of it as good as any other", async () => {
    const empty: Book = { counts: [0, 0, 0, 0], sums: [1, 2, 3, 4].map(() => [0, 0]) };
    const actual = await run(empty, z, { ...settings, decay: 0 });
    // With a decay of 0, the sums are those of what chose each code; the codes themselves are rows of z.
    const rows = z.map((row) => row.map((value) => value.toFixed(4)).join());
    const codes = z.map((_, i) => [actual.codes[2 * i]!, actual.codes[2 * i + 1]!]);
    for (const code of codes) expect(rows).toContain(code.map((value) => value.toFixed(4)).join());
    expect(actual.counts.reduce((a, b) => a + b, 0)).toBeCloseTo(16, 4);
    const others = await run(empty, z, { ...settings, decay: 0 }, { seed: 5 });
    expect(others.codes).not.toEqual(actual.codes);
  });
});

describe("codes that nobody chooses", () => {
  /** Two codes among the vectors, two far away. */
  const forgotten: Book = {
    counts: [6, 6, 0.45, 0.3],
    sums: [
      [6, 0],
      [-6, 0],
      [450, 450],
      [300, -300],
    ],
  };

  it("are taken anew from the batch, with the count of even use, and are chosen from then on", async () => {
    // The even share is 4, a tenth of it 0.4: after one more batch without a choice, 0.405 is alive and 0.27 is not.
    const first = await run(forgotten, z, { ...settings, revival: 0.1 });
    expect(first.counts[2]).toBeCloseTo(0.405, 5);
    expect(first.sums.slice(4, 6)).toEqual([405, 405]);
    expect(first.counts[3]).toBe(4);
    const revived = first.sums.slice(6).map((value) => value / 4);
    const distances = z.map(([a, b]) => Math.hypot(a! - revived[0]!, b! - revived[1]!));
    expect(Math.min(...distances)).toBeLessThan(1e-6);
    const sums = [0, 2, 4, 6].map((at) => first.sums.slice(at, at + 2));
    const second = await run({ counts: first.counts, sums }, z, { ...settings, revival: 0.1 });
    expect(second.indices).toContain(3);
  });

  it("stay where revival is off", async () => {
    const { counts } = await run(forgotten, z, settings);
    expect(counts[3]).toBeCloseTo(0.27, 5);
  });
});

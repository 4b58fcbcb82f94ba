/** Each change beside what it is said to be, how often it is made, and the probability that adapts. */
import { compile, gradients, type HostTensor, hostTensor, RandomKey, Scope, type Tensor } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { type Augmentation, adaptProbability, augment, augmentations } from "./augmentation.js";

const ROWS = 2000;
const SIDE = 8;
const PIXELS = SIDE * SIDE;

/** Numbers without any order, so that no change goes unseen. */
const pictures = RandomKey.fromSeed(1).uniform(new Float32Array(ROWS * PIXELS), 0.25, 1);

/** What one kind makes of the pictures with the probability p, picture by picture. */
async function changed(kinds: readonly Augmentation[], p: number, x = pictures): Promise<Float32Array[]> {
  const run = compile(({ x, p }: { x: Tensor; p: Tensor }) => ({
    y: augment(Scope.over({ params: {} }), kinds, x, p),
  }));
  const rows = x.length / PIXELS;
  const { y } = await run(
    { x: hostTensor(x, [rows, 1, SIDE, SIDE]), p: hostTensor(Float32Array.of(p), []) },
    { keys: RandomKey.fromSeed(2) },
  );
  await run.release();
  return rowsOf(y.data as Float32Array);
}

const rowsOf = (all: Float32Array): Float32Array[] =>
  Array.from({ length: all.length / PIXELS }, (_, i) => all.subarray(i * PIXELS, (i + 1) * PIXELS));
const before = rowsOf(pictures);
const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  Array.from(a).every((value, i) => Math.abs(value - b[i]!) < 1e-6);
const deviation = (values: readonly number[]): number => {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

it("nothing is changed with p = 0", async () => {
  (await changed(augmentations, 0)).forEach((picture, i) => {
    expect(picture).toEqual(before[i]);
  });
});

// A flip leaves half of the chosen pictures as they are, and of nine shifts one is none.
it.each<[Augmentation, number]>([
  ["flip", 0.25],
  ["shift", 0.5 * (8 / 9)],
  ["brightness", 0.5],
  ["contrast", 0.5],
  ["cutout", 0.5],
])("%s is made as often as it should be", async (kind, share) => {
  const pictures = await changed([kind], 0.5);
  const found = pictures.filter((picture, i) => !same(picture, before[i]!)).length / ROWS;
  // Five standard deviations of a binomial share.
  expect(Math.abs(found - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / ROWS));
});

describe("with p = 1", () => {
  const mirrored = (i: number): number => (i < 0 ? -i : i >= SIDE ? 2 * (SIDE - 1) - i : i);
  const moved = (picture: Float32Array, down: number, across: number): number[] =>
    Array.from(picture, (_, i) => {
      const [row, column] = [Math.floor(i / SIDE), i % SIDE];
      return picture[mirrored(row - down) * SIDE + mirrored(column - across)]!;
    });

  it("flips turn pictures round", async () => {
    for (const [i, picture] of (await changed(["flip"], 1)).slice(0, 50).entries()) {
      const turned = Array.from(picture, (_, j) => before[i]![j - (j % SIDE) + (SIDE - 1 - (j % SIDE))]!);
      expect(same(picture, before[i]!) || same(picture, turned)).toBe(true);
    }
  });

  it("shifts are by one pixel of eight, mirrored at the edge, each way as often", async () => {
    const counts = new Map<string, number>();
    for (const [i, picture] of (await changed(["shift"], 1)).entries()) {
      const ways = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((across) => [down, across] as const));
      const way = ways.find(([down, across]) => same(picture, moved(before[i]!, down, across)));
      counts.set(String(way), (counts.get(String(way)) ?? 0) + 1);
    }
    expect(counts.size).toBe(9);
    const least = ROWS / 9 - 5 * Math.sqrt((ROWS / 9) * (8 / 9));
    for (const [way, count] of counts) expect(count, way).toBeGreaterThan(least);
  });

  it("brightness adds one number to a picture, of deviation 0.2", async () => {
    const added = (await changed(["brightness"], 1)).map((picture, i) => {
      const offsets = Array.from(picture, (value, j) => value - before[i]![j]!);
      expect(Math.max(...offsets) - Math.min(...offsets)).toBeLessThan(1e-5);
      return offsets[0]!;
    });
    expect(Math.abs(deviation(added) - 0.2)).toBeLessThan(0.2 * (5 / Math.sqrt(2 * ROWS)));
  });

  it("contrast multiplies a picture by 2 to the power of a number of deviation 0.5", async () => {
    const powers = (await changed(["contrast"], 1)).map((picture, i) => {
      const factors = Array.from(picture, (value, j) => value / before[i]![j]!);
      expect(Math.max(...factors) / Math.min(...factors)).toBeLessThan(1.00001);
      return Math.log2(factors[0]!);
    });
    expect(Math.abs(deviation(powers) - 0.5)).toBeLessThan(0.5 * (5 / Math.sqrt(2 * ROWS)));
  });

  it("cutout takes out a square of half the height and width, or what is within the picture of it", async () => {
    for (const [i, picture] of (await changed(["cutout"], 1)).slice(0, 200).entries()) {
      const out = Array.from(picture, (value, j) => [value, j] as const).filter(([value]) => value === 0);
      const rows = new Set(out.map(([, j]) => Math.floor(j / SIDE)));
      const columns = new Set(out.map(([, j]) => j % SIDE));
      // Centres lie anywhere inside: at least a quarter of the square is within.
      for (const span of [rows.size, columns.size]) {
        expect(span).toBeGreaterThanOrEqual(SIDE / 4);
        expect(span).toBeLessThanOrEqual(SIDE / 2);
      }
      expect(out.length).toBe(rows.size * columns.size);
      const kept = Array.from(picture, (value, j) => value === 0 || value === before[i]![j]!);
      expect(kept.every(Boolean)).toBe(true);
    }
  });

  it("gradients flow through all of them: each is affine, so that the slope times the picture is what it adds", async () => {
    const rows = 16;
    const x = pictures.slice(0, rows * PIXELS);
    const weights = hostTensor(RandomKey.fromSeed(3).normal(new Float32Array(rows * PIXELS)), [rows, 1, SIDE, SIDE]);
    const run = compile(({ x, weights }: { x: Tensor; weights: Tensor }) => {
      const p = weights.sum().mul(0).add(1);
      const value = augment(Scope.over({ params: {} }), augmentations, x, p)
        .mul(weights)
        .sum();
      return { value, slope: gradients(value, [x])[0]! };
    });
    const at = (data: Float32Array): Promise<{ value: HostTensor; slope: HostTensor }> =>
      run({ x: hostTensor(data, [rows, 1, SIDE, SIDE]), weights }, { keys: RandomKey.fromSeed(4) });
    const [there, origin] = [await at(x), await at(new Float32Array(x.length))];
    await run.release();
    const along = x.reduce((sum, value, i) => sum + there.slope.data[i]! * value, 0);
    expect(Math.abs(along)).toBeGreaterThan(1);
    expect(along).toBeCloseTo(there.value.data[0]! - origin.value.data[0]!, 3);
  });
});

describe("the probability", () => {
  it.each([
    ["rises by the batch's share of the ramp above the target", 0.5, 0.7, 0.58],
    ["falls as much below it", 0.5, 0.1, 0.42],
    ["does not fall below 0", 0.05, 0.1, 0],
    ["does not rise above 0.8", 0.75, 0.7, 0.8],
  ])("%s", async (_, from, signs, to) => {
    const run = compile(({ p, r }: { p: Tensor; r: Tensor }) => {
      const scope = Scope.over({ params: {}, buffers: { augmentation: { probability: p } } }, { training: true });
      adaptProbability(scope, { kinds: ["flip"], target: 0.6, ramp: 400 }, r, 32);
      return { after: scope.updatedBuffers.get("augmentation.probability")! };
    });
    const { after } = await run({
      p: hostTensor(Float32Array.of(from), []),
      r: hostTensor(Float32Array.of(signs), []),
    });
    await run.release();
    expect(after.data[0]).toBeCloseTo(to, 6);
  });
});

import { RandomKey } from "@atelier/engine/random";
import fc from "fast-check";
import { expect, it } from "vitest";
import { augment } from "./augment.js";
import { retone } from "./colour.js";
import { inside, type Placement, place } from "./geometry.js";
import { augmentationSchema } from "./settings.js";

const root = RandomKey.fromSeed(11);
const noise = (length: number, seed = 0): Float32Array => root.at(seed).uniform(new Float32Array(length), -1, 1);
const still: Placement = { flip: false, radians: 0, factor: 1, right: 0, down: 0 };

const shapes = fc.record({
  channels: fc.constantFrom(1, 3, 4),
  height: fc.integer({ min: 1, max: 7 }),
  width: fc.integer({ min: 1, max: 7 }),
});

function placed(
  from: Float32Array,
  shape: { channels: number; height: number; width: number },
  placement: Partial<Placement>,
  border: "reflect" | "edge" = "edge",
): Float32Array {
  const to = new Float32Array(from.length);
  place(from, to, shape, { ...still, ...placement }, border);
  return to;
}

it("a picture flipped twice is the picture; flipped once, its rows are reversed", () => {
  fc.assert(
    fc.property(shapes, fc.nat(), (shape, seed) => {
      const { channels, height, width } = shape;
      const picture = noise(channels * height * width, seed);
      const once = placed(picture, shape, { flip: true });
      expect(placed(once, shape, { flip: true })).toEqual(picture);
      for (let row = 0; row < channels * height; row++) {
        const [from, to] = [row * width, (row + 1) * width];
        expect([...once.subarray(from, to)]).toEqual([...picture.subarray(from, to)].reverse());
      }
    }),
    { numRuns: 50 },
  );
});

it("moves as a window over the padded picture does", () => {
  // 1 2 3 mirrored at its ends: 3 2 | 1 2 3 | 2 1; with its ends repeated: 1 1 | 1 2 3 | 3 3.
  const row = Float32Array.of(1, 2, 3);
  const shape = { channels: 1, height: 1, width: 3 };
  expect([...placed(row, shape, { right: 2 }, "reflect")]).toEqual([3, 2, 1]);
  expect([...placed(row, shape, { right: -2 }, "reflect")]).toEqual([3, 2, 1]);
  expect([...placed(row, shape, { right: -1 }, "reflect")]).toEqual([2, 3, 2]);
  expect([...placed(row, shape, { right: 2 }, "edge")]).toEqual([1, 1, 1]);
  expect([...placed(row, shape, { right: -1 }, "edge")]).toEqual([2, 3, 3]);
  expect([...placed(row, { channels: 1, height: 3, width: 1 }, { down: 1 }, "reflect")]).toEqual([2, 1, 2]);
  expect([-5, -4, -3, 3, 4, 5, 6].map((at) => inside(at, 3, "reflect"))).toEqual([1, 0, 1, 1, 0, 1, 2]);
  expect(inside(-9, 1, "reflect")).toBe(0);
});

it("turns by right angles as pixels are rearranged, and scales by interpolation", () => {
  const shape = { channels: 1, height: 3, width: 3 };
  const picture = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const quarter = placed(picture, shape, { radians: Math.PI / 2 });
  const expected = [3, 6, 9, 2, 5, 8, 1, 4, 7]; // Counter-clockwise: the right column is now on top.
  for (let i = 0; i < 9; i++) expect(quarter[i]).toBeCloseTo(expected[i]!, 5);
  // Twice as large about the centre: the middle stays, its neighbours come from half way.
  expect([...placed(Float32Array.of(0, 4, 8), { channels: 1, height: 1, width: 3 }, { factor: 2 })]).toEqual([2, 4, 6]);
});

it("resampling agrees with plain moving and flipping where it turns by next to nothing", () => {
  fc.assert(
    fc.property(shapes, fc.boolean(), fc.integer({ min: -9, max: 9 }), fc.boolean(), (shape, flip, right, edge) => {
      const picture = noise(shape.channels * shape.height * shape.width);
      const border = edge ? "edge" : "reflect";
      const plain = placed(picture, shape, { flip, right, down: -right }, border);
      const turned = placed(picture, shape, { flip, right, down: -right, radians: 1e-9 }, border);
      for (let i = 0; i < plain.length; i++) expect(turned[i]).toBeCloseTo(plain[i]!, 5);
    }),
    { numRuns: 50 },
  );
});

it("changes tone as torchvision's ColorJitter defines it", () => {
  const tone = (rgb: number[], factors: { brightness?: number; contrast?: number; saturation?: number }): number[] => {
    // Two pixels, from [0, 1] to the range and back.
    const values = Float32Array.from(rgb, (value) => 2 * value - 1);
    retone(values, 3, { brightness: 1, contrast: 1, saturation: 1, ...factors });
    return Array.from(values, (value) => Math.round(((value + 1) / 2) * 1e5) / 1e5);
  };
  const rgb = [0.2, 0.6, 0.4, 0.6, 0.8, 0.6]; // Pixels (0.2, 0.4, 0.8) and (0.6, 0.6, 0.6)
  expect(tone(rgb, { brightness: 1.5 })).toEqual([0.3, 0.9, 0.6, 0.9, 1, 0.9]);
  // Greys 0.2·0.299 + 0.4·0.587 + 0.8·0.114 = 0.3858 and 0.6, mean 0.4929.
  expect(tone(rgb, { contrast: 0.5 })).toEqual([0.34645, 0.54645, 0.44645, 0.54645, 0.64645, 0.54645]);
  expect(tone(rgb, { saturation: 0 })).toEqual([0.3858, 0.6, 0.3858, 0.6, 0.3858, 0.6]);
  const grey = Float32Array.of(-0.5, 0.5);
  retone(grey, 1, { brightness: 1, contrast: 1, saturation: 0 });
  expect([...grey]).toEqual([-0.5, 0.5]);
});

it("leaves opacity alone", () => {
  const values = noise(4 * 6);
  const opacity = [...values.subarray(18)];
  retone(values, 4, { brightness: 0.5, contrast: 1.5, saturation: 0.2 });
  expect([...values.subarray(18)]).toEqual(opacity);
});

const all = augmentationSchema.parse({
  flip: 0.5,
  shift: 2,
  rotate: 10,
  scale: 0.1,
  brightness: 0.2,
  contrast: 0.2,
  saturation: 0.2,
  cutout: 3,
});

it("gives a row the same whatever stands beside it, other ones for other keys, and leaves what it was given", () => {
  const batch = noise(4 * 3 * 8 * 8);
  const before = batch.slice();
  const key = root.split("augment");
  const both = augment(batch, [4, 3, 8, 8], all, key.at(5));
  expect(batch).toEqual(before);
  expect(augment(batch, [4, 3, 8, 8], all, key.at(5))).toEqual(both);
  expect(augment(batch.subarray(0, 192), [1, 3, 8, 8], all, key.at(5))).toEqual(both.slice(0, 192));
  expect(augment(batch, [4, 3, 8, 8], all, key.at(6))).not.toEqual(both);
  for (const value of both) expect(Math.abs(value)).toBeLessThanOrEqual(1);
  expect(augment(batch, [4, 3, 8, 8], augmentationSchema.parse({}), key)).toEqual(batch);
});

it("flips as often as it is told to, and moves by every distance alike", () => {
  const rows = 3000;
  const batch = new Float32Array(rows * 5).map((_, i) => (i % 5) / 5);
  const flips = augment(batch, [rows, 1, 1, 5], augmentationSchema.parse({ flip: 0.3 }), root);
  const flipped = Array.from({ length: rows }, (_, row) => flips[row * 5]! > 0.5).filter(Boolean).length;
  expect(Math.abs(flipped / rows - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / rows));
  const moved = augment(batch, [rows, 1, 1, 5], augmentationSchema.parse({ shift: 2, border: "edge" }), root);
  const counts = new Map<number, number>();
  // The middle pixel holds 2 - distance.
  for (let row = 0; row < rows; row++) {
    const distance = 2 - Math.round(moved[row * 5 + 2]! * 5);
    counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  for (const count of counts.values()) {
    expect(Math.abs(count / rows - 0.2)).toBeLessThan(4 * Math.sqrt((0.2 * 0.8) / rows));
  }
});

it("hides one square in all channels, cut off at the border", () => {
  const rows = 200;
  const batch = new Float32Array(rows * 2 * 6 * 6).fill(0.5);
  const out = augment(batch, [rows, 2, 6, 6], augmentationSchema.parse({ cutout: 3 }), root);
  const sizes = new Set<number>();
  for (let row = 0; row < rows; row++) {
    const [first, second] = [0, 1].map((channel) =>
      Array.from({ length: 36 }, (_, i) => i).filter((i) => out[(row * 2 + channel) * 36 + i] === 0),
    );
    expect(second).toEqual(first);
    const ys = first!.map((i) => Math.floor(i / 6));
    const xs = first!.map((i) => i % 6);
    const [tall, wide] = [ys, xs].map((each) => Math.max(...each) - Math.min(...each) + 1);
    expect(tall! * wide!).toBe(first!.length);
    sizes.add(first!.length);
  }
  // Whole, cut at one side, and in a corner.
  expect([...sizes].sort((a, b) => a - b)).toEqual([4, 6, 9]);
});

it("refuses a batch of another shape, and settings out of range", () => {
  expect(() => augment(new Float32Array(5), [1, 1, 2, 2], all, root)).toThrow(/5 numbers.*1×1×2×2/);
  expect(augmentationSchema.safeParse({ flip: 2 }).success).toBe(false);
  expect(augmentationSchema.safeParse({ mirror: 1 }).success).toBe(false);
});

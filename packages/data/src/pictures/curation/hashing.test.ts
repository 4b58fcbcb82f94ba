import { RandomKey } from "@atelier/engine/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Picture } from "../picture.js";
import { HammingIndex } from "./hamming-index.js";
import { countBits, hammingDistance, perceptualHash } from "./perceptual-hash.js";
import { similarity, standardised } from "./similarity.js";
import { thumbnail, thumbnailSide } from "./thumbnail.js";

const root = RandomKey.fromSeed(3);
const grey = (width: number, height: number, value: (x: number, y: number) => number): Picture => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from({ length: width * height }, (_, i) => Math.round(value(i % width, Math.floor(i / width)))),
});

describe("the thumbnail", () => {
  it("is the mean of what each of its pixels covers, also where sides do not divide", () => {
    // 24 pixels onto 16: each covers one and a half. 0 10 20 …: (0 + 10/2) / 1.5, (10/2 + 20) / 1.5.
    const ramp = thumbnail(grey(24, 3, (x) => 10 * x));
    expect(ramp[0]).toBeCloseTo(5 / 1.5, 4);
    expect(ramp[1]).toBeCloseTo(25 / 1.5, 4);
    expect(ramp[15 * thumbnailSide + 15]).toBeCloseTo((0.5 * 220 + 230) / 1.5, 4);
  });

  it("agrees with brute force over a finer grid", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (width, height) => {
        const values = root
          .at(width)
          .at(height)
          .bits(new Uint32Array(width * height));
        const picture = grey(width, height, (x, y) => values[y * width + x]! & 255);
        const small = thumbnail(picture);
        // Every pixel as 16×16 equal ones: the thumbnail's pixels then cover whole ones, width × height of them.
        const [i, j] = [values[0]! % 16, (values[0]! >>> 8) % 16];
        let sum = 0;
        for (let y = j * height; y < (j + 1) * height; y++) {
          for (let x = i * width; x < (i + 1) * width; x++) {
            sum += picture.data[Math.floor(y / 16) * width + Math.floor(x / 16)]!;
          }
        }
        expect(small[j * 16 + i]).toBeCloseTo(sum / (width * height), 3);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the perceptual hash", () => {
  const hashOf = (picture: Picture) => perceptualHash(thumbnail(picture));

  it("has one bit for one wave, at its frequency", () => {
    for (const [across, down] of [
      [1, 0],
      [0, 3],
      [5, 2],
      [7, 7],
    ] as const) {
      const wave = (sign: number): Picture =>
        grey(16, 16, (x, y) => {
          const phase = (at: number, times: number): number => Math.cos((Math.PI * (at + 0.5) * times) / 16);
          return 128 + sign * 100 * phase(x, across) * phase(y, down);
        });
      const bit = 8 * down + across;
      const expected = bit < 32 ? { low: (1 << bit) >>> 0, high: 0 } : { low: 0, high: (1 << (bit - 32)) >>> 0 };
      expect(hashOf(wave(1))).toEqual(expected);
      expect(hashOf(wave(-1))).toEqual({ low: 0, high: 0 });
    }
  });

  it("is nothing for one grey, and the same for colours of the same brightness", () => {
    expect(hashOf(grey(5, 9, () => 77))).toEqual({ low: 0, high: 0 });
    const half = grey(16, 16, (x) => (x < 8 ? 60 : 255));
    const red: Picture = {
      ...half,
      channels: 3,
      data: Uint8Array.from(half.data, (value) => value).reduce<Uint8Array>((rgb, value, i) => {
        rgb.set(value === 60 ? [200, 0, 0] : [255, 255, 255], 3 * i);
        return rgb;
      }, new Uint8Array(768)),
    };
    expect(hashOf(red)).toEqual(hashOf(half));
  });

  it("counts bits as their binary digits say", () => {
    const words = root.bits(new Uint32Array(200));
    for (const word of [0, 1, 0xffffffff, 0x80000000, ...words]) {
      expect(countBits(word)).toBe([...word.toString(2)].filter((digit) => digit === "1").length);
    }
    expect(hammingDistance({ high: 0, low: 7 }, { high: 0x80000000, low: 1 })).toBe(3);
  });
});

describe("the index of hashes", () => {
  it("finds what comparing all finds, for every distance", () => {
    const words = root.split("hashes").bits(new Uint32Array(1200));
    // Clusters, so that there is something to find: a hash, and others with some of its bits turned.
    const hashes = Array.from({ length: 400 }, (_, i) => {
      const centre = i - (i % 20);
      const turned = (word: number, by: number): number => (word ^ (1 << (by & 31)) ^ (1 << ((by >>> 5) & 31))) >>> 0;
      const [by, again] = [words[3 * i + 2]!, words[(3 * i + 5) % 1200]!];
      if (i === centre) return { high: words[3 * i]!, low: words[3 * i + 1]! };
      return {
        high: turned(turned(words[3 * centre]!, by), again >>> 10),
        low: i % 2 === 0 ? turned(words[3 * centre + 1]!, by >>> 10) : words[3 * centre + 1]!,
      };
    });
    let found = 0;
    for (const distance of [0, 1, 3, 4, 6, 7, 8, 11, 16]) {
      const index = new HammingIndex(distance);
      for (const [i, hash] of hashes.entries()) {
        const expected = hashes
          .slice(0, i)
          .flatMap((other, j) => (hammingDistance(hash, other) <= distance ? [j] : []));
        expect(index.find(hash)).toEqual(expected);
        found += expected.length;
        expect(index.add(hash)).toBe(i);
      }
    }
    expect(found).toBeGreaterThan(5000);
  });

  it("compares few of many", () => {
    const count = 20_000;
    const words = root.split("many").bits(new Uint32Array(2 * count));
    const index = new HammingIndex(8);
    for (let i = 0; i < count; i++) {
      const hash = { high: words[2 * i]!, low: words[2 * i + 1]! };
      index.find(hash);
      index.add(hash);
    }
    // 188 keys of 65,536 are looked up, each with half of all hashes so far on average.
    const expected = (188 / 65_536) * ((count * (count - 1)) / 2);
    expect(Math.abs(index.comparisons / expected - 1)).toBeLessThan(0.05);
  });
});

describe("similarity", () => {
  const outline = (picture: Picture): Float32Array => standardised(thumbnail(picture));
  const halves = (left: number, right: number): Picture => grey(16, 16, (x) => (x < 8 ? left : right));

  it("is 1 for another brightness and contrast", () => {
    expect(similarity(outline(halves(0, 200)), outline(halves(100, 150)))).toBeCloseTo(1, 6);
    expect(similarity(outline(halves(0, 200)), outline(halves(200, 0)))).toBe(0);
  });

  it("goes by the square that differs most", () => {
    // One of 64 squares, at 0 among 100, is brought to 10 instead of 0: with mean m and deviation d of both, the difference in closed form.
    const spotted = (spot: number): Picture => grey(16, 16, (x, y) => (x < 2 && y < 2 ? spot : x < 8 ? 0 : 100));
    const standard = (spot: number, value: number): number => {
      const mean = (32 * 100 + spot) / 64;
      const deviation = Math.sqrt((32 * 100 ** 2 + spot ** 2) / 64 - mean ** 2);
      return (value - mean) / deviation;
    };
    const difference = Math.abs(standard(10, 10) - standard(0, 0));
    expect(similarity(outline(spotted(10)), outline(spotted(0)))).toBeCloseTo(1 - difference, 5);
  });

  it("takes greys for alike only where they are equal", () => {
    const [dark, light] = [outline(halves(20, 20)), outline(halves(30, 30))];
    expect(similarity(dark, light)).toBe(0);
    expect(similarity(dark, dark.slice())).toBe(1);
    expect(similarity(dark, outline(halves(0, 200)))).toBe(0);
  });
});

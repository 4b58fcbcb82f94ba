/** Nearest training pictures against brute force and planted copies; the trivial model against the frequencies it is drawn from. */
import { ArgumentError, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { featureMatrix } from "./feature-matrix.js";
import { CLOSE_SHARE, pictureMemorisation, pictureMemorisationMeasures } from "./memorisation.js";
import { nearestRows } from "./nearest-rows.js";
import { pixelMarginals } from "./pixel-marginals.js";

const key = RandomKey.fromSeed(21);
const bytes = (rows: number, width: number, name: string) =>
  featureMatrix(Uint8Array.from(key.split(name).uniform(new Float32Array(rows * width), 0, 256)), width);

describe("nearestRows", () => {
  it.each([5, 16, 37])("agrees with brute force over rows of %i", (width) => {
    const [queries, among] = [bytes(70, width, "queries"), bytes(210, width, "among")];
    const { indices, distances } = nearestRows(queries, among);
    for (let i = 0; i < queries.rows; i++) {
      const all = Array.from({ length: among.rows }, (_, j) => {
        let sum = 0;
        for (let k = 0; k < width; k++) sum += (queries.values[i * width + k]! - among.values[j * width + k]!) ** 2;
        return sum;
      });
      const least = Math.min(...all);
      expect([indices[i], distances[i]]).toEqual([all.indexOf(least), Math.sqrt(least)]);
    }
  });

  it("finds copies at distance 0, the first of several, also of features that are not whole numbers", () => {
    const features = featureMatrix(key.normal(new Float32Array(300 * 20), 50), 20);
    const copies = featureMatrix(features.values.slice(100 * 20, 200 * 20), 20);
    const { indices, distances } = nearestRows(copies, features);
    expect([...indices]).toEqual(Array.from({ length: 100 }, (_, i) => 100 + i));
    expect(distances.every((distance) => distance === 0)).toBe(true);
    const twice = featureMatrix(Uint8Array.of(9, 9, 1, 2, 1, 2), 2);
    expect([...nearestRows(featureMatrix(Uint8Array.of(1, 2), 2), twice).indices]).toEqual([1]);
    expect(() => nearestRows(copies, bytes(3, 21, "other"))).toThrow(ArgumentError);
  });
});

describe("pictureMemorisation", () => {
  it("counts the samples that are as close as the closest hundredth of held-out pictures", () => {
    const training = bytes(300, 48, "training");
    const heldOut = bytes(200, 48, "held out");
    const values = bytes(100, 48, "samples").values.slice();
    values.set(training.values.subarray(0, 30 * 48)); // 30 copies
    const found = pictureMemorisation({ samples: featureMatrix(values, 48), heldOut, training });
    expect([...found.samples.indices.subarray(0, 30)]).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(found.close).toBe([...found.heldOut.distances].sort((a, b) => a - b)[1]);
    const [close, distance] = pictureMemorisationMeasures({ found, protocol: "100 samples", key });
    const others = [...found.samples.distances.subarray(30)].filter((x) => x <= found.close).length;
    expect(close).toMatchObject({ name: CLOSE_SHARE, value: (30 + others) / 100, samples: 100, better: "lower" });
    expect(close!.baseline).toMatchObject({ name: "200 held-out pictures", value: 2 / 200 });
    expect(close!.protocol).toMatch(/^100 samples; Euclidean distance to the nearest of 300 training pictures/);
    const mean = found.samples.distances.reduce((sum, x) => sum + x, 0) / 100;
    expect(distance!.value).toBeCloseTo(mean, 9);
  });
});

describe("pixelMarginals", () => {
  it("keeps what each place has, and nothing of how places go together", () => {
    // Places 0 and 1 are 10 and 20 in a quarter of the pictures, else 0; place 2 is always 7.
    const pictures = Uint8Array.from([10, 20, 7, 0, 0, 7, 0, 0, 7, 0, 0, 7]);
    const count = 20_000;
    const drawn = pixelMarginals(pictures, 3, count, key);
    const share = (holds: (i: number) => boolean): number =>
      Array.from({ length: count }, (_, i) => i).filter(holds).length / count;
    const sd = Math.sqrt((0.25 * 0.75) / count);
    expect(Math.abs(share((i) => drawn[3 * i] === 10) - 0.25)).toBeLessThan(4 * sd);
    expect(Math.abs(share((i) => drawn[3 * i + 1] === 20) - 0.25)).toBeLessThan(4 * sd);
    expect(Math.abs(share((i) => drawn[3 * i] === 10 && drawn[3 * i + 1] === 20) - 1 / 16)).toBeLessThan(4 * sd);
    expect(share((i) => drawn[3 * i + 2] === 7)).toBe(1);
    expect(pixelMarginals(pictures, 3, 5, key)).toEqual(drawn.slice(0, 15));
    for (const size of [5, 0]) expect(() => pixelMarginals(pictures, size, 1, key)).toThrow(ArgumentError);
    expect(() => pixelMarginals(new Uint8Array(0), 3, 1, key)).toThrow(ArgumentError);
  });
});

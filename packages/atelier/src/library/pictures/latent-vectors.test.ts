/** Closed forms of ways and axes. */
import { RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { evenly, joined, meanVector, spherical, straight } from "./latent-vectors.js";
import { normalQuantile } from "./normal-quantile.js";
import { principalAxes, symmetricEigenvectors } from "./principal-axes.js";

const norm = (vector: Float32Array): number => Math.hypot(...vector);

describe("ways between two vectors", () => {
  const a = Float32Array.of(3, 0, 0);
  const b = Float32Array.of(0, 3, 0);

  it("turns evenly and keeps the length of vectors that are as long", () => {
    const third = spherical(a, b, 1 / 3); // 30 of 90 degrees
    expect([...third]).toEqual([expect.closeTo(3 * Math.cos(Math.PI / 6), 5), expect.closeTo(1.5, 5), 0]);
    const [x, y] = [1, 2].map((seed) => RandomKey.fromSeed(seed).normal(new Float32Array(20)));
    const long = y!.map((value) => (value * norm(x!)) / norm(y!));
    for (const t of [0.1, 0.5, 0.77]) expect(norm(spherical(x!, long, t))).toBeCloseTo(norm(x!), 4);
    // A straight line would pass nearer to the middle.
    expect(norm(straight(x!, long, 0.5))).toBeLessThan(0.9 * norm(x!));
  });

  it("goes evenly from one length to the other", () => {
    const middle = spherical(Float32Array.of(1, 0), Float32Array.of(0, 5), 0.5);
    expect(norm(middle)).toBeCloseTo(3, 5);
    expect(middle[0]).toBeCloseTo(middle[1]!, 5);
  });

  it("is exact at both ends, and straight where no angle is between", () => {
    expect(spherical(a, b, 0)).toEqual(a);
    expect(spherical(a, b, 1)).toEqual(b);
    expect([...spherical(a, a, 0.3)]).toEqual([3, 0, 0]);
    expect([
      ...spherical(
        a,
        a.map((x) => -x),
        0.25,
      ),
    ]).toEqual([1.5, 0, 0]);
    expect([...spherical(new Float32Array(3), b, 0.5)]).toEqual([0, 1.5, 0]);
  });

  it("spaces numbers evenly, both ends included", () => {
    expect(evenly(-3, 3, 5)).toEqual([-3, -1.5, 0, 1.5, 3]);
    expect([...joined([[1, 2], Float32Array.of(3, 4)])]).toEqual([1, 2, 3, 4]);
    expect([...meanVector(Float32Array.of(1, 2, 9, 9, 3, 6), 2, [0, 2])]).toEqual([2, 4]);
  });
});

describe("quantiles of the normal distribution", () => {
  it("agree with tables", () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 6);
    expect(normalQuantile(0.025)).toBeCloseTo(-1.959963985, 6);
    expect(normalQuantile(0.8413447461)).toBeCloseTo(1, 6);
    expect(normalQuantile(0.6)).toBeCloseTo(0.2533471031, 6);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306, 6);
  });
});

describe("principal axes", () => {
  it("are those of a known covariance", () => {
    // Two axes turned by 30 degrees, with deviations of 3 and 1, and a third that is constant.
    const [cosine, sine] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    const rows: number[] = [];
    for (const u of [-3, 3]) for (const v of [-1, 1]) rows.push(5 + cosine * u - sine * v, sine * u + cosine * v, 7);
    const { mean, axes, variances, shares } = principalAxes(Float32Array.from(rows), 3);
    expect([...mean]).toEqual([expect.closeTo(5, 5), expect.closeTo(0, 5), 7]);
    expect([...axes[0]!]).toEqual([expect.closeTo(cosine, 5), expect.closeTo(sine, 5), 0]);
    expect([...axes[1]!]).toEqual([expect.closeTo(-sine, 5), expect.closeTo(cosine, 5), 0]);
    expect(variances[0]).toBeCloseTo(12, 4); // 4 · 9 / 3: four rows, three degrees of freedom
    expect(variances[1]).toBeCloseTo(4 / 3, 4);
    expect(shares[0]).toBeCloseTo(0.9, 5);
    expect(shares[2]).toBeCloseTo(0, 5);
  });

  it("solve A v = λ v, at right angles to each other", () => {
    const size = 24;
    const noise = RandomKey.fromSeed(1).normal(new Float32Array(size * size));
    const matrix = Float64Array.from({ length: size * size }, (_, at) => {
      const [i, j] = [Math.floor(at / size), at % size];
      return noise[i * size + j]! + noise[j * size + i]!;
    });
    const { values, vectors } = symmetricEigenvectors(matrix, size);
    vectors.forEach((vector, k) => {
      for (let i = 0; i < size; i++) {
        const product = vector.reduce((sum, x, j) => sum + matrix[i * size + j]! * x, 0);
        expect(product).toBeCloseTo(values[k]! * vector[i]!, 10);
      }
      for (const [l, other] of vectors.entries()) {
        expect(vector.reduce((sum, x, i) => sum + x * other[i]!, 0)).toBeCloseTo(l === k ? 1 : 0, 10);
      }
    });
  });
});

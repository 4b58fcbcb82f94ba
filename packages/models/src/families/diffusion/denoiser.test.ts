/** Denoisers that are put together of others, and the one that is known exactly. */
import { ArgumentError, hostTensor } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { type Denoiser, denoiserOf, guided, mixed } from "./denoiser.js";
import { mixtureDenoiser } from "./gaussian-mixture.js";

describe("guidance", () => {
  const constantly =
    (value: number): Denoiser =>
    async (x) =>
      x.map(() => value);

  it("goes from the unconditional through the conditional, and past it", async () => {
    const at = async (scale: number) => [
      ...(await guided(constantly(5), constantly(2), scale)(new Float64Array(2), 1)),
    ];
    expect(await at(0)).toEqual([2, 2]);
    expect(await at(1)).toEqual([5, 5]);
    expect(await at(3)).toEqual([11, 11]);
    expect(await at(-1)).toEqual([-1, -1]);
    expect(() => guided(constantly(1), constantly(2), Number.NaN)).toThrow(ArgumentError);
  });

  it("of noise predictions is (1 + w) ε_c − w ε_u (equation 6)", async () => {
    const [conditional, free] = [
      mixtureDenoiser({ means: [[1]], standardDeviation: 0.2 }),
      mixtureDenoiser({ means: [[1], [-1]], standardDeviation: 0.2 }),
    ];
    const [x, sigma, w] = [Float64Array.of(0.3), 1.5, 2];
    const epsilon = async (denoise: Denoiser) => (x[0]! - (await denoise(x, sigma))[0]!) / sigma;
    const expected = (1 + w) * (await epsilon(conditional)) - w * (await epsilon(free));
    expect(await epsilon(guided(conditional, free, 1 + w))).toBeCloseTo(expected, 12);
  });
});

describe("a mixture", () => {
  it("is denoised to the mean of what x may have been: an integral", async () => {
    const [means, deviations, weights] = [
      [-1, 2],
      [0.5, 0.2],
      [1, 3],
    ];
    const denoise = mixtureDenoiser({ means: means.map((m) => [m]), standardDeviation: deviations, weights });
    for (const [x, sigma] of [
      [0.4, 0.7],
      [-3, 2],
      [2, 0.1],
    ] as const) {
      let [total, moment] = [0, 0];
      for (let x0 = -8; x0 < 8; x0 += 0.001) {
        let prior = 0;
        means.forEach((m, k) => {
          prior += (weights[k]! / deviations[k]!) * Math.exp(-0.5 * ((x0 - m) / deviations[k]!) ** 2);
        });
        const density = prior * Math.exp(-0.5 * ((x - x0) / sigma) ** 2);
        total += density;
        moment += density * x0;
      }
      expect((await denoise(Float64Array.of(x), sigma))[0]).toBeCloseTo(moment / total, 8);
    }
  });

  it("takes rows apart, also far from all components", async () => {
    const denoise = mixtureDenoiser({
      means: [
        [0, 0],
        [1, 1],
      ],
      standardDeviation: 0,
    });
    const [a, b, c, d] = await denoise(Float64Array.of(1e6, 1e6, 0.5, 0.5), 0.01);
    expect([a, b]).toEqual([1, 1]);
    expect([c, d]).toEqual([expect.closeTo(0.5, 12), expect.closeTo(0.5, 12)]);
    await expect(denoise(Float64Array.of(1, 2, 3), 1)).rejects.toThrow(ArgumentError);
  });
});

it("a network's denoiser gets the batch and a level for each row", async () => {
  const denoise = denoiserOf([2, 1, 1, 2], async (x, sigma) => {
    expect([x.shape, sigma.shape]).toEqual([[2, 1, 1, 2], [2]]);
    return hostTensor(
      Float32Array.from(x.data, (value, i) => value * sigma.data[Math.floor(i / 2)]!),
      x.shape,
    );
  });
  expect([...(await denoise(Float64Array.of(1, 2, 3, 4), 0.5))]).toEqual([0.5, 1, 1.5, 2]);
});

describe("a mixture of denoisers", () => {
  const own: Denoiser = async (x) => x.map((value) => 2 * value);
  const other: Denoiser = async (x, sigma) => x.map(() => 10 * sigma);

  it("weighs what each says row by row: equation 11 of Liu et al. 2022 by hand", async () => {
    const mixture = mixed([
      { weights: [1, 0.25], denoiser: own },
      { weights: [0, 0.75], denoiser: other },
    ]);
    // Rows (1, 2) and (3, 4) at σ = 2: the first is doubled; the second a quarter of its double and three quarters of 20.
    expect([...(await mixture(Float64Array.of(1, 2, 3, 4), 2))]).toEqual([2, 4, 16.5, 17]);
  });

  it("is the one denoiser where there is no other", async () => {
    expect(mixed([{ weights: [1, 1], denoiser: own }])).toBe(own);
    expect([...(await mixed([{ weights: [0.5, 1], denoiser: own }])(Float64Array.of(1, 1), 1))]).toEqual([1, 2]);
    expect(() => mixed([])).toThrow(ArgumentError);
  });
});

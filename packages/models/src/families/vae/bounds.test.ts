/** Bounds of log p(x) beside a model whose probabilities are known. */
import {
  ArgumentError,
  compile,
  type HostTensor,
  hostTensor,
  input,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { vaeConfiguration } from "./configuration.js";
import { importanceBound } from "./importance-bound.js";
import { vaeElbo, vaeImportanceSum } from "./vae.js";

const tensor = (rows: readonly (readonly number[])[], shape: readonly number[]): HostTensor =>
  hostTensor(Float32Array.from(rows.flat()), shape);

/** Two pixels that a single latent number moves along a line, and noise: x = a z + b + σ ε. */
describe("a linear Gaussian model", () => {
  const [a, b, sigma] = [[0.7, -0.4], [0.5, 0.3], 0.25] as const;
  const x = [
    [0.9, 0.2],
    [-0.3, 0.8],
    [0.5, 0.3],
  ];
  const c = vaeConfiguration({
    shape: [1, 1, 2],
    fields: [{ name: "pixels", channels: 1, kind: "continuous", range: [0, 1] }],
    latent: 1,
    network: { kind: "mlp", hidden: [] },
    likelihood: { kind: "gaussian", standardDeviation: sigma },
  });
  // The posterior is normal: precision 1 + |a|² / σ², mean a · (x − b) / σ² over it (Bishop 2006, equation 2.116).
  const precision = 1 + (a[0] ** 2 + a[1] ** 2) / sigma ** 2;
  const gain = a.map((each) => each / sigma ** 2 / precision);
  const exact = {
    weight: gain.map((each) => [each, 0]),
    bias: [-(gain[0]! * b[0] + gain[1]! * b[1]), -Math.log(precision)],
  };
  const rough = {
    weight: [
      [0.8, 0],
      [0.1, 0],
    ],
    bias: [-0.2, -1.2],
  };
  const paramsWith = ({ weight, bias }: { weight: number[][]; bias: number[] }): TreeRecord<HostTensor> => ({
    encoder: { output: { weight: tensor(weight, [2, 2]), bias: tensor([bias], [2]) } },
    decoder: { output: { weight: tensor([a], [1, 2]), bias: tensor([b], [2]) } },
  });
  /** log N(x; b, a aᵀ + σ²) */
  const truth = x.map(([x0, x1]) => {
    const [c00, c11, c01] = [a[0] ** 2 + sigma ** 2, a[1] ** 2 + sigma ** 2, a[0] * a[1]];
    const determinant = c00 * c11 - c01 ** 2;
    const [d0, d1] = [x0! - b[0], x1! - b[1]];
    const distance = (c11 * d0 ** 2 - 2 * c01 * d0 * d1 + c00 * d1 ** 2) / determinant;
    return -0.5 * (2 * Math.log(2 * Math.PI) + Math.log(determinant) + distance);
  });

  /** The mean bound over so many copies of each picture. */
  async function boundsWith(
    params: TreeRecord<HostTensor>,
    copies: number,
    bound: (scope: Scope, x: Tensor) => Tensor,
    keys = RandomKey.fromSeed(9),
  ): Promise<number[]> {
    const run = compile((given: { params: TreeRecord<Tensor>; x: Tensor }) => ({
      bound: bound(Scope.over({ params: given.params }), given.x),
    }));
    const rows = x.flatMap((row) => new Array<number[]>(copies).fill(row));
    const { bound: values } = await run({ params, x: tensor(rows, [rows.length, 1, 1, 2]) }, { keys });
    await run.release();
    return x.map(
      (_, i) => [...values.data.subarray(i * copies, (i + 1) * copies)].reduce((sum, v) => sum + v, 0) / copies,
    );
  }
  const importance =
    (samples: number) =>
    (scope: Scope, pictures: Tensor): Tensor =>
      vaeImportanceSum(scope, c, pictures, samples).sub(Math.log(samples));

  it("its exact posterior makes every single draw of the bound log p(x)", async () => {
    const single = await boundsWith(paramsWith(exact), 1, importance(1));
    const several = await boundsWith(paramsWith(exact), 1, importance(7));
    truth.forEach((value, i) => {
      expect(single[i]).toBeCloseTo(value, 4);
      expect(several[i]).toBeCloseTo(value, 4);
    });
  });

  it("with another posterior: ELBO < bound of 5 samples < log p(x), which many samples reach", async () => {
    const params = paramsWith(rough);
    const elbo = await boundsWith(params, 2000, (scope, pictures) => vaeElbo(scope, c, pictures).elbo);
    const five = await boundsWith(params, 2000, importance(5));
    truth.forEach((value, i) => {
      expect(elbo[i]).toBeLessThan(five[i]! - 0.02);
      expect(five[i]).toBeLessThan(value - 0.002);
    });
    // 20,000 samples, in four calls with keys of their own.
    const sums = [];
    for (let call = 0; call < 4; call++) {
      const sum = (scope: Scope, pictures: Tensor): Tensor => vaeImportanceSum(scope, c, pictures, 5000);
      sums.push(await boundsWith(params, 1, sum, RandomKey.fromSeed(9).at(call)));
    }
    const estimate = importanceBound(sums, 20_000);
    truth.forEach((value, i) => {
      expect(Math.abs(estimate[i]! - value)).toBeLessThan(0.02);
    });
  });

  it("the ELBO is, on average, log p(x) less the divergence from the exact posterior", async () => {
    const elbo = await boundsWith(paramsWith(rough), 20_000, (scope, pictures) => vaeElbo(scope, c, pictures).elbo);
    x.forEach(([x0, x1], i) => {
      const [mean, variance] = [0.8 * x0! + 0.1 * x1! - 0.2, Math.exp(-1.2)];
      const best = gain[0]! * x0! + gain[1]! * x1! + exact.bias[0]!;
      const divergence =
        0.5 * (variance * precision + (mean - best) ** 2 * precision - 1 - Math.log(variance * precision));
      // Four standard errors of the mean, where single draws deviate by up to 5.2. The divergences are 0.65, 3.4 and 0.9.
      expect(Math.abs(elbo[i]! - (truth[i]! - divergence))).toBeLessThan(0.15);
    });
  });

  it("refuses a bound of no samples", () => {
    expect(() => vaeImportanceSum(Scope.over({ params: {} }), c, input("x", [1, 1, 1, 2], "float32"), 0)).toThrow(
      ArgumentError,
    );
  });
});

it("sums of several calls become one bound, without overflow", () => {
  const [near, far] = importanceBound(
    [
      [Math.log(2), -1000],
      [Math.log(6), -1000 + Math.log(3)],
    ],
    4,
  );
  expect(near).toBeCloseTo(Math.log(2), 12);
  expect(far).toBeCloseTo(-1000, 9);
  expect(() => importanceBound([], 1)).toThrow(ArgumentError);
  expect(() => importanceBound([[1], [1, 2]], 1)).toThrow(ArgumentError);
});

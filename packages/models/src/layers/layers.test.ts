/** What the picture layers declare, and closed forms: fan-in, singular values, running statistics. */
import {
  ArgumentError,
  compile,
  flattenTree,
  full,
  type HostTensor,
  hostTensor,
  RandomKey,
  Scope,
  type Tensor,
  zeros,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { batchNorm } from "./batch-norm.js";
import { convolution, transposedConvolution } from "./convolution.js";
import { spectralNorm } from "./spectral-norm.js";

const key = RandomKey.fromSeed(11);
const shapesOf = (tree: Parameters<typeof flattenTree<HostTensor>>[0]): Record<string, readonly number[]> =>
  Object.fromEntries(flattenTree<HostTensor>(tree).map(([path, { shape }]) => [path, shape]));

describe("convolution", () => {
  const x = full([1, 8, 5, 5], 1);
  const declare = (model: (scope: Scope) => unknown) => Scope.declare(model, key).params;

  it("declares weights as PyTorch lays them out", () => {
    const options = { channels: 12, kernel: [3, 1], groups: 4 };
    expect(shapesOf(declare((s) => convolution(s, x, options)))).toEqual({ weight: [12, 2, 3, 1], bias: [12] });
    expect(shapesOf(declare((s) => transposedConvolution(s, x, { ...options, bias: false })))).toEqual({
      weight: [8, 3, 3, 1],
    });
  });

  it("begins uniform in ±1/√fan-in, with biases of zero, or as it is told", () => {
    const { weight, bias } = declare((s) => convolution(s, x, { channels: 200, kernel: 3 })) as Record<
      string,
      HostTensor
    >;
    const bound = 1 / Math.sqrt(8 * 9);
    const values = [...weight!.data].map(Number);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound);
    const variance = values.reduce((sum, w) => sum + w * w, 0) / values.length;
    expect(variance / (bound * bound)).toBeGreaterThan(0.32);
    expect(variance / (bound * bound)).toBeLessThan(0.347); // 1/3
    expect([...bias!.data].every((b) => b === 0)).toBe(true);
    const silent = declare((s) => convolution(s, x, { channels: 3, kernel: 3, weight: zeros })) as Record<
      string,
      HostTensor
    >;
    expect([...silent.weight!.data].every((w) => w === 0)).toBe(true);
  });
});

describe("batch norm", () => {
  it("begins with mean 0 and variance 1, and refuses to train on a single value", () => {
    const declared = Scope.declare((s) => batchNorm(s.at("norm"), full([2, 3], 1)), key);
    expect(shapesOf(declared.params)).toEqual({ "norm.scale": [3], "norm.shift": [3] });
    expect(shapesOf(declared.buffers)).toEqual({ "norm.mean": [3], "norm.variance": [3] });
    expect(() => Scope.declare((s) => batchNorm(s.at("norm"), full([1, 3, 1, 1], 1)), key)).toThrow(ArgumentError);
  });

  it("of a batch with known moments: running mean and unbiased variance by hand", async () => {
    // Channel 0 holds 1, 2, 3, 6 (mean 3, sum of squares about it 14), channel 1 four times 5.
    const x = hostTensor(Float32Array.of(1, 2, 5, 5, 3, 6, 5, 5), [2, 2, 2]);
    const ones = hostTensor(Float32Array.of(1, 1));
    const run = compile(({ x, one }: { x: Tensor; one: Tensor }) => {
      const scope = Scope.over(
        { params: { scale: one, shift: one.mul(0) }, buffers: { mean: one, variance: one } },
        { training: true },
      );
      batchNorm(scope, x, { momentum: 0.25 });
      return { mean: scope.updatedBuffers.get("mean")!, variance: scope.updatedBuffers.get("variance")! };
    });
    const { mean, variance } = await run({ x, one: ones });
    await run.release();
    expect([...mean.data]).toEqual([0.75 + 0.25 * 3, 0.75 + 0.25 * 5]);
    expect(variance.data[0]).toBeCloseTo(0.75 + (0.25 * 14) / 3, 6);
    expect(variance.data[1]).toBeCloseTo(0.75, 6);
  });
});

describe("spectral norm", () => {
  /** √ of the largest eigenvalue of A Aᵀ, by Jacobi's rotations. rows: A */
  function largestSingularValue(rows: number[][]): number {
    const n = rows.length;
    const a = rows.map((r) => rows.map((s) => r.reduce((sum, x, i) => sum + x * s[i]!, 0)));
    for (let sweep = 0; sweep < 50; sweep++) {
      for (let p = 0; p < n; p++) {
        for (let q = p + 1; q < n; q++) {
          if (Math.abs(a[p]![q]!) < 1e-15) continue;
          const angle = 0.5 * Math.atan2(2 * a[p]![q]!, a[p]![p]! - a[q]![q]!);
          const [c, s] = [Math.cos(angle), Math.sin(angle)];
          for (const row of a) [row[p], row[q]] = [c * row[p]! + s * row[q]!, c * row[q]! - s * row[p]!];
          const [first, second] = [[...a[p]!], [...a[q]!]];
          a[p] = first.map((x, i) => c * x + s * second[i]!);
          a[q] = second.map((x, i) => c * x - s * first[i]!);
        }
      }
    }
    return Math.sqrt(Math.max(...a.map((row, i) => row[i]!)));
  }

  const model = (scope: Scope, x: Tensor): Tensor =>
    convolution(scope.intercept("body.*.weight", spectralNorm()).at("body").at("0"), x, { channels: 5, kernel: 2 });
  const weightOf = (scope: Scope): Tensor =>
    scope.intercept("body.*.weight", spectralNorm()).at("body").at("0").param("weight", [5, 3, 2, 2], zeros);

  it("converges to division by the largest singular value, and keeps it where it does not train", async () => {
    const { params, buffers } = Scope.declare((s) => model(s, full([1, 3, 4, 4], 1)), key);
    expect(shapesOf(buffers)).toEqual({ "body.0.weight.direction": [5] });
    const weight = flattenTree<HostTensor>(params).find(([path]) => path === "body.0.weight")![1];
    const values = [...weight.data].map(Number);
    const sigma = largestSingularValue(Array.from({ length: 5 }, (_, o) => values.slice(o * 12, (o + 1) * 12)));

    const run = (training: boolean) =>
      compile(({ weight, direction }: { weight: Tensor; direction: Tensor }) => {
        const trees = { params: { body: [{ weight }] }, buffers: { body: [{ weight: { direction } }] } };
        const scope = Scope.over(trees, { training });
        return { normal: weightOf(scope), direction: scope.updatedBuffers.get("body.0.weight.direction") ?? direction };
      });
    const [train, use] = [run(true), run(false)];
    let direction = flattenTree<HostTensor>(buffers)[0]![1];
    for (let i = 0; i < 300; i++) ({ direction } = await train({ weight, direction }));
    for (const step of [train, use]) {
      const { normal } = await step({ weight, direction });
      const worst = Math.max(...values.map((w, i) => Math.abs(normal.data[i]! - w / sigma)));
      expect(worst).toBeLessThan(1e-6);
      await step.release();
    }
  });

  it("leaves a weight of zeros at zero, and parameters that the pattern does not name alone", async () => {
    const run = compile(({ weight, direction }: { weight: Tensor; direction: Tensor }) => {
      const named = Scope.over({ params: { weight }, buffers: { weight: { direction } } }, { training: true });
      const other = Scope.over({ params: { weight } }, { training: true });
      return {
        none: named.intercept("weight", spectralNorm()).param("weight", [2, 3], zeros),
        same: other.intercept("other", spectralNorm()).param("weight", [2, 3], zeros).add(1),
      };
    });
    const out = await run({
      weight: hostTensor(new Float32Array(6), [2, 3]),
      direction: hostTensor(Float32Array.of(0.6, 0.8)),
    });
    await run.release();
    expect([...out.none.data]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...out.same.data]).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

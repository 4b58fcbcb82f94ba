/** Operations against numbers from outside: published tables, hand calculation, and identities that any right answer satisfies. */
import { describe, expect, it } from "vitest";
import { compile } from "./compile.js";
import { hostTensor } from "./dtype.js";
import { gradients } from "./gradient.js";
import { constant, iota, scalar, type Tensor } from "./graph/tensor.js";
import { expectClose, uniformIn } from "./numeric.test-helpers.js";
import { gelu, reluSquared, silu, softplus } from "./ops/activation.js";
import { attention, rotary, rotaryTable } from "./ops/attention.js";
import { binaryCrossEntropyWithLogits, crossEntropy, logSumExp } from "./ops/loss.js";
import { layerNorm, rmsNorm } from "./ops/normalization.js";
import { erf } from "./reference/erf.js";
import { interpret } from "./reference/index.js";

const of = (...values: number[]): Tensor => constant(Float32Array.from(values));
const matrix = (rows: number[][]): Tensor =>
  constant(hostTensor(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]));

/** The values of a tensor, by the oracle and on the CPU, which must agree. */
async function valuesOf(x: Tensor): Promise<number[]> {
  const [expected] = interpret([x]);
  const run = compile((_: Record<string, Tensor>) => ({ x }));
  expectClose((await run({})).x, expected!, 1e-6, "CPU");
  await run.release();
  return [...expected!.data];
}

async function expectValues(x: Tensor, values: readonly number[], digits = 6): Promise<void> {
  const actual = await valuesOf(x);
  expect(actual).toHaveLength(values.length);
  values.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, digits);
  });
}

describe("erf in float64", () => {
  // Abramowitz and Stegun, Handbook of Mathematical Functions, table 7.1, and erfc(4) = 1.541725790028002e-8.
  it.each([
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [4, 1 - 1.541725790028002e-8],
  ])("erf(%d)", (x, value) => {
    expect(erf(x)).toBeCloseTo(value, 13);
    expect(erf(-x)).toBeCloseTo(-value, 13);
  });

  it("is 0 at 0 and ±1 far out", () => {
    expect([erf(0), erf(9), erf(-9), erf(Number.POSITIVE_INFINITY)]).toEqual([0, 1, -1, 1]);
    expect(erf(Number.NaN)).toBeNaN();
  });
});

describe("activations", () => {
  it("gelu(1) = Φ(1), gelu(−1) = −Φ(−1)", () => expectValues(gelu(of(1, -1, 0)), [0.8413447461, -0.1586552539, 0]));
  it("gelu by tanh at 1 and 2, as PyTorch documents it", () =>
    expectValues(gelu(of(1, 2), "tanh"), [0.8411919906, 1.954597694]));
  it("silu(1) = 1 / (1 + 1/e)", () => expectValues(silu(of(1, 0)), [0.7310585786, 0]));
  it("softplus(0) = ln 2, without overflow far out", () =>
    expectValues(softplus(of(0, 1, 100, -100)), [Math.LN2, 1.3132616875, 100, 0]));
  it("relu²", () => expectValues(reluSquared(of(-3, 0, 3)), [0, 0, 9]));

  it("softplus has slope σ and relu slope 0 at zero", () => {
    const x = of(0);
    const slopes = [softplus(x), x.relu()].map((y) => interpret(gradients(y.sum(), [x]))[0]!.data[0]);
    expect(slopes).toEqual([0.5, 0]);
  });
});

describe("softmax and its logarithms", () => {
  it("softmax(1, 2, 3)", () => expectValues(of(1, 2, 3).softmax(), [0.0900305732, 0.2447284711, 0.6652409558]));
  it("does not overflow", () => expectValues(of(1000, 1000).softmax(), [0.5, 0.5]));
  it("log softmax(1, 2, 3)", () =>
    expectValues(of(1, 2, 3).logSoftmax(), [-2.4076059644, -1.4076059644, -0.4076059644]));
  it("log Σ exp(0, 0, 0) = ln 3, and does not overflow", async () => {
    await expectValues(logSumExp(of(0, 0, 0)), [Math.log(3)]);
    await expectValues(logSumExp(of(1000, 1000)), [1000 + Math.LN2], 3);
  });
  it("cross-entropy of equal logits is ln V", () =>
    expectValues(
      crossEntropy(
        matrix([
          [0, 0, 0, 0],
          [5, 5, 5, 5],
        ]),
        constant(Int32Array.of(1, 3)),
      ),
      [Math.log(4)],
    ));
  it("cross-entropy counts only what is unmasked", () => {
    const logits = matrix([
      [0, 0],
      [50, -50],
    ]);
    return expectValues(crossEntropy(logits, constant(Int32Array.of(0, 1)), of(1, 0)), [Math.LN2]);
  });
  it("its gradient is softmax − one-hot, over N", async () => {
    const logits = matrix([[1, 2, 3]]);
    const loss = crossEntropy(logits, constant(Int32Array.of(2)));
    await expectValues(gradients(loss, [logits])[0]!, [0.0900305732, 0.2447284711, 0.6652409558 - 1]);
  });
  it("binary cross-entropy: ln 2 at zero, −ln σ(x) for a target of 1", async () => {
    await expectValues(binaryCrossEntropyWithLogits(of(0), of(1)), [Math.LN2]);
    await expectValues(binaryCrossEntropyWithLogits(of(2), 1), [0.126928011]);
    await expectValues(binaryCrossEntropyWithLogits(of(80), of(0)), [80]);
  });
});

describe("normalisation by hand", () => {
  const root = Math.sqrt(1.25); // mean 2.5, variance 1.25
  it("layer norm of 1, 2, 3, 4", () =>
    expectValues(layerNorm(of(1, 2, 3, 4), undefined, undefined, 0), [
      -1.5 / root,
      -0.5 / root,
      0.5 / root,
      1.5 / root,
    ]));
  it("layer norm with scale and shift", () =>
    expectValues(layerNorm(of(1, 2, 3, 4), of(2, 2, 2, 2), of(1, 1, 1, 1), 0), [
      1 - 3 / root,
      1 - 1 / root,
      1 + 1 / root,
      1 + 3 / root,
    ]));
  it("RMS norm of 3, 4 is them over √12.5", () =>
    expectValues(rmsNorm(of(3, 4), of(1, 2), 0), [3 / Math.sqrt(12.5), 8 / Math.sqrt(12.5)]));
});

describe("rotary positions", () => {
  it("turns the pair (1, 0) at position t by t radians", () =>
    expectValues(
      rotary(
        matrix([
          [1, 0],
          [1, 0],
          [1, 0],
        ]),
        rotaryTable(3, 2),
      ),
      [1, 0, Math.cos(1), Math.sin(1), Math.cos(2), Math.sin(2)],
    ));

  it("leaves inner products to depend on distance alone", async () => {
    const row = (name: string): Tensor => constant(uniformIn(name, [1, 8])).broadcastTo([6, 8]);
    const table = rotaryTable(6, 8);
    const scores = await valuesOf(rotary(row("q"), table).matmul(rotary(row("k"), table).transposeLast()));
    for (let t = 1; t < 6; t++) {
      for (let s = 1; s < 6; s++) expect(scores[t * 6 + s]).toBeCloseTo(scores[(t - 1) * 6 + s - 1]!, 5);
    }
    expect(Math.abs(scores[1]! - scores[0]!)).toBeGreaterThan(1e-3);
  });
});

describe("attention", () => {
  const heads = (rows: number[][]): Tensor => matrix(rows).reshape([1, 1, rows.length, rows[0]!.length]);
  const values = heads([
    [1, 10],
    [2, 20],
    [6, 60],
  ]);

  it("of equal keys is the mean of the values", () =>
    expectValues(
      attention(
        heads([[3, 1]]),
        heads([
          [1, 1],
          [1, 1],
          [1, 1],
        ]),
        values,
      ),
      [3, 30],
    ));

  it("causal: position t sees the mean of the first t + 1", () => {
    const same = heads([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    return expectValues(attention(same, same, values, { causal: true }), [1, 10, 1.5, 15, 3, 30]);
  });

  it("causal with fewer queries than keys: the queries are the last positions", () => {
    const keys = heads([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    return expectValues(
      attention(
        heads([
          [1, 1],
          [1, 1],
        ]),
        keys,
        values,
        { causal: true },
      ),
      [1.5, 15, 3, 30],
    );
  });

  it("causal with more queries than keys: the last query sees all, the one before all but one", async () => {
    const keys = heads([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    const queries = heads([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect((await valuesOf(attention(queries, keys, values, { causal: true }))).slice(2)).toEqual(
      [1, 10, 1.5, 15, 3, 30].map((x) => expect.closeTo(x, 5)),
    );
  });

  it("each group of queries uses its own key head", async () => {
    const query = constant(uniformIn("gq", [1, 4, 2, 4]));
    const [key, value] = [constant(uniformIn("gk", [1, 2, 3, 4])), constant(uniformIn("gv", [1, 2, 3, 4]))];
    const repeated = (x: Tensor): Tensor => x.gather(constant(Int32Array.of(0, 0, 1, 1)), 1);
    const expected = await valuesOf(attention(query, repeated(key), repeated(value)));
    await expectValues(attention(query, key, value), expected, 6);
  });
});

describe("sums and order", () => {
  it("running sums", async () => {
    await expectValues(of(1, 2, 3, 4).cumsum(), [1, 3, 6, 10]);
    await expectValues(
      matrix([
        [1, 2],
        [3, 4],
      ]).cumsum(0),
      [1, 2, 4, 6],
    );
  });
  it("top k in falling order, the first of equals first", async () => {
    const { values, indices } = of(3, 9, 9, 1).topK(3);
    await expectValues(values, [9, 9, 3]);
    await expectValues(indices, [1, 2, 0]);
  });
  it("argMax takes the first of equals", () => expectValues(of(1, 7, 7).argMax(), [1]));
  it("equal maxima share the gradient", () => {
    const x = of(2, 5, 5, 1);
    return expectValues(gradients(x.max(), [x])[0]!, [0, 0.5, 0.5, 0]);
  });
  it("0, 1, 2 and one-hot", () => expectValues(iota(3).oneHot(2), [1, 0, 0, 1, 0, 0]));
  it("a scalar of rank 0 has a gradient of rank 0", () => {
    const x = scalar(3);
    const [slope] = gradients(x.square(), [x]);
    expect(slope!.shape).toEqual([]);
    return expectValues(slope!, [6]);
  });
});

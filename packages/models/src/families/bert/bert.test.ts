/** The BERT against the float64 interpreter, what its positions see, and its uses. Its transformer's variants are tested with the GPT. */
import {
  ArgumentError,
  compile,
  flattenTree,
  gradients,
  type HostTensor,
  hostTensor,
  input,
  leavesOf,
  mapTree,
  RandomKey,
  Scope,
  sizeOf,
  type Tensor,
  type TreeRecord,
  unflattenLike,
} from "@atelier/engine";
import { interpret } from "@atelier/engine/reference";
import { describe, expect, it } from "vitest";
import type { TransformerConfiguration } from "../../backbones/configuration.js";
import { bert, bertEmbed, bertLogits, bertLoss, bertNats, type MaskedRows } from "./bert.js";
import { classicBert, modernBert } from "./configuration.js";
import { maskEach, maskTokens, padRows } from "./masking.js";

type Host = TreeRecord<HostTensor>;

const size = { vocabulary: 12, context: 8, layers: 2, heads: 4, width: 16 };
const MASK = 11;
const classic = classicBert(size);
const modern = modernBert(size, { keyValueHeads: 2, activation: "swiglu" });

const declare = (c: TransformerConfiguration): Host =>
  Scope.declare(bert(c).networks.bert!, RandomKey.fromSeed(1)).params;

/** Parameters away from every zero and one that they start with, so that all of them matter. */
const perturbed = (c: TransformerConfiguration): Host =>
  mapTree<HostTensor, HostTensor>(declare(c), ({ shape, data }, path) => {
    const noise = RandomKey.fromSeed(77)
      .split(path)
      .normal(new Float32Array(sizeOf(shape)), 0, 0.3);
    return hostTensor(
      noise.map((value, i) => value + data[i]!),
      shape,
    );
  }) as Host;

const ids = (rows: number[][]): HostTensor => hostTensor(Int32Array.from(rows.flat()), [rows.length, rows[0]!.length]);

const worst = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(expected, (x, i) => Math.abs(actual[i]! - x) / (1 + Math.abs(x))));
};

/** Runs a function of the model and rows once. */
async function once<R extends Record<string, Tensor>>(
  params: Host,
  rows: Record<string, HostTensor>,
  fn: (scope: Scope, rows: Record<string, Tensor>) => R,
): Promise<Record<keyof R, Float32Array>> {
  const run = compile((x: { params: TreeRecord<Tensor>; rows: Record<string, Tensor> }) =>
    fn(Scope.over({ params: x.params }), x.rows),
  );
  const result: Record<string, HostTensor> = await run({ params, rows });
  await run.release();
  return Object.fromEntries(Object.entries(result).map(([name, { data }]) => [name, data])) as Record<
    keyof R,
    Float32Array
  >;
}

// Rows of 5, 8 and 3 tokens; the last place of the second row is not used.
const { tokens, visible } = padRows(
  [
    [1, 2, MASK, 4, 5],
    [MASK, 7, 8, 9, 10, 0, 1, 2],
    [3, 3, MASK],
  ],
  { pad: MASK },
);
const rows = {
  inputs: tokens,
  positions: ids([
    [2, 4],
    [0, 0],
    [1, 2],
  ]),
  targets: ids([
    [3, 5],
    [6, -1],
    [3, 4],
  ]),
  visible,
} satisfies MaskedRows<HostTensor>;

describe.each([
  ["classic", classic],
  ["modern", modern],
])("%s", (_, c) => {
  const params = perturbed(c);

  it("computes the logits, loss and gradients of the float64 interpreter, and every parameter has one", async () => {
    const run = compile((x: { params: TreeRecord<Tensor>; rows: Required<MaskedRows> }) => {
      const scope = Scope.over({ params: x.params });
      const loss = bertLoss(scope, c, x.rows);
      const grads = unflattenLike<Tensor, Tensor>(x.params, gradients(loss, leavesOf<Tensor>(x.params)));
      return { logits: bertLogits(scope, c, x.rows.inputs, x.rows), loss, grads: grads as TreeRecord<Tensor> };
    });
    const actual = await run({ params, rows });
    await run.release();

    const tree = mapTree<HostTensor, Tensor>(params, ({ shape, dtype }, path) => input(path, shape, dtype));
    const traced = mapTree<HostTensor, Tensor>(rows, ({ shape, dtype }, path) => input(path, shape, dtype));
    const scope = Scope.over({ params: tree as TreeRecord<Tensor> });
    const loss = bertLoss(scope, c, traced as MaskedRows);
    const logits = bertLogits(scope, c, (traced as MaskedRows).inputs, traced as MaskedRows);
    const [expectedLoss, expectedLogits, ...expectedGrads] = interpret(
      [loss, logits, ...gradients(loss, leavesOf<Tensor>(tree))],
      { ...Object.fromEntries(flattenTree<HostTensor>(params)), ...rows },
    );
    expect(worst(actual.loss.data, expectedLoss!.data)).toBeLessThan(1e-5);
    expect(worst(actual.logits.data, expectedLogits!.data)).toBeLessThan(5e-5);
    flattenTree<HostTensor>(actual.grads).forEach(([path, { data }], i) => {
      expect(worst(data, expectedGrads[i]!.data), path).toBeLessThan(5e-5);
      expect(
        data.some((value) => Math.abs(value) > 1e-6),
        path,
      ).toBe(true);
    });
  });

  it("sees both sides, but no padding", async () => {
    const logitsOf = async (inputs: HostTensor): Promise<Float32Array> =>
      (await once(params, { inputs, visible }, (s, x) => ({ y: bertLogits(s, c, x.inputs!, { visible: x.visible }) })))
        .y;
    const before = await logitsOf(tokens);
    const changedAt = async (row: number, t: number): Promise<number[]> => {
      const data = Int32Array.from(tokens.data);
      data[row * 8 + t] = (data[row * 8 + t]! + 1) % MASK;
      const after = await logitsOf(hostTensor(data, [3, 8]));
      return Array.from({ length: 24 }, (_, i) => i).filter(
        (i) => worst(after.subarray(i * 12, (i + 1) * 12), before.subarray(i * 12, (i + 1) * 12)) > 1e-6,
      );
    };
    // The last and the first token of row 0 move all that row sees of itself, its padding too, and no other row.
    expect(await changedAt(0, 4)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await changedAt(0, 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // A token of the padding moves itself alone, which nobody reads.
    expect(await changedAt(0, 6)).toEqual([6]);
  });

  it("computes at the places asked for what it computes at all of them", async () => {
    const { some, all } = await once(params, rows, (s, x) => ({
      some: bertLogits(s, c, x.inputs!, { positions: x.positions, visible: x.visible }),
      all: bertLogits(s, c, x.inputs!, { visible: x.visible }),
    }));
    const places = [2, 4, 8, 8, 17, 18];
    const expected = places.flatMap((i) => [...all.subarray(i * 12, (i + 1) * 12)]);
    expect(worst(some, expected)).toBeLessThan(1e-6);
  });

  it("averages the losses of the places in use", async () => {
    const { nats, loss, logits } = await once(params, rows, (s, x) => ({
      nats: bertNats(s, c, x as MaskedRows),
      loss: bertLoss(s, c, x as MaskedRows),
      logits: bertLogits(s, c, x.inputs!, { positions: x.positions, visible: x.visible }),
    }));
    const expected = [3, 5, 6, -1, 3, 4].map((target, i) => {
      if (target < 0) return 0;
      const row = [...logits.subarray(i * 12, (i + 1) * 12)];
      return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[target]!;
    });
    expect(worst(nats, expected)).toBeLessThan(1e-5);
    expect(loss[0]).toBeCloseTo(expected.reduce((a, b) => a + b) / 5, 5);
  });

  it("embeds a text alike alone and beside others, as a vector of length 1", async () => {
    const texts = [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 0, 1, 2], [3]];
    const padded = padRows(texts, { pad: MASK });
    const together = (await once(params, padded, (s, x) => ({ y: bertEmbed(s, c, x.tokens!, x.visible) }))).y;
    for (const [i, text] of texts.entries()) {
      const alone = (await once(params, { tokens: ids([text]) }, (s, x) => ({ y: bertEmbed(s, c, x.tokens!) }))).y;
      const beside = together.subarray(i * 16, (i + 1) * 16);
      expect(alone.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
      expect(Math.max(...alone.map((x, j) => Math.abs(x - beside[j]!)))).toBeLessThan(1e-6);
    }
    expect(worst(together.subarray(0, 16), together.subarray(16, 32))).toBeGreaterThan(1e-2);
  });
});

describe("pseudo-log-likelihood", () => {
  it("is the sum over tokens hidden one at a time", async () => {
    const params = perturbed(classic);
    const text = [0, 5, 6, 7, 2];
    let total = 0;
    for (const batch of maskEach(text, { mask: MASK, specials: [0], rows: 3, length: 8 }))
      total += (await once(params, batch, (s, x) => ({ y: bertNats(s, classic, x as MaskedRows).sum() }))).y[0]!;
    let expected = 0;
    for (let t = 1; t < 5; t++) {
      const hidden = ids([text.map((token, i) => (i === t ? MASK : token))]);
      const { y } = await once(params, { hidden }, (s, x) => ({
        y: bertLogits(s, classic, x.hidden!).logSoftmax(-1),
      }));
      expected -= y[t * 12 + text[t]!]!;
    }
    expect(total).toBeCloseTo(expected, 4);
  });
});

describe("the family", () => {
  it("loses ln V before it has learned anything", async () => {
    const inputs = ids([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [9, 10, 0, 1, 2, 3, 4, 5],
    ]);
    const masked = maskTokens(inputs, { key: RandomKey.fromSeed(1), vocabulary: 12, mask: MASK });
    const lossOf = async (c: TransformerConfiguration): Promise<number> =>
      (
        await once(declare(c), { ...masked }, (s, x) => {
          const { loss } = bert(c).phases[0]!.loss({ bert: s }, x);
          return { loss };
        })
      ).loss[0]!;
    expect(await lossOf(modernBert(size))).toBeCloseTo(Math.log(12), 6); // the free head starts at zero
    expect(await lossOf(classic)).toBeCloseTo(Math.log(12), 1);
  });

  it("declares what it trains", () => {
    const { name, can, phases } = bert(classic);
    expect([name, can]).toEqual(["bert", ["fill", "score", "embed"]]);
    expect(phases.map((phase) => [phase.name, phase.every, phase.trains])).toEqual([["masked-tokens", 1, ["bert"]]]);
    expect(flattenTree<HostTensor>(declare(modernBert(size))).map(([path]) => path)).toContain("head.weight");
  });

  it("refuses what cannot be", () => {
    const scope = Scope.over({ params: {} });
    const tokens = (length: number): Tensor => input("tokens", [1, length], "int32");
    expect(() => bert(classic).phases[0]!.loss({ bert: scope }, { inputs: tokens(8) })).toThrow(ArgumentError);
    expect(() => bert(classic).phases[0]!.loss({}, {})).toThrow('the network "bert" is missing');
    expect(() => bertLogits(scope, classic, tokens(9))).toThrow(
      "a sequence of 9 tokens is longer than the context of 8",
    );
    expect(() => classicBert({ ...size, width: 18 })).toThrow("bert: width 18 does not divide into 4 heads");
    expect(() => modernBert(size, { dropout: 1 })).toThrow("bert: dropout");
  });
});

/** The classic BERT beside PyTorch's TransformerEncoder with its norms first: what `bench/peers/make_bert_fixture.py` recorded. */
import {
  compile,
  flattenTree,
  gradients,
  type HostTensor,
  hostTensor,
  leavesOf,
  Scope,
  type Tensor,
  type TreeRecord,
  unflattenLike,
} from "@atelier/engine";
import { expect, it } from "vitest";
import { torchFixture } from "../../torch-fixture.test-helpers.js";
import { bertEmbed, bertLogits, bertLoss, type MaskedRows } from "./bert.js";
import { classicBert } from "./configuration.js";

interface Fixture {
  readonly size: { vocabulary: number; context: number; layers: number; heads: number; width: number };
  readonly inputs: number[][];
  readonly visible: number[][];
  readonly positions: number[][];
  readonly targets: number[][];
  readonly logits: number[][][];
  readonly loss: number;
  readonly gradientNorms: Record<string, number>;
  readonly embeddings: number[][];
}

const { figures: fixture, weights } = await torchFixture<Fixture>("./fixtures/torch-encoder", import.meta.url);

const rowsOf = (rows: number[][], make: (flat: number[]) => Int32Array | Float32Array): HostTensor =>
  hostTensor(make(rows.flat()), [rows.length, rows[0]!.length]);
const ids = (flat: number[]): Int32Array => Int32Array.from(flat);

const furthest = (actual: ArrayLike<number>, expected: readonly number[]): number => {
  expect(actual.length).toBe(expected.length);
  return Math.max(...expected.map((x, i) => Math.abs(x - actual[i]!)));
};

it("has PyTorch's logits, loss, gradients and embeddings", async () => {
  const c = classicBert(fixture.size);
  const run = compile((x: { params: TreeRecord<Tensor>; rows: Required<MaskedRows> }) => {
    const scope = Scope.over({ params: x.params });
    const { inputs, positions, visible } = x.rows;
    const loss = bertLoss(scope, c, x.rows);
    return {
      logits: bertLogits(scope, c, inputs, { positions, visible }),
      embeddings: bertEmbed(scope, c, inputs, visible),
      loss,
      grads: unflattenLike<Tensor, Tensor>(x.params, gradients(loss, leavesOf<Tensor>(x.params))) as TreeRecord<Tensor>,
    };
  });
  const actual = await run({
    params: weights(),
    rows: {
      inputs: rowsOf(fixture.inputs, ids),
      positions: rowsOf(fixture.positions, ids),
      targets: rowsOf(fixture.targets, ids),
      visible: rowsOf(fixture.visible, (flat) => Float32Array.from(flat)),
    },
  });
  await run.release();
  expect(furthest(actual.logits.data, fixture.logits.flat(2))).toBeLessThan(2e-5);
  expect(furthest(actual.embeddings.data, fixture.embeddings.flat())).toBeLessThan(1e-6);
  expect(actual.loss.data[0]).toBeCloseTo(fixture.loss, 5);
  const grads = flattenTree<HostTensor>(actual.grads);
  expect(grads.map(([path]) => path).sort()).toEqual(Object.keys(fixture.gradientNorms).sort());
  for (const [path, { data }] of grads) {
    const norm = Math.sqrt([...data].reduce((sum, x) => sum + x * x, 0));
    expect(Math.abs(norm - fixture.gradientNorms[path]!), path).toBeLessThan(1e-5 * (1 + norm));
  }
});

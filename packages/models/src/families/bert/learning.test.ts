/** What a BERT is for: hidden tokens that follow from both neighbours together, and from neither alone. */
import {
  compile,
  type HostTensor,
  hostScalar,
  hostTensor,
  RandomKey,
  Scope,
  scalar,
  type Tensor,
  type TreeRecord,
  valueAndGrad,
} from "@atelier/engine";
import { expect, it } from "vitest";
import { hiddenStates, tokenLogits } from "../../backbones/tokens.js";
import { attendCausally } from "../../backbones/transformer.js";
import { adamw } from "../../optimisers/index.js";
import { bert, bertLoss, type MaskedRows } from "./bert.js";
import { modernBert } from "./configuration.js";

const MODULUS = 4;
const MASK = MODULUS;
const LENGTH = 7;
const ROWS = 64;
const c = modernBert({ vocabulary: MODULUS + 1, context: LENGTH, layers: 2, heads: 2, width: 32 });

/** Tokens at even places are free; between two of them stands their sum. One of the sums is hidden. */
function rowsOf(key: RandomKey): MaskedRows<HostTensor> {
  const inputs = new Int32Array(ROWS * LENGTH);
  const positions = new Int32Array(ROWS);
  const targets = new Int32Array(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const random = key.at(row);
    const tokens = inputs.subarray(row * LENGTH, (row + 1) * LENGTH);
    for (let t = 0; t < LENGTH; t += 2) tokens[t] = random.at(t).integer(MODULUS);
    for (let t = 1; t < LENGTH; t += 2) tokens[t] = (tokens[t - 1]! + tokens[t + 1]!) % MODULUS;
    const at = 1 + 2 * random.split("hidden").integer((LENGTH - 1) / 2);
    positions[row] = at;
    targets[row] = tokens[at]!;
    tokens[at] = MASK;
  }
  return {
    inputs: hostTensor(inputs, [ROWS, LENGTH]),
    positions: hostTensor(positions, [ROWS, 1]),
    targets: hostTensor(targets, [ROWS, 1]),
  };
}

type Training = { params: TreeRecord<Tensor>; optimiser: TreeRecord<Tensor>; count: Tensor };
type Loss = (scope: Scope, rows: MaskedRows) => Tensor;

/** The mean loss of the last 20 of `steps` steps, each on rows never seen before. */
async function trained(lossOf: Loss, steps: number): Promise<number> {
  const optimiser = adamw({ learningRate: 0.01 });
  const step = compile(
    ({ state, rows }: { state: Training; rows: MaskedRows }) => {
      const { value, grads } = valueAndGrad((params: TreeRecord<Tensor>) =>
        lossOf(Scope.over({ params }, { training: true }), rows),
      )(state.params);
      const one = scalar(1);
      const { params, state: moved } = optimiser.update({
        params: state.params,
        grads,
        state: state.optimiser,
        count: state.count,
        schedule: one,
        gradientScale: one,
        apply: one,
      });
      return { state: { params, optimiser: moved, count: state.count.add(1) }, loss: value };
    },
    { donate: ["state"] },
  );
  const key = RandomKey.fromSeed(5);
  const { params } = Scope.declare(bert(c).networks.bert!, key);
  let { state, loss } = await step({
    state: { params, optimiser: optimiser.init(params), count: hostScalar(0) },
    rows: rowsOf(key.at(0)),
  });
  let total = 0;
  for (let i = 1; i < steps; i++) {
    ({ state, loss } = await step({ state, rows: rowsOf(key.at(i)) }));
    if (i >= steps - 20) total += loss.data[0]!;
  }
  await step.release();
  return total / 20;
}

it("learns to name a token that follows from both sides, which the left side alone does not tell", async () => {
  expect(await trained((scope, rows) => bertLoss(scope, c, rows), 200)).toBeLessThan(0.02);
  // The same transformer, reading causally: whatever it learns, the hidden sum is any of four to it.
  const causal: Loss = (scope, { inputs, positions, targets }) => {
    const logs = tokenLogits(scope, c, hiddenStates(scope, c, inputs, attendCausally)).logSoftmax(-1); // (B · T, V)
    const places = positions.oneHot(LENGTH).reshape([ROWS, LENGTH, 1]); // (B, T, 1)
    const atPlace = logs.reshape([ROWS, LENGTH, c.vocabulary]).mul(places).sum(1); // (B, V)
    return atPlace.gatherAlong(targets, -1).mean().neg();
  };
  expect(await trained(causal, 200)).toBeGreaterThan(Math.log(MODULUS) - 0.05);
});

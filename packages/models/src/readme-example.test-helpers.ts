/** The example of the README, word for word; a test compares them and runs it. */
import {
  compile,
  hostScalar,
  hostTensor,
  RandomKey,
  Scope,
  scalar,
  type Tensor,
  type TreeRecord,
  valueAndGrad,
} from "@atelier/engine";
import { adamw, fitMarkov, gpt, gptLoss, modernGpt } from "@atelier/models";

// A text of four kinds of tokens that go round and round, in two rows of eight.
const tokens = Int32Array.from({ length: 17 }, (_, i) => i % 4);
const batch = { inputs: hostTensor(tokens.slice(0, 16), [2, 8]), targets: hostTensor(tokens.slice(1), [2, 8]) };

const configuration = modernGpt({ vocabulary: 4, context: 8, layers: 1, heads: 2, width: 16 });
const family = gpt(configuration);
const optimiser = adamw({ learningRate: 0.02 });

type Training = { params: TreeRecord<Tensor>; optimiser: TreeRecord<Tensor>; count: Tensor };

const step = compile(
  ({ state, batch }: { state: Training; batch: { inputs: Tensor; targets: Tensor } }) => {
    const { value, grads } = valueAndGrad((params: TreeRecord<Tensor>) =>
      gptLoss(Scope.over({ params }, { training: true }), configuration, batch.inputs, batch.targets),
    )(state.params);
    const one = scalar(1);
    const { params, state: moved } = optimiser.update({
      params: state.params,
      grads,
      state: state.optimiser,
      count: state.count,
      schedule: one, // the factor of the learning rate
      gradientScale: one, // clipping goes here
      apply: one, // 0 would leave everything as it is
    });
    return { state: { params, optimiser: moved, count: state.count.add(1) }, loss: value };
  },
  { donate: ["state"] },
);

const { params } = Scope.declare(family.networks.gpt!, RandomKey.fromSeed(1));
let { state, loss } = await step({ state: { params, optimiser: optimiser.init(params), count: hostScalar(0) }, batch });
const before = loss.data[0]; // ln 4: the head starts at zero, so that all four tokens are equally likely
for (let i = 0; i < 100; i++) ({ state, loss } = await step({ state, batch }));

const { nats, count } = fitMarkov(tokens, { vocabulary: 4, order: 2 }).score(tokens); // the n-gram baseline
console.log(before, loss.data[0], nats / count);

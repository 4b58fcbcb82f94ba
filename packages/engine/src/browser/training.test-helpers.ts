/**
 * A transformer of one block, trained for a few steps: the same code in Node and in a page, on whatever runtime is in use there.
 * Tokens follow x → 3x + 1 mod 13, so there is something to learn.
 */
import {
  attention,
  compile,
  crossEntropy,
  type Device,
  gelu,
  type HostTensor,
  hostTensor,
  input,
  layerNorm,
  leavesOf,
  normal,
  RandomKey,
  Scope,
  type State,
  type StepKeys,
  type Tensor,
  type TreeRecord,
  valueAndGrad,
  zipTrees,
} from "@atelier/engine";

const VOCABULARY = 13;
const BATCH = 2;
const LENGTH = 8;
const WIDTH = 16;
const HEADS = 2;
const RATE = 0.1;
export const DROPOUT = { path: "dropped", rate: 0.1, size: BATCH * LENGTH * 4 * WIDTH };
/** Calls of the compiled step, and steps of one call. */
export const CALLS = 4;
export const REPEAT = 5;

const seed = RandomKey.fromSeed(1337);
/** The random numbers of the steps from `from` on. */
export const keysFrom = (from: number): StepKeys => ({ base: seed.split("steps"), from });

/** tokens: (B, T) int32 → logits (B · T, V) */
function model(scope: Scope, tokens: Tensor): Tensor {
  const weight = (name: string, rows: number, columns: number): Tensor =>
    scope.param(name, [rows, columns], normal(0.2));
  const embedding = weight("embedding", VOCABULARY, WIDTH);
  let x = embedding.gather(tokens).add(weight("positions", LENGTH, WIDTH)); // (B, T, C)
  const [query, key, value] = layerNorm(x)
    .matmul(weight("attend", WIDTH, 3 * WIDTH))
    .reshape([BATCH, LENGTH, 3 * HEADS, WIDTH / HEADS])
    .transpose([0, 2, 1, 3])
    .split([HEADS, HEADS, HEADS], 1); // (B, H, T, D) each
  const mixed = attention(query!, key!, value!, { causal: true })
    .transpose([0, 2, 1, 3])
    .reshape([BATCH, LENGTH, WIDTH]); // (B, T, C)
  x = x.add(mixed.matmul(weight("project", WIDTH, WIDTH)));
  const hidden = gelu(layerNorm(x).matmul(weight("expand", WIDTH, 4 * WIDTH))); // (B, T, 4 C)
  x = x.add(scope.dropout(DROPOUT.path, hidden, DROPOUT.rate).matmul(weight("contract", 4 * WIDTH, WIDTH)));
  return layerNorm(x)
    .matmul(embedding.transposeLast())
    .reshape([BATCH * LENGTH, VOCABULARY]);
}

export type StepInputs<T> = {
  readonly params: TreeRecord<T>;
  /** tokens: (B, T), targets: (B · T) */
  readonly batch: { readonly tokens: T; readonly targets: T };
};

/** One step of gradient descent. */
export function step({ params, batch }: StepInputs<Tensor>): { params: TreeRecord<Tensor>; loss: Tensor } {
  const { value, grads } = valueAndGrad((trained: TreeRecord<Tensor>) =>
    crossEntropy(model(Scope.over({ params: trained }, { training: true }), batch.tokens), batch.targets),
  )(params);
  const descend = ([weight, gradient]: Tensor[]): Tensor => weight!.sub(gradient!.mul(RATE));
  return { params: zipTrees(descend, params, grads) as TreeRecord<Tensor>, loss: value };
}

export const initialParameters = (): TreeRecord<HostTensor> =>
  Scope.declare((scope) => model(scope, input("tokens", [BATCH, LENGTH], "int32")), seed.split("parameters")).params;

/** The batches of consecutive steps, stacked: tokens (steps, B, T), targets (steps, B · T). */
export function batches(from: number, steps: number): StepInputs<HostTensor>["batch"] {
  const tokens = new Int32Array(steps * BATCH * LENGTH);
  const targets = new Int32Array(steps * BATCH * LENGTH);
  for (let row = 0; row < steps * BATCH; row++) {
    let x = seed
      .split("data")
      .at(from * BATCH + row)
      .integer(VOCABULARY);
    for (let t = row * LENGTH; t < (row + 1) * LENGTH; t++) {
      tokens[t] = x;
      x = (3 * x + 1) % VOCABULARY;
      targets[t] = x;
    }
  }
  return {
    tokens: hostTensor(tokens, [steps, BATCH, LENGTH]),
    targets: hostTensor(targets, [steps, BATCH * LENGTH]),
  };
}

/** What a training run came to, in numbers that JSON holds. */
export interface Trained {
  readonly losses: readonly number[];
  /** Every parameter at the end, one after the other. */
  readonly params: readonly number[];
  /** Of the first call, which loads and compiles, and of the others together. */
  readonly milliseconds: { readonly first: number; readonly others: number };
}

/** Trains on a device, several steps a call, the parameters donated from call to call. */
export async function train(device: Device): Promise<Trained> {
  const compiled = compile(step, { device, donate: ["params"], repeat: true });
  const began = performance.now();
  const run = (params: TreeRecord<HostTensor> | State<TreeRecord<HostTensor>>, from: number) =>
    compiled({ params, batch: batches(from, REPEAT) }, { keys: keysFrom(from) });
  let result = await run(initialParameters(), 0);
  const losses = [...result.loss.data];
  const ready = performance.now();
  for (let call = 1; call < CALLS; call++) {
    result = await run(result.params, call * REPEAT);
    losses.push(...result.loss.data);
  }
  const milliseconds = { first: ready - began, others: performance.now() - ready };
  await compiled.release();
  const params = leavesOf<HostTensor>(result.params.read()).flatMap((leaf) => [...leaf.data]);
  return { losses, params, milliseconds };
}

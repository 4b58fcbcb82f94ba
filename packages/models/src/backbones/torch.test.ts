/** Picture networks beside the same in PyTorch: what `bench/peers/make_backbone_fixture.py` recorded. */
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
import { type Conditioning, embedConditions } from "../conditions/index.js";
import { torchFixture } from "../torch-fixture.test-helpers.js";
import { convDecoder, convEncoder } from "./convolutional.js";
import { diffusionTransformer } from "./diffusion-transformer.js";
import { unet } from "./unet.js";

/** Numbers in lists of lists. */
type Nested = readonly (number | Nested)[];

interface Recorded {
  readonly inputs: readonly Nested[];
  readonly output: Nested;
  readonly loss: number;
  readonly gradientNorms: Readonly<Record<string, number>>;
}

const { figures: fixture, weights } = await torchFixture<Readonly<Record<string, Recorded>>>(
  "./fixtures/torch-pictures",
  import.meta.url,
);

const numbersOf = (list: Nested): number[] => list.flatMap((x) => (typeof x === "number" ? [x] : numbersOf(x)));

function shapeOf(list: Nested): number[] {
  const [first] = list;
  return [list.length, ...(first === undefined || typeof first === "number" ? [] : shapeOf(first))];
}

const levels = { channels: [6, 12], norm: "group", activation: "silu" } as const;

type Network = (scope: Scope, x: Tensor, conditioning: Conditioning) => Tensor;

/** A network conditioned on a time alone. */
const denoiser =
  (width: number, network: Network) =>
  (scope: Scope, x: Tensor, time?: Tensor): Tensor =>
    network(scope.at("network"), x, embedConditions(scope, [], {}, { width, time }));

const networks: Readonly<Record<string, (scope: Scope, x: Tensor, time?: Tensor) => Tensor>> = {
  dit: denoiser(8, (scope, x, conditioning) =>
    diffusionTransformer(scope, { patch: 2, layers: 2, heads: 2, width: 8, output: 2 }, x, conditioning),
  ),
  unet: denoiser(10, (scope, x, conditioning) =>
    unet(
      scope,
      { channels: 6, multipliers: [1, 2], blocks: 1, attention: [3], headWidth: 6, output: 2 },
      x,
      conditioning,
    ),
  ),
  encoder: (scope, x) => convEncoder(scope, { ...levels, output: { vector: 5 } }, x),
  decoder: (scope, z) => convDecoder(scope, { ...levels, output: [2, 7, 5] }, z),
};

it.each(Object.keys(networks))("%s has PyTorch's output, loss and gradients", async (name) => {
  const { inputs, output, loss, gradientNorms } = fixture[name]!;
  const params = weights(`${name}.`);
  const hosted = inputs.map((x): HostTensor => hostTensor(Float32Array.from(numbersOf(x)), shapeOf(x)));
  const run = compile(
    (given: { params: TreeRecord<Tensor>; inputs: TreeRecord<Tensor> }) => {
      const { x, time } = given.inputs as { x: Tensor; time?: Tensor };
      const result = networks[name]!(Scope.over({ params: given.params }), x, time);
      const total = result.square().sum();
      const grads = gradients(total, leavesOf<Tensor>(given.params));
      return { result, total, grads: unflattenLike<Tensor, Tensor>(given.params, grads) as TreeRecord<Tensor> };
    },
    { threads: 1 },
  );
  const [x, time] = hosted;
  const actual = await run({ params, inputs: time === undefined ? { x: x! } : { x: x!, time } });
  await run.release();

  const expected = numbersOf(output);
  expect(actual.result.shape).toEqual(shapeOf(output));
  expect(Math.max(...expected.map((y, i) => Math.abs(y - actual.result.data[i]!)))).toBeLessThan(1e-5);
  expect(Math.abs(actual.total.data[0]! / loss - 1)).toBeLessThan(1e-5);
  const grads = flattenTree<HostTensor>(actual.grads as TreeRecord<HostTensor>);
  expect(grads.map(([path]) => path).sort()).toEqual(Object.keys(gradientNorms).sort());
  for (const [path, { data }] of grads) {
    const norm = Math.sqrt([...data].reduce((sum, g) => sum + g * g, 0));
    expect(Math.abs(norm - gradientNorms[path]!), path).toBeLessThan(1e-4 * (1 + gradientNorms[path]!));
  }
});

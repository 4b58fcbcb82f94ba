/** The layers beside PyTorch's: what `bench/peers/make_picture_fixtures.py` recorded. */
import { readFile } from "node:fs/promises";
import {
  compile,
  flattenTree,
  full,
  gradients,
  type HostTensor,
  hostTensor,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
  treeFromPaths,
  zeros,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { batchNorm } from "./batch-norm.js";
import { convolution, transposedConvolution } from "./convolution.js";
import { groupNorm } from "./group-norm.js";
import { spectralNorm } from "./spectral-norm.js";

interface Recorded {
  readonly shape: number[];
  readonly data: number[];
}
interface Fixture {
  readonly layers: {
    name: string;
    x: Recorded;
    y: Recorded;
    weight: Recorded;
    bias: Recorded;
    gradients: { x: Recorded; weight: Recorded; bias: Recorded };
  }[];
  readonly batchNorm: {
    momentum: number;
    rate: number;
    steps: {
      x: Recorded;
      loss: number;
      scale: Recorded;
      shift: Recorded;
      mean: Recorded;
      variance: Recorded;
    }[];
    evaluated: { x: Recorded; y: Recorded };
  };
  readonly spectralNorm: {
    axis: number;
    weight: Recorded;
    direction: Recorded;
    normalised: Recorded[];
    directions: Recorded[];
    gradient: Recorded;
    largest: number;
  }[];
}

const fixture: Fixture = JSON.parse(await readFile(new URL("./fixtures/torch-layers.json", import.meta.url), "utf8"));
const tensorOf = ({ shape, data }: Recorded): HostTensor => hostTensor(Float32Array.from(data), shape);

function expectRecorded(actual: HostTensor, { shape, data }: Recorded, tolerance = 5e-6): void {
  expect(actual.shape).toEqual(shape);
  const worst = Math.max(...data.map((x, i) => Math.abs(x - actual.data[i]!) / (1 + Math.abs(x))));
  expect(worst).toBeLessThan(tolerance);
}

const layers: Readonly<Record<string, (scope: Scope, x: Tensor) => Tensor>> = {
  convolution: (s, x) => convolution(s, x, { channels: 6, kernel: 3, stride: 2, padding: 1, groups: 2 }),
  transposedConvolution: (s, x) =>
    transposedConvolution(s, x, { channels: 2, kernel: 4, stride: 2, padding: 1, groups: 2 }),
  groupNorm: (s, x) => groupNorm(s, x, { groups: 2 }),
};

describe.each(fixture.layers.map((recorded) => [recorded.name, recorded] as const))("%s", (name, recorded) => {
  const names = name === "groupNorm" ? ["scale", "shift"] : ["weight", "bias"];

  it("has PyTorch's result and gradients", async () => {
    const run = compile(({ params, x }: { params: TreeRecord<Tensor>; x: Tensor }) => {
      const y = layers[name]!(Scope.over({ params }), x);
      const leaves = names.map((leaf) => params[leaf] as Tensor);
      const [dx, dWeight, dBias] = gradients(y.square().sum().mul(0.5), [x, ...leaves]);
      return { y, dx: dx!, dWeight: dWeight!, dBias: dBias! };
    });
    const out = await run({
      params: { [names[0]!]: tensorOf(recorded.weight), [names[1]!]: tensorOf(recorded.bias) },
      x: tensorOf(recorded.x),
    });
    await run.release();
    expectRecorded(out.y, recorded.y);
    expectRecorded(out.dx, recorded.gradients.x);
    expectRecorded(out.dWeight, recorded.gradients.weight);
    expectRecorded(out.dBias, recorded.gradients.bias);
  });
});

it("batch norm trains as in PyTorch for three steps, its running statistics carried by the compiled step, and then uses them", async () => {
  const { momentum, rate, steps, evaluated } = fixture.batchNorm;
  const model = (scope: Scope, x: Tensor): Tensor => scope.at("norm", (s) => batchNorm(s, x, { momentum }));
  const declared = Scope.declare((scope) => model(scope, inputOf(steps[0]!.x)), RandomKey.fromSeed(1));
  type State = { readonly params: TreeRecord<Tensor>; readonly buffers: TreeRecord<Tensor> };
  const train = compile(
    ({ state, x, mirrored }: { state: State; x: Tensor; mirrored: Tensor }) => {
      const scope = Scope.over(state, { training: true });
      const loss = model(scope, x).sub(mirrored).square().sum();
      const leaves = flattenTree<Tensor>(state.params);
      const slopes = gradients(
        loss,
        leaves.map(([, leaf]) => leaf),
      );
      const params = treeFromPaths(new Map(leaves.map(([path, leaf], i) => [path, leaf.sub(slopes[i]!.mul(rate))])));
      return { state: { params, buffers: treeFromPaths(scope.updatedBuffers) } satisfies State, loss };
    },
    { donate: ["state"] },
  );
  const use = compile(({ state, x }: { state: State; x: Tensor }) => ({ y: model(Scope.over(state), x) }));

  let state: { readonly params: TreeRecord<HostTensor>; readonly buffers: TreeRecord<HostTensor> } = declared;
  for (const step of steps) {
    const x = tensorOf(step.x);
    const half = x.data.length / 2;
    const mirrored = hostTensor(Float32Array.of(...x.data.subarray(half), ...x.data.subarray(0, half)), x.shape);
    const out = await train({ state, x, mirrored });
    state = out.state.read();
    expect(Math.abs(out.loss.data[0]! - step.loss) / step.loss).toBeLessThan(1e-6);
    const values = new Map([...flattenTree<HostTensor>(state.params), ...flattenTree<HostTensor>(state.buffers)]);
    for (const name of ["scale", "shift", "mean", "variance"] as const) {
      expectRecorded(values.get(`norm.${name}`)!, step[name]);
    }
  }
  expectRecorded((await use({ state, x: tensorOf(evaluated.x) })).y, evaluated.y);
  await train.release();
  await use.release();
});

const inputOf = ({ shape }: Recorded): Tensor => full(shape, 1);

describe.each(fixture.spectralNorm)("spectral norm over axis $axis", (recorded) => {
  it("has PyTorch's weights, directions and gradient over three uses", async () => {
    const run = compile(({ weight, direction }: { weight: Tensor; direction: Tensor }) => {
      const scope = Scope.over({ params: { weight }, buffers: { weight: { direction } } }, { training: true });
      const normalised = scope
        .intercept("weight", spectralNorm({ axis: recorded.axis }))
        .param("weight", recorded.weight.shape, zeros);
      const [slope] = gradients(normalised.mul(normalised.square()).sum(), [weight]);
      return { normalised, direction: scope.updatedBuffers.get("weight.direction")!, slope: slope! };
    });
    let direction = tensorOf(recorded.direction);
    for (let use = 0; use < 3; use++) {
      const out = await run({ weight: tensorOf(recorded.weight), direction });
      expectRecorded(out.normalised, recorded.normalised[use]!);
      expectRecorded(out.direction, recorded.directions[use]!);
      if (use === 2) expectRecorded(out.slope, recorded.gradient);
      direction = out.direction;
    }
    await run.release();
  });
});

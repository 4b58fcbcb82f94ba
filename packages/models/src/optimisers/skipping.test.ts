/** Where nothing is to be applied, parameters and state come out bit for bit as they went in, whatever the gradient holds. */
import { type HostTensor, hostTensor, type TreeRecord } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { adamw } from "./adamw.js";
import { muon } from "./muon.js";
import { bitsOf, smallGrads, smallParams, takeSteps } from "./optimiser.test-helpers.js";
import { sgd } from "./sgd.js";

const filled = (value: number): TreeRecord<HostTensor> => ({
  w: hostTensor(new Float32Array(6).fill(value), [2, 3]),
  b: hostTensor(new Float32Array(3).fill(value)),
});

describe.each([
  { optimiser: adamw({ learningRate: 0.1, weightDecay: 0.1 }) },
  { optimiser: sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 }) },
  {
    optimiser: muon({
      learningRate: 0.1,
      weightDecay: 0.1,
      matrices: () => true,
      rest: adamw({ learningRate: 0.1 }),
    }),
  },
])("$optimiser.name", ({ optimiser }) => {
  const good = [0, 1].map((t) => ({ grads: smallGrads(t) }));

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1])(
    "does nothing at apply 0 with a gradient of %d",
    async (value) => {
      const before = await takeSteps(optimiser, smallParams(), good);
      const skipped = { grads: filled(value), apply: 0, scale: 0, count: 2 };
      const after = await takeSteps(optimiser, before.params, [skipped], before.state);
      expect(bitsOf(after.params)).toEqual(bitsOf(before.params));
      expect(bitsOf(after.state)).toEqual(bitsOf(before.state));
    },
  );

  it("does nothing at apply 0 before the first update", async () => {
    const params = smallParams();
    const after = await takeSteps(optimiser, params, [{ grads: filled(Number.NaN), apply: 0, scale: 0 }]);
    expect(bitsOf(after.params)).toEqual(bitsOf(params));
    expect(bitsOf(after.state)).toEqual(bitsOf(optimiser.init(params)));
  });

  it("goes on as if the skipped step had not been", async () => {
    const straight = await takeSteps(optimiser, smallParams(), [...good, { grads: smallGrads(2) }]);
    const around = await takeSteps(optimiser, smallParams(), [
      ...good,
      { grads: filled(Number.NaN), apply: 0, scale: 0, count: 2 },
      { grads: smallGrads(2), count: 2 },
    ]);
    expect(bitsOf(around.params)).toEqual(bitsOf(straight.params));
    expect(bitsOf(around.state)).toEqual(bitsOf(straight.state));
  });
});

import { hostTensor } from "@atelier/engine";
import { expect, it } from "vitest";
import { stateOf, weightsOf } from "./weights.js";

it("parameters and buffers come back from one map, each where it was", () => {
  const state = {
    params: { a: { weight: hostTensor(Float32Array.of(1, 2), [2]) } },
    buffers: { a: { mean: hostTensor(Float32Array.of(3), [1]) } },
  };
  const weights = weightsOf(state);
  expect([...weights.keys()]).toEqual(["a.weight", "buffers.a.mean"]);
  expect(stateOf(weights)).toEqual(state);
});

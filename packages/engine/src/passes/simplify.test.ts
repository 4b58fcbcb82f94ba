import { expect, it } from "vitest";
import { hostTensor } from "../dtype.js";
import { apply, full, scalar } from "../graph/tensor.js";
import { spacedIn, uniformIn, wholeIn } from "../numeric.test-helpers.js";
import { applyChecked, countOps, inputsFor } from "./pass-cases.test-helpers.js";
import { simplify } from "./simplify.js";

const values = { x: spacedIn("x", [3, 4]), row: uniformIn("row", [4]), i: wholeIn("i", [3, 1], 4) };
const { x, row, i } = inputsFor(values);

it("drops what changes nothing", () => {
  const outputs = {
    plus: x.add(0),
    fromLeft: scalar(0).add(x),
    minus: x.sub(0),
    times: x.mul(1),
    timesLeft: scalar(1).mul(x),
    over: x.div(1),
    twice: x.neg().neg(),
    stopped: x.stopGradient(),
    kept: apply("checkpoint", [x, row]),
    same: apply("broadcastTo", [x], { shape: [3, 4] }),
  };
  const after = applyChecked(simplify, outputs, values);
  for (const name of Object.keys(outputs)) expect(after.outputs.get(name)).toBe(x);
});

it("keeps an addition of zeros that stretches its operand", () => {
  const after = applyChecked(simplify, { y: row.add(full([3, 4], 0)) }, values);
  expect(after.outputs.get("y")!.shape).toEqual([3, 4]);
});

it("merges scalar factors, and draws a negative into a sum", () => {
  const factors = applyChecked(
    simplify,
    {
      y: scalar(2)
        .mul(x)
        .mul(3)
        .mul(full([3, 4], 0.5)),
    },
    values,
  );
  const { mul } = countOps(simplify.apply(simplify.apply(factors)));
  expect(mul).toBe(1);
  expect(countOps(applyChecked(simplify, { y: x.sub(row.neg()) }, values))).toEqual({
    input: 2,
    add: 1,
    neg: undefined,
  });
});

it("does not merge factors of whole numbers, whose product may overflow differently", () => {
  const after = applyChecked(simplify, { y: i.mul(2).mul(3) }, values);
  expect(countOps(after).mul).toBe(2);
});

it("lets elementwise operations stretch their operands themselves", () => {
  const stretched = row.broadcastTo([3, 4]);
  const outputs = { y: x.add(stretched), z: stretched.less(x), w: x.less(0).select(stretched, x) };
  expect(countOps(applyChecked(simplify, outputs, values)).broadcastTo).toBeUndefined();
  const needed = applyChecked(simplify, { y: row.broadcastTo([3, 4]).add(1) }, values);
  expect(countOps(needed).broadcastTo).toBe(1);
});

it("sums a scatter of one element a line without scattering", () => {
  const updates = { u: uniformIn("u", [3, 1]), i: values.i };
  const { u, i } = inputsFor(updates);
  const scattered = apply("scatterAlong", [u, i], { axis: 1, size: 4 });
  const after = applyChecked(
    simplify,
    { y: scattered.sum(1), z: scattered.sum(1, true), all: scattered.sum() },
    updates,
  );
  expect(countOps(after).scatterAlong).toBe(1);
});

it("turns a sum over a stretched number into a product", () => {
  const after = applyChecked(simplify, { y: full([3, 4], 0.5).sum(0), z: full([3, 4], 2).sum() }, {});
  expect(countOps(after).reduceSum).toBeUndefined();
});

it("keeps a sum over a stretched row of several numbers", () => {
  const after = applyChecked(simplify, { y: row.broadcastTo([3, 4]).sum(0) }, values);
  expect(countOps(after).reduceSum).toBe(1);
});

it("keeps a zero-size product in shape", () => {
  const nothing = { x: hostTensor(new Float32Array(0), [0, 4]) };
  applyChecked(
    simplify,
    {
      y: inputsFor(nothing)
        .x.mul(full([0, 4], 2))
        .sum(0),
    },
    nothing,
  );
});

import { describe, expect, it } from "vitest";
import { hostTensor } from "../dtype.js";
import { apply, constant, full, scalar } from "../graph/tensor.js";
import { maskIn, uniformIn, wholeIn } from "../numeric.test-helpers.js";
import { cancelMoves } from "./cancel-moves.js";
import { commonSubexpressions } from "./common-subexpressions.js";
import { foldConstants } from "./fold-constants.js";
import { applyChecked, countOps, inputsFor } from "./pass-cases.test-helpers.js";
import { resolveEmpty } from "./resolve-empty.js";

const values = { x: uniformIn("x", [2, 3, 4]), flat: uniformIn("flat", [2, 1, 4]) };
const { x, flat } = inputsFor(values);

describe("cancelMoves", () => {
  it("chains of reshapes become one, or none", () => {
    const after = applyChecked(
      cancelMoves,
      { one: x.reshape([6, 4]).reshape([24]).reshape([4, 6]), none: x.reshape([24]).reshape([2, 3, 4]) },
      values,
    );
    expect(after.outputs.get("none")).toBe(x);
    expect(countOps({ outputs: new Map([["one", after.outputs.get("one")!]]) })).toEqual({ input: 1, reshape: 1 });
  });

  it("transposes compose, in the right order", () => {
    const after = applyChecked(
      cancelMoves,
      { one: x.transpose([2, 0, 1]).transpose([1, 0, 2]), none: x.transpose([2, 0, 1]).transpose([1, 2, 0]) },
      values,
    );
    expect(after.outputs.get("none")).toBe(x);
    expect(countOps(after).transpose).toBe(1);
  });

  it("a transpose that only moves axes of size 1 is a reshape", () => {
    const after = applyChecked(cancelMoves, { y: flat.transpose([1, 0, 2]), z: flat.transpose([2, 1, 0]) }, values);
    expect(countOps(after)).toEqual({ input: 1, reshape: 1, transpose: 1 });
  });
});

describe("commonSubexpressions", () => {
  it("merges equal operations, also on equal constants", () => {
    const after = applyChecked(commonSubexpressions, { y: x.exp().mul(2).add(x.exp().mul(2)) }, values);
    expect(countOps(after)).toEqual({ input: 1, exp: 1, constant: 1, mul: 1, add: 1 });
  });

  it("keeps apart what differs in an attribute, an output, or an order", () => {
    const y = x.sum(0).sum().add(x.sum(1).sum());
    const { values: top, indices } = x.topK(2);
    const after = applyChecked(
      commonSubexpressions,
      {
        y,
        a: top,
        b: indices,
        c: x.sub(flat),
        d: flat.sub(x),
        e: constant(Float32Array.of(1)),
        f: constant(Int32Array.of(1)),
      },
      values,
    );
    expect(countOps(after)).toMatchObject({ reduceSum: 4, topK: 1, sub: 2, constant: 2 });
  });

  it("tells 0 from −0, whose reciprocals differ", () => {
    applyChecked(commonSubexpressions, { a: scalar(0).reciprocal(), b: scalar(-0).reciprocal() }, {});
  });

  it("compares large constants by identity", () => {
    const large = hostTensor(new Float32Array(2000));
    const outputs = {
      a: constant(large).add(1),
      b: constant(large).add(1),
      c: constant(new Float32Array(2000)).add(1),
    };
    expect(countOps(applyChecked(commonSubexpressions, outputs, {})).add).toBe(2);
  });

  it("never merges barriers, nor what is computed from them", () => {
    const again = apply("barrier", [x, x.sum()]).exp();
    const oncemore = apply("barrier", [x, x.sum()]).exp();
    const after = applyChecked(commonSubexpressions, { y: x.exp(), again, oncemore }, values);
    expect(countOps(after)).toEqual({ input: 1, exp: 3, reduceSum: 1, barrier: 2 });
  });
});

describe("foldConstants", () => {
  it("computes on constants, and leaves what depends on inputs", () => {
    const known = constant(uniformIn("known", [3, 4]));
    const after = applyChecked(foldConstants, { y: x.add(known.exp().mul(2).sum(0)) }, values);
    expect(countOps(after)).toEqual({ input: 1, constant: 1, add: 1 });
  });

  it("keeps types, and operations with several outputs", () => {
    const known = constant(uniformIn("known", [3, 4]));
    const { values: top, indices } = known.topK(2);
    const after = applyChecked(foldConstants, { top, indices, mask: known.less(0), whole: known.cast("int32") }, {});
    expect(Object.keys(countOps(after))).toEqual(["constant"]);
  });

  it("keeps stretched numbers, barriers and large results", () => {
    const large = constant(new Float32Array(5000)).add(1);
    const after = applyChecked(
      foldConstants,
      { a: full([100, 100], 3), b: apply("barrier", [scalar(1), scalar(2)]), large },
      {},
    );
    expect(countOps(after)).toMatchObject({ broadcastTo: 1, barrier: 1, add: 1 });
  });
});

describe("resolveEmpty", () => {
  const nothing = {
    e: uniformIn("e", [0, 3]),
    m: maskIn("m", [0, 3]),
    i: wholeIn("i", [0], 2),
    w: uniformIn("w", [3, 0]),
    x: uniformIn("x", [2, 3]),
  };
  const { e, m, i, w, x } = inputsFor(nothing);

  it("what has no elements becomes a constant, of its type", () => {
    const outputs = {
      a: e.exp(),
      b: e.less(0),
      c: e.cast("int32"),
      d: x.matmul(w),
      f: e.softmax(),
      g: m.not(),
      h: e.sum(1),
    };
    const after = applyChecked(resolveEmpty, outputs, nothing);
    expect(countOps(after)).toEqual({ constant: 7 });
  });

  it("what is computed from nothing becomes what its definition gives", () => {
    const outputs = {
      sum: e.sum(0),
      product: w.matmul(e),
      padded: e.pad([1, 0], [0, 0]),
      scattered: apply("scatterAdd", [e, i], { size: 2 }),
      fused: apply("fusedMatmul", [w, e, x.sum(0)], { transposeA: false, transposeB: false, scale: 2 }),
      inverse: apply("normalize", [w], { centred: false, epsilon: 1 }).node.outputs[1]!,
    };
    const after = applyChecked(resolveEmpty, outputs, nothing);
    const { input, constant: constants, broadcastTo, reduceSum, add, ...rest } = countOps(after);
    expect([input, constants! > 0, broadcastTo! > 0, reduceSum, add, rest]).toEqual([1, true, true, 1, 1, {}]);
  });

  it("a join leaves out what is empty, and the identity stays", () => {
    const joined = apply("concat", [e, x, e], { axis: 0 });
    const after = applyChecked(resolveEmpty, { joined, late: apply("barrier", [x, e]) }, nothing);
    expect(after.outputs.get("joined")).toBe(after.outputs.get("late"));
  });
});

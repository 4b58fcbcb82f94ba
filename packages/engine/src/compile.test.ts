import { describe, expect, it } from "vitest";
import { compile } from "./compile.js";
import { type HostTensor, hostScalar, hostTensor } from "./dtype.js";
import { ArgumentError } from "./errors.js";
import { gradients } from "./gradient.js";
import { nodesOf } from "./graph/graph.js";
import { constant, full, type Tensor } from "./graph/tensor.js";
import { uniformIn, wholeIn } from "./numeric.test-helpers.js";
import { RandomKey } from "./random/index.js";
import { Scope } from "./scope.js";
import { State } from "./state.js";

const floats = (...values: number[]): HostTensor => hostTensor(Float32Array.from(values));
const numbers = (x: HostTensor): number[] => [...x.data];

describe("inputs and outputs", () => {
  it("outputs may be inputs, constants, duplicates and nested trees", async () => {
    const fn = compile(({ x, tree }: { x: Tensor; tree: { a: Tensor; b: readonly Tensor[] } }) => {
      const y = x.add(1);
      return { x, y, again: y, tree, list: [y, tree.a], fixed: constant(Float32Array.of(7)), wide: full([2, 2], 3) };
    });
    const out = await fn({ x: floats(1, 2), tree: { a: floats(5), b: [floats(6), floats(7)] } });
    expect([out.x, out.y, out.again].map(numbers)).toEqual([
      [1, 2],
      [2, 3],
      [2, 3],
    ]);
    expect([numbers(out.tree.a), out.tree.b.map(numbers), out.list.map(numbers)]).toEqual([
      [5],
      [[6], [7]],
      [[2, 3], [5]],
    ]);
    expect([numbers(out.fixed), numbers(out.wide)]).toEqual([[7], [3, 3, 3, 3]]);
    await fn.release();
  });

  it("unused inputs need no place in the model; functions of nothing run", async () => {
    const fn = compile(({ x }: { x: Tensor; unused: Tensor }) => ({ y: x.mul(2) }));
    expect(numbers((await fn({ x: floats(1), unused: floats(1, 2, 3) })).y)).toEqual([2]);
    const nothing = compile((_: Record<string, Tensor>) => ({ y: constant(Int32Array.of(1, 2)) }));
    expect(numbers((await nothing({})).y)).toEqual([1, 2]);
  });

  it("bool and int32 go in and come out as they are", async () => {
    const fn = compile(({ mask, ids }: { mask: Tensor; ids: Tensor }) => ({
      mask,
      flipped: mask.not(),
      next: ids.add(1),
      ids,
    }));
    const out = await fn({ mask: hostTensor(Uint8Array.of(1, 0)), ids: hostTensor(Int32Array.of(-3, 2 ** 30)) });
    expect([out.mask.dtype, out.flipped.dtype, out.next.dtype]).toEqual(["bool", "bool", "int32"]);
    expect([numbers(out.mask), numbers(out.flipped), numbers(out.next)]).toEqual([
      [1, 0],
      [0, 1],
      [-2, 2 ** 30 + 1],
    ]);
  });

  it("reads views into larger buffers, and leaves inputs alone", async () => {
    const buffer = Float32Array.of(0, 1, 2, 3, 4, 5);
    const fn = compile(({ x }: { x: Tensor }) => ({ x, y: x.mul(10) }));
    const out = await fn({ x: hostTensor(buffer.subarray(2, 5)) });
    expect([numbers(out.x), numbers(out.y)]).toEqual([
      [2, 3, 4],
      [20, 30, 40],
    ]);
    out.x.data[0] = 99;
    expect([...buffer]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("traces anew for other shapes and types, and once for the same", async () => {
    let traces = 0;
    const fn = compile(({ x }: { x: Tensor }) => {
      traces++;
      return { y: x.add(x) };
    });
    await fn({ x: floats(1) });
    await fn({ x: floats(2) });
    expect(traces).toBe(1);
    expect(numbers((await fn({ x: floats(1, 2) })).y)).toEqual([2, 4]);
    expect(numbers((await fn({ x: hostTensor(Int32Array.of(3)) })).y)).toEqual([6]);
    expect((await fn({ x: hostScalar(4) })).y.shape).toEqual([]);
    expect(traces).toBe(4);
  });

  it("no name that a user may give collides with one of its own", async () => {
    const fn = compile((x: { v0: Tensor; c0: Tensor; out: { y: Tensor }; drop: Tensor }) => {
      const random = Scope.over({ params: {} }).random("drop", [1], { kind: "uniform", low: 5, high: 6 });
      return { y: x.v0.add(x.c0).mul(2).sub(x.out.y), drop: x.drop.add(random.floor()) };
    });
    const out = await fn(
      { v0: floats(1), c0: floats(2), out: { y: floats(3) }, drop: floats(4) },
      { keys: RandomKey.fromSeed(1) },
    );
    expect([numbers(out.y), numbers(out.drop)]).toEqual([[3], [9]]);
  });

  it("prepares and shows its graph without running", async () => {
    const fn = compile(({ x }: { x: Tensor }) => ({ y: x.mul(1).exp() }));
    await fn.prepare({ x: floats(1) });
    expect(nodesOf(fn.graphFor({ x: floats(1) })).map(({ op }) => op)).toEqual(["input", "exp"]);
    await fn.release();
    expect(numbers((await fn({ x: floats(0) })).y)).toEqual([1]);
    await fn.release();
  });

  it("a trace that fails is not remembered", async () => {
    let broken = true;
    const fn = compile(({ x }: { x: Tensor }) => {
      if (broken) throw new ArgumentError("not yet");
      return { y: x };
    });
    await expect(fn({ x: floats(1) })).rejects.toThrow("not yet");
    broken = false;
    expect(numbers((await fn({ x: floats(1) })).y)).toEqual([1]);
  });
});

describe("frozen inputs", () => {
  it("are fixed at the first call", async () => {
    const fn = compile(({ w, x }: { w: Tensor; x: Tensor }) => ({ y: x.mul(w) }), { freeze: ["w"] });
    expect(numbers((await fn({ w: floats(3), x: floats(2) })).y)).toEqual([6]);
    expect(numbers((await fn({ w: floats(100), x: floats(5) })).y)).toEqual([15]);
    expect(numbers((await fn({ w: floats(100), x: floats(1, 2) })).y)).toEqual([3, 6]);
  });
});

type Training = {
  readonly state: { readonly w: Tensor; readonly steps: Tensor };
  readonly x: Tensor;
};

const trainingStep = ({ state, x }: Training) => {
  const kept = Scope.over({ params: {} }, { training: true }).dropout("drop", x, 0.5);
  const loss = kept.matmul(state.w).tanh().sub(0.3).square().mean();
  const [slope] = gradients(loss, [state.w]);
  return { state: { w: state.w.sub(slope!.mul(0.1)), steps: state.steps.add(1) }, loss };
};

const initial = () => ({ w: uniformIn("w", [6, 3]), steps: hostScalar(0, "int32") });
const batches = uniformIn("batches", [5, 4, 6]);
const batch = (step: number): HostTensor =>
  hostTensor((batches.data as Float32Array).subarray(step * 24, (step + 1) * 24), [4, 6]);

describe("donated state", () => {
  it("is used up by a call, and replaced", async () => {
    const step = compile(trainingStep, { donate: ["state"] });
    const first = new State(initial());
    const { state } = await step({ state: first, x: batch(0) }, { keys: RandomKey.fromSeed(1) });
    expect(() => first.read()).toThrow(ArgumentError);
    await expect(step({ state: first, x: batch(0) }, { keys: RandomKey.fromSeed(1) })).rejects.toThrow("used up");
    expect(numbers(state.read().steps)).toEqual([1]);
  });

  it("survives a call that was refused before it ran", async () => {
    const step = compile(trainingStep, { donate: ["state"] });
    const state = new State(initial());
    await expect(step({ state, x: batch(0) })).rejects.toThrow("keys");
    await expect(step({ state, x: floats(1, 2) }, { keys: RandomKey.fromSeed(1) })).rejects.toThrow("matmul");
    expect(numbers(state.read().steps)).toEqual([0]);
  });

  it("serves one of two simultaneous calls", async () => {
    const step = compile(trainingStep, { donate: ["state"] });
    const state = new State(initial());
    const calls = [1, 2].map(() => step({ state, x: batch(0) }, { keys: RandomKey.fromSeed(1) }));
    const settled = await Promise.allSettled(calls);
    expect(settled.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("keeps its shapes, types and leaves", async () => {
    const fail = (fn: (w: Tensor) => object): Promise<unknown> =>
      compile(({ state }: { state: { w: Tensor } }) => ({ state: fn(state.w) as { w: Tensor } }), {
        donate: ["state"],
      })({
        state: { w: floats(1, 2) },
      });
    await expect(fail((w) => ({ w: w.reshape([2, 1]) }))).rejects.toThrow(
      'the donated "state.w" was float32 [2] and is returned as float32 [2, 1]',
    );
    await expect(fail((w) => ({ w: w.cast("int32") }))).rejects.toThrow("int32");
    await expect(fail((w) => ({ w, v: w }))).rejects.toThrow('"state.v" was absent');
    await expect(fail(() => ({}))).rejects.toBeInstanceOf(ArgumentError);
    const missing = compile(({ x }: { x: Tensor }) => ({ y: x }), { donate: ["state" as never] });
    await expect(missing({ x: floats(1) })).rejects.toThrow('"state" is donated');
  });
});

describe("repeat", () => {
  const base = RandomKey.fromSeed(4);

  it("K steps in one call end in the same bits as K calls", async () => {
    const once = compile(trainingStep, { donate: ["state"] });
    const losses: number[] = [];
    let state = new State(initial());
    for (let i = 0; i < 5; i++) {
      const out = await once({ state, x: batch(i) }, { keys: { base, from: 10 + i } });
      losses.push(out.loss.data[0]!);
      state = out.state;
    }
    const several = compile(trainingStep, { donate: ["state"], repeat: true });
    const out = await several({ state: initial(), x: batches }, { keys: { base, from: 10 } });
    expect(numbers(out.loss)).toEqual(losses);
    expect(out.state.read()).toEqual(state.read());
    expect(numbers(out.state.read().steps)).toEqual([5]);
    expect(new Set(losses).size).toBe(5);
  });

  it("reads shared inputs whole in every step, and stacks outputs", async () => {
    const fn = compile(({ x, table }: { x: Tensor; table: Tensor }) => ({ row: table.gather(x), fixed: table.sum() }), {
      repeat: true,
      shared: ["table"],
    });
    const table = uniformIn("table", [4, 2]);
    const out = await fn({ x: hostTensor(Int32Array.of(2, 0, 2)), table });
    const row = (i: number): number[] => numbers(table).slice(2 * i, 2 * i + 2);
    expect([out.row.shape, numbers(out.row)]).toEqual([
      [3, 2],
      [...row(2), ...row(0), ...row(2)],
    ]);
    expect(out.fixed.shape).toEqual([3]);
  });

  it("carries state that no step reads, and state that no step changes", async () => {
    const fn = compile(
      ({ state, x }: { state: { last: Tensor; same: Tensor }; x: Tensor }) => ({
        state: { last: x.mul(2), same: state.same },
      }),
      { donate: ["state"], repeat: true },
    );
    const out = await fn({
      state: { last: floats(0), same: floats(9) },
      x: hostTensor(Float32Array.of(1, 2, 3), [3, 1]),
    });
    expect(out.state.read()).toEqual({ last: floats(6), same: floats(9) });
  });

  it("names inputs whose numbers of slices differ, or that have none", async () => {
    const fn = compile(({ x, y }: { x: Tensor; y: Tensor }) => ({ z: x.add(y) }), { repeat: true });
    await expect(fn({ x: floats(1, 2), y: floats(1, 2, 3) })).rejects.toThrow('"x" is [2] and "y" [3]');
    await expect(fn({ x: hostScalar(1), y: hostScalar(1) })).rejects.toBeInstanceOf(ArgumentError);
    await expect(fn({ x: floats(), y: floats() })).rejects.toBeInstanceOf(ArgumentError);
    const none = compile(({ x }: { x: Tensor }) => ({ x }), { repeat: true, shared: ["x"] });
    await expect(none({ x: floats(1) })).rejects.toThrow("one slice a step");
  });
});

it("the same call gives the same bits", async () => {
  const fn = compile(({ x, i }: { x: Tensor; i: Tensor }) => ({
    y: x.matmul(x.transposeLast()).softmax().sum(),
    z: gradients(x.gather(i).square().sum(), [x])[0]!,
  }));
  const inputs = { x: uniformIn("x", [64, 64]), i: wholeIn("i", [500], 64) };
  const first = await fn(inputs);
  for (let i = 0; i < 3; i++) expect(await fn(inputs)).toEqual(first);
});

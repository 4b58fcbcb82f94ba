/** Every variant of the GPT against plain loops, the float64 interpreter, itself token by token, and what causality means. */
import {
  compile,
  flattenTree,
  gradients,
  type HostTensor,
  hostTensor,
  input,
  leavesOf,
  Scope,
  type Tensor,
  type TreeRecord,
  unflattenLike,
} from "@atelier/engine";
import { interpret } from "@atelier/engine/reference";
import { describe, expect, it } from "vitest";
import { classicGpt, type GptConfiguration } from "./configuration.js";
import { gptDecode, gptLogits, gptLoss } from "./gpt.js";
import { plainLogits } from "./plain-loops.test-helpers.js";
import {
  asInputs,
  bindingsOf,
  perturbed,
  rows,
  settings,
  size,
  someTokens,
  variants,
} from "./variants.test-helpers.js";

type Host = TreeRecord<HostTensor>;

/** The largest |a − b| / (1 + |b|); infinite where one is NaN. */
function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!) / (1 + Math.abs(expected[i]!));
    most = Math.max(most, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return most;
}

async function logitsOf(c: GptConfiguration, params: Host, tokens: HostTensor): Promise<Float32Array> {
  const run = compile(({ gpt, tokens }: { gpt: TreeRecord<Tensor>; tokens: Tensor }) => ({
    logits: gptLogits(Scope.over({ params: gpt }), c, tokens),
  }));
  const { logits } = await run({ gpt: params, tokens });
  await run.release();
  return logits.data as Float32Array;
}

/** Reads rows of tokens one position at a time through a cache kept here; logits (B, T, V). */
async function decoded(c: GptConfiguration, params: Host, tokens: HostTensor): Promise<Float32Array> {
  const run = compile(
    (x: {
      gpt: TreeRecord<Tensor>;
      tokens: Tensor;
      positions: Tensor;
      visible: Tensor;
      cache: { keys: Tensor[]; values: Tensor[] };
    }) => ({ ...gptDecode(Scope.over({ params: x.gpt }), c, x) }),
  );
  const [batch, length] = tokens.shape as [number, number];
  const d = c.width / c.heads;
  const shape = [batch, c.keyValueHeads, c.context, d];
  // Slots not yet written hold rubbish, which must not be seen.
  const make = (): HostTensor => hostTensor(new Float32Array(batch * c.keyValueHeads * c.context * d).fill(3), shape);
  const cache = { keys: Array.from({ length: c.layers }, make), values: Array.from({ length: c.layers }, make) };
  const visible = hostTensor(new Float32Array(c.context + 1), [1, 1, 1, c.context + 1]);
  visible.data[c.context] = 1;
  const out = new Float32Array(batch * length * c.vocabulary);
  for (let t = 0; t < length; t++) {
    const step = await run({
      gpt: params,
      tokens: hostTensor(
        Int32Array.from({ length: batch }, (_, b) => tokens.data[b * length + t]!),
        [batch, 1],
      ),
      positions: hostTensor(new Int32Array(batch).fill(t), [batch, 1]),
      visible,
      cache,
    });
    for (let layer = 0; layer < c.layers; layer++) {
      for (let line = 0; line < batch * c.keyValueHeads; line++) {
        const at = (line * c.context + t) * d;
        cache.keys[layer]!.data.set(step.keys[layer]!.data.subarray(line * d, (line + 1) * d), at);
        cache.values[layer]!.data.set(step.values[layer]!.data.subarray(line * d, (line + 1) * d), at);
      }
    }
    visible.data[t] = 1;
    for (let b = 0; b < batch; b++) {
      const row = step.logits.data.subarray(b * c.vocabulary, (b + 1) * c.vocabulary);
      out.set(row as Float32Array, (b * length + t) * c.vocabulary);
    }
  }
  await run.release();
  return out;
}

it("every two values of two settings meet in a row of the table", () => {
  const keys = Object.keys(settings) as (keyof typeof settings)[];
  for (const a of keys) {
    for (const b of keys) {
      if (a === b) continue;
      for (const x of settings[a])
        for (const y of settings[b]) expect(rows.some((r) => r[a] === x && r[b] === y)).toBe(true);
    }
  }
});

describe.each(variants)("%s", (_, c) => {
  const params = perturbed(c);
  const tokens = someTokens(c, 2, 5);
  const targets = someTokens(c, 2, 5, 6);

  it("computes what plain loops over the weights do", async () => {
    const actual = await logitsOf(c, params, tokens);
    const expected = [0, 1].flatMap((b) => plainLogits(c, params, [...tokens.data.slice(5 * b, 5 * b + 5)]).flat());
    expect(worst(actual, expected)).toBeLessThan(5e-5);
  });

  it("computes the logits, loss and gradients of the float64 interpreter, and every parameter has one", async () => {
    const run = compile((x: { gpt: TreeRecord<Tensor>; tokens: Tensor; targets: Tensor }) => {
      const loss = gptLoss(Scope.over({ params: x.gpt }), c, x.tokens, x.targets);
      const grads = unflattenLike<Tensor, Tensor>(x.gpt, gradients(loss, leavesOf<Tensor>(x.gpt)));
      return {
        logits: gptLogits(Scope.over({ params: x.gpt }), c, x.tokens),
        loss,
        grads: grads as TreeRecord<Tensor>,
      };
    });
    const actual = await run({ gpt: params, tokens, targets });
    await run.release();

    const tree = asInputs(params);
    const traced = { tokens: input("tokens", [2, 5], "int32"), targets: input("targets", [2, 5], "int32") };
    const loss = gptLoss(Scope.over({ params: tree }), c, traced.tokens, traced.targets);
    const logits = gptLogits(Scope.over({ params: tree }), c, traced.tokens);
    const [expectedLoss, expectedLogits, ...expectedGrads] = interpret(
      [loss, logits, ...gradients(loss, leavesOf<Tensor>(tree))],
      { ...bindingsOf(params), tokens, targets },
    );
    expect(worst(actual.loss.data, expectedLoss!.data)).toBeLessThan(1e-5);
    expect(worst(actual.logits.data, expectedLogits!.data)).toBeLessThan(5e-5);
    flattenTree<HostTensor>(actual.grads).forEach(([path, { data }], i) => {
      expect(worst(data, expectedGrads[i]!.data), path).toBeLessThan(5e-5);
      expect(
        data.some((value) => Math.abs(value) > 1e-6),
        `${path} has a gradient`,
      ).toBe(true);
    });
  });

  it("lets no position see a later one, and every position see the earlier ones", async () => {
    const before = await logitsOf(c, params, tokens);
    const changed = Int32Array.from(tokens.data);
    changed[3] = (changed[3]! + 1) % c.vocabulary; // row 0, position 3
    const after = await logitsOf(c, params, hostTensor(changed, [2, 5]));
    const position = (logits: Float32Array, i: number): Float32Array =>
      logits.subarray(i * c.vocabulary, (i + 1) * c.vocabulary);
    for (let i = 0; i < 10; i++) {
      const moved = worst(position(after, i), position(before, i));
      if (i === 3 || i === 4) expect(moved, `position ${i}`).toBeGreaterThan(1e-3);
      else expect(moved, `position ${i}`).toBeLessThan(1e-6);
    }
  });

  it("gives the same logits at every position when it reads one token at a time through the cache", async () => {
    const whole = someTokens(c, 3, c.context);
    expect(worst(await decoded(c, params, whole), await logitsOf(c, params, whole))).toBeLessThan(1e-4);
  });
});

describe("order", () => {
  it.each(["learned", "rotary"] as const)("matters with %s positions", async (positions) => {
    const c = classicGpt(size, { positions });
    const params = perturbed(c);
    const last = async (...ids: number[]): Promise<Float32Array> =>
      (await logitsOf(c, params, hostTensor(Int32Array.from(ids), [1, 3]))).slice(2 * c.vocabulary);
    expect(worst(await last(1, 2, 3), await last(2, 1, 3))).toBeGreaterThan(1e-3);
  });
});

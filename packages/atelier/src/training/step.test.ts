/** The traced training step on toy families, against closed forms and against the same steps made another way. */
import { type HostTensor, hostTensor, RandomKey, type Tensor, zeros } from "@atelier/engine";
import { adamw, sgd, warmupCosine } from "@atelier/models";
import { describe, expect, it } from "vitest";
import { initialState, type TrainingState } from "./step.js";
import {
  affineFamily,
  bitsOf,
  difference,
  follow,
  numbersOf,
  planFor,
  regression,
  regressionBatch,
  regressionPhase,
  rowsOf,
  toyGan,
} from "./step.test-helpers.js";

const batches = (count: number): ReturnType<typeof regressionBatch>[] =>
  Array.from({ length: count }, (_, t) => regressionBatch(t));

/** The gradient of mean (x W + b − y)² at W, b, written out: 2/(3N) xᵀ (x W + b − y). Six numbers, then three. */
function gradientByHand(batch: ReturnType<typeof regressionBatch>, weight: readonly number[], bias: readonly number[]) {
  const rows = batch.x.shape[0]!;
  const out = new Array<number>(9).fill(0);
  for (let n = 0; n < rows; n++) {
    for (let j = 0; j < 3; j++) {
      const [x0, x1] = [batch.x.data[2 * n]!, batch.x.data[2 * n + 1]!];
      const error = x0 * weight[j]! + x1 * weight[3 + j]! + bias[j]! - batch.y.data[3 * n + j]!;
      const factor = (2 * error) / (3 * rows);
      out[j]! += factor * x0;
      out[3 + j]! += factor * x1;
      out[6 + j]! += factor;
    }
  }
  return out;
}

const line = (state: TrainingState<HostTensor>): { weight: number[]; bias: number[] } => {
  const params = numbersOf(state.params.line);
  return { weight: params.get("weight")!, bias: params.get("bias")! };
};

describe("clipping", () => {
  it.each([0.1, 1e3])("scales gradients as clip_grad_norm_ does, with a limit of %d", async (clip) => {
    const plan = planFor(regression, sgd({ learningRate: 1 }), { clip });
    const [batch] = batches(1);
    const { states, metrics } = await follow(plan, [batch!]);
    const before = line(states[0]!);
    const gradient = gradientByHand(batch!, before.weight, before.bias);
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    // torch.nn.utils.clip_grad_norm_: min(1, max_norm / (norm + 1e-6))
    const factor = Math.min(1, clip / (norm + 1e-6));
    expect(metrics[0]!.gradientNorm!.data[0]).toBeCloseTo(norm, 5);
    const after = line(states[1]!);
    [...after.weight, ...after.bias].forEach((value, i) => {
      expect(value).toBeCloseTo([...before.weight, ...before.bias][i]! - factor * gradient[i]!, 5);
    });
    expect(metrics[0]!.finite!.data[0]).toBe(1);
  });
});

describe("accumulation", () => {
  it("of two half batches makes the updates of whole ones", async () => {
    const more = { clip: 0.5, averageDecay: 0.9, schedule: warmupCosine({ warmup: 2, total: 6 }) };
    const whole = await follow(planFor(regression, undefined, more), batches(6));
    const halves = batches(6).flatMap((batch) => [rowsOf(batch, 0, 2), rowsOf(batch, 2, 4)]);
    const split = await follow(planFor(regression, undefined, { ...more, accumulate: 2 }), halves);
    expect(difference(split.last.params, whole.last.params)).toBeLessThan(1e-6);
    expect(difference(split.last.optimiser, whole.last.optimiser)).toBeLessThan(1e-6);
    expect(difference(split.last.average, whole.last.average)).toBeLessThan(1e-6);
    expect(split.last.counters.updates.data[0]).toBe(6);
    expect(split.last.counters.batches.data[0]).toBe(12);
    // The norm that counts is that of the completed update.
    expect(split.metrics[11]!.gradientNorm!.data[0]).toBeCloseTo(whole.metrics[5]!.gradientNorm!.data[0]!, 5);
  });

  it("moves nothing before the last batch of an update", async () => {
    const plan = planFor(regression, undefined, { accumulate: 3, averageDecay: 0.9 });
    const { states } = await follow(plan, batches(3));
    for (const part of ["params", "optimiser", "average"] as const) {
      expect(bitsOf(states[2]![part])).toEqual(bitsOf(states[0]![part]));
      expect(bitsOf(states[3]![part])).not.toEqual(bitsOf(states[0]![part]));
    }
    expect([...numbersOf(states[3]!.accumulated).values()].flat().every((value) => value === 0)).toBe(true);
  });
});

describe("moving average", () => {
  it("is decay × average + (1 − decay) × parameters after every update", async () => {
    const { states } = await follow(planFor(regression, undefined, { averageDecay: 0.8 }), batches(5));
    let expected = line(states[0]!).weight;
    for (const state of states.slice(1)) {
      expected = expected.map((value, i) => 0.8 * value + 0.2 * line(state).weight[i]!);
      numbersOf(state.average.line)
        .get("weight")!
        .forEach((value, i) => {
          expect(value).toBeCloseTo(expected[i]!, 6);
        });
    }
  });
});

describe("several phases", () => {
  const both = affineFamily(["a", "b"], [regressionPhase("a"), regressionPhase("b", 2)]);

  it("give a phase of every: 2 its turn at every second update, and an optimiser that counts those alone", async () => {
    const { states } = await follow(planFor(both), batches(6));
    states.slice(1).forEach((state, t) => {
      expect(bitsOf(state.params.a)).not.toEqual(bitsOf(states[t]!.params.a));
      if (t % 2 === 0) expect(bitsOf(state.params.b)).not.toEqual(bitsOf(states[t]!.params.b));
      else {
        expect(bitsOf(state.params.b)).toEqual(bitsOf(states[t]!.params.b));
        expect(bitsOf(state.optimiser.b)).toEqual(bitsOf(states[t]!.optimiser.b));
      }
    });
    // The same as training b alone on the batches of its turns: AdamW's bias correction must not count the others.
    const alone = planFor(affineFamily(["b"], [regressionPhase("b")]));
    const single = await follow(
      alone,
      [0, 2, 4].map((t) => regressionBatch(t)),
    );
    expect(bitsOf(single.states[0]!.params.b)).toEqual(bitsOf(states[0]!.params.b));
    expect(difference(states[6]!.params.b, single.last.params.b)).toBeLessThan(1e-6);
  });

  it("count every update of a network that two phases train", async () => {
    const twice = affineFamily(["a"], [regressionPhase("a"), { ...regressionPhase("a", 2), name: "again" }]);
    const { last, metrics } = await follow(planFor(twice), batches(3));
    const single = await follow(
      planFor(affineFamily(["a"], [regressionPhase("a")])),
      [0, 0, 1, 2, 2].map((t) => regressionBatch(t)),
    );
    expect(difference(last.params, single.last.params)).toBeLessThan(1e-6);
    expect(Object.keys(metrics[0]!).sort()).toEqual([
      "again.gradientNorm",
      "again.loss",
      "finite",
      "fit-a.gradientNorm",
      "fit-a.loss",
    ]);
  });

  const real = Array.from({ length: 3 }, (_, t) => ({
    real: hostTensor(RandomKey.fromSeed(20).at(t).normal(new Float32Array(16), 2, 0.5), [16]),
  }));
  const keys = (t: number) => ({ keys: RandomKey.fromSeed(4).at(t) });

  it.each([
    ["discriminator", "generator"],
    ["generator", "discriminator"],
  ] as const)("train the %s and leave the %s alone", async (trained, other) => {
    const { states } = await follow(planFor(toyGan([trained])), real, { keys });
    expect(bitsOf(states[3]!.params[other])).toEqual(bitsOf(states[0]!.params[other]));
    expect(bitsOf(states[3]!.optimiser[other])).toEqual(bitsOf(states[0]!.optimiser[other]));
    for (const value of Object.keys(bitsOf(states[0]!.params[trained]))) {
      expect(bitsOf(states[1]!.params[trained])[value]).not.toEqual(bitsOf(states[0]!.params[trained])[value]);
    }
  });

  it("run in the order listed, each seeing what the ones before it made", async () => {
    const joint = await follow(planFor(toyGan(["discriminator", "generator"])), real.slice(0, 1), { keys });
    const first = await follow(planFor(toyGan(["discriminator"])), real.slice(0, 1), { keys });
    const { params, optimiser } = first.last;
    const second = planFor(toyGan(["generator"]));
    const from = { ...initialState(second, RandomKey.fromSeed(3)), params, optimiser };
    const after = await follow(second, real.slice(0, 1), { keys, from });
    expect(difference(joint.last.params, after.last.params)).toBeLessThan(1e-6);
    expect(joint.metrics[0]!["generator.verdict"]!.data[0]).toBeCloseTo(after.metrics[0]!.verdict!.data[0]!, 5);
  });
});

describe("a non-finite gradient", () => {
  const bad = (value: number) => {
    const batch = regressionBatch(9);
    const y = Float32Array.from(batch.y.data);
    y[5] = value;
    return { ...batch, y: hostTensor(y, batch.y.shape) };
  };
  const overflowing = { ...regressionBatch(9), y: hostTensor(new Float32Array(12).fill(1e30), [4, 3]) };

  it.each([
    ["NaN", bad(Number.NaN)],
    ["an infinity", bad(Number.POSITIVE_INFINITY)],
    ["a norm beyond float32", overflowing],
  ])("from %s leaves the state bit for bit as it was, says so, and training goes on", async (_, poison) => {
    const plan = planFor(regression, undefined, { clip: 1, averageDecay: 0.9 });
    const { states, metrics, last } = await follow(plan, [...batches(2), poison, regressionBatch(2)]);
    expect(bitsOf(states[3])).toEqual(bitsOf(states[2]));
    expect(metrics.map(({ finite }) => finite!.data[0])).toEqual([1, 1, 0, 1]);
    const straight = await follow(plan, batches(3));
    expect(bitsOf(last)).toEqual(bitsOf(straight.last));
  });

  it.each([0, 1])("in batch %d of an accumulation does not count as one of its batches", async (position) => {
    const plan = planFor(regression, undefined, { accumulate: 2 });
    const poisoned = batches(4).toSpliced(position, 0, bad(Number.NaN));
    const { states, last } = await follow(plan, poisoned);
    expect(bitsOf(states[position + 1])).toEqual(bitsOf(states[position]));
    expect(bitsOf(last)).toEqual(bitsOf((await follow(plan, batches(4))).last));
  });

  it("in a later phase undoes the earlier ones", async () => {
    const phase = regressionPhase("b");
    const family = affineFamily(
      ["a", "b"],
      [
        regressionPhase("a"),
        {
          ...phase,
          loss: (scopes, { x, y, z }) => {
            const { loss } = phase.loss(scopes, { x: x!, y: y! });
            return { loss: loss.mul((z as Tensor).mean()) };
          },
        },
      ],
    );
    const one = { z: hostTensor(Float32Array.of(1)) };
    const { states, metrics } = await follow(planFor(family), [
      { ...regressionBatch(0), ...one },
      { ...regressionBatch(1), z: hostTensor(Float32Array.of(Number.NaN)) },
    ]);
    expect(bitsOf(states[2])).toEqual(bitsOf(states[1]));
    expect(metrics[1]!.finite!.data[0]).toBe(0);
  });

  it("does not reach buffers either", async () => {
    const phase: (typeof regression.phases)[number] = {
      ...regressionPhase("line"),
      loss: (scopes, batch) => {
        const scope = scopes.line!;
        const mean = scope.buffer("mean", [2], zeros);
        scope.setBuffer("mean", mean.mul(0.5).add((batch.x as Tensor).mean(0).mul(0.5)));
        return regressionPhase("line").loss(scopes, batch);
      },
    };
    const declare = (scope: Parameters<(typeof regression.networks)["line"]>[0]): void => {
      regression.networks.line!(scope);
      scope.buffer("mean", [2], zeros);
    };
    const plan = planFor({ ...regression, networks: { line: declare }, phases: [phase] });
    const poison = { ...regressionBatch(1), x: hostTensor(new Float32Array(8).fill(Number.NaN), [4, 2]) };
    const { states } = await follow(plan, [regressionBatch(0), poison, regressionBatch(2)]);
    const means = (t: number): number[] => {
      const { data } = regressionBatch(t).x;
      return [0, 1].map((j) => (data[j]! + data[2 + j]! + data[4 + j]! + data[6 + j]!) / 4);
    };
    const buffer = (t: number): number[] => numbersOf(states[t]!.buffers).get("line.mean")!;
    buffer(1).forEach((value, j) => {
      expect(value).toBeCloseTo(0.5 * means(0)[j]!, 6);
    });
    expect(bitsOf(states[2])).toEqual(bitsOf(states[1]));
    buffer(3).forEach((value, j) => {
      expect(value).toBeCloseTo(0.25 * means(0)[j]! + 0.5 * means(2)[j]!, 6);
    });
  });
});

describe("the initial state", () => {
  it("is the same for the same key, and another for another", () => {
    const plan = planFor(toyGan(["discriminator", "generator"]), undefined, { averageDecay: 0.9, accumulate: 2 });
    const bits = (seed: number) => bitsOf(initialState(plan, RandomKey.fromSeed(seed)));
    expect(bits(1)).toEqual(bits(1));
    expect(bits(1)).not.toEqual(bits(2));
  });

  it("names the network that has no optimiser", () => {
    const plan = { ...planFor(toyGan(["generator"])), optimisers: { generator: adamw({ learningRate: 1 }) } };
    expect(() => initialState(plan, RandomKey.fromSeed(1))).toThrow('The network "discriminator" has no optimiser');
  });
});

/** Likelihoods beside PyTorch's, beside sums and integrals over all that can be, and their draws beside their probabilities. */
import { readFile } from "node:fs/promises";
import {
  ArgumentError,
  compile,
  gradients,
  type HostTensor,
  hostTensor,
  RandomKey,
  Scope,
  type Tensor,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { type ContinuousLikelihood, type Field, gridLikelihood } from "./index.js";

interface Fixture {
  readonly shape: number[];
  readonly x: number[];
  readonly first: number[];
  readonly second: number[];
  readonly bernoulli: number[];
  readonly gaussian: number[];
  readonly discretised: number[];
  readonly logits: number[];
  readonly levels: number[];
  readonly categorical: number[];
}

// From `bench/peers/make_vae_fixture.py`.
const fixture: Fixture = JSON.parse(
  await readFile(new URL("./fixtures/torch-likelihoods.json", import.meta.url), "utf8"),
);

const pixels = (channels: number): Field => ({
  name: "pixels",
  channels,
  kind: "continuous",
  range: [-1, 1],
  levels: 256,
});
const classes: Field = { name: "class", channels: 1, kind: "categorical", range: [0, 4], levels: 5 };

/** Traces, runs and lets go. */
async function evaluate(
  inputs: Readonly<Record<string, HostTensor>>,
  fn: (inputs: Readonly<Record<string, Tensor>>) => Tensor,
): Promise<number[]> {
  const run = compile((given: Readonly<Record<string, Tensor>>) => ({ result: fn(given) }));
  const { result } = await run(inputs, { keys: RandomKey.fromSeed(3) });
  await run.release();
  return [...(result as HostTensor).data];
}

const tensor = (values: readonly number[], shape: readonly number[]): HostTensor =>
  hostTensor(Float32Array.from(values), shape);

/** log p of one value after another, each a grid of its own, under the same parameters. */
function logProbabilities(
  field: Field,
  kind: ContinuousLikelihood,
  parameters: readonly number[],
  values: readonly number[],
): Promise<number[]> {
  const likelihood = gridLikelihood([field], kind);
  const rows = values.flatMap(() => parameters);
  return evaluate(
    { p: tensor(rows, [values.length, likelihood.outputs, 1]), x: tensor(values, [values.length, 1, 1]) },
    ({ p, x }) => likelihood.logProbability(p!, x!),
  );
}

/** So many draws under the same parameters. */
function draws(
  field: Field,
  kind: ContinuousLikelihood,
  parameters: readonly number[],
  count: number,
): Promise<number[]> {
  const likelihood = gridLikelihood([field], kind);
  const columns = parameters.flatMap((parameter) => new Array<number>(count).fill(parameter));
  return evaluate({ p: tensor(columns, [1, likelihood.outputs, count]) }, ({ p }) =>
    likelihood.sample(Scope.over({ params: {} }), p!),
  );
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const deviation = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

const everyLevel = Array.from({ length: 256 }, (_, level) => (level / 255) * 2 - 1);

describe("log-probabilities are those of PyTorch and of many digits", () => {
  const check = async (
    fields: readonly Field[],
    kind: ContinuousLikelihood,
    inputs: Readonly<Record<string, HostTensor>>,
    expected: readonly number[],
  ): Promise<void> => {
    const likelihood = gridLikelihood(fields, kind);
    const actual = await evaluate(inputs, ({ p, x }) => likelihood.logProbability(p!, x!));
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => {
      expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(2e-6);
    });
  };
  const { shape, first, second } = fixture;
  const x = tensor(fixture.x, shape);
  const [batch, channels, ...spatial] = shape as [number, number, ...number[]];
  const size = fixture.x.length / batch;
  /** The first parameters of a picture, then the second. */
  const both = Array.from({ length: batch }, (_, row) => [
    ...first.slice(row * size, (row + 1) * size),
    ...second.slice(row * size, (row + 1) * size),
  ]).flat();

  it("Bernoulli", () =>
    check(
      [pixels(channels)],
      { kind: "bernoulli" },
      {
        x,
        p: tensor(
          first.map((logit) => 4 * logit),
          shape,
        ),
      },
      fixture.bernoulli,
    ));

  it("Gaussian, of bytes", () =>
    check(
      [pixels(channels)],
      { kind: "gaussian", standardDeviation: 0.2 },
      { x, p: tensor(first, shape) },
      fixture.gaussian,
    ));

  it("discretised logistic, far out in the tails too", () =>
    check(
      [pixels(channels)],
      { kind: "discretised-logistic" },
      { x, p: tensor(both, [batch, 2 * channels, ...spatial]) },
      fixture.discretised,
    ));

  it("categorical", () =>
    check(
      [{ ...classes, channels: 2 }],
      { kind: "bernoulli" },
      { x: tensor(fixture.levels, [2, 2, 3]), p: tensor(fixture.logits, [2, 10, 3]) },
      fixture.categorical,
    ));
});

describe("probabilities add up to 1", () => {
  it.each([
    [0.1, -2],
    [-0.97, -4.5],
    [1.3, -1],
    [0, 2],
    [0.5019, -7],
    // Below the least scale, at which it stays.
    [0.2, -30],
  ])("discretised logistic at %d with log scale %d", async (location, logScale) => {
    const logs = await logProbabilities(pixels(1), { kind: "discretised-logistic" }, [location, logScale], everyLevel);
    expect(sum(logs.map(Math.exp))).toBeCloseTo(1, 4);
  });

  it("Bernoulli, of black and white", async () => {
    const logs = await logProbabilities(pixels(1), { kind: "bernoulli" }, [0.7], [-1, 1]);
    expect(sum(logs.map(Math.exp))).toBeCloseTo(1, 6);
    expect(Math.exp(logs[1]!)).toBeCloseTo(1 / (1 + Math.exp(-0.7)), 6);
  });

  it("categorical", async () => {
    const logs = await logProbabilities(classes, { kind: "bernoulli" }, [0.3, -1, 2, 0, 0.5], [0, 1, 2, 3, 4]);
    expect(sum(logs.map(Math.exp))).toBeCloseTo(1, 6);
  });

  it.each([
    ["of bytes", 256, 255],
    ["of a field without levels", undefined, 1],
  ])("Gaussian with a learned deviation, integrated in units %s", async (_, levels, units) => {
    // The deviation is at most 0.06 of the range, so that all lies within it.
    const step = 0.002;
    const values = Array.from({ length: 1001 }, (_, i) => -1 + step * i);
    const field: Field = { ...pixels(1), levels };
    const logs = await logProbabilities(field, { kind: "gaussian" }, [0.5, -3], values);
    expect(sum(logs.map(Math.exp)) * (step / 2) * units).toBeCloseTo(1, 4);
  });
});

describe("means and draws", () => {
  it("discretised logistic: every draw is a level, as often as its probability says", async () => {
    const parameters = [0.8, -2];
    const drawn = await draws(pixels(1), { kind: "discretised-logistic" }, parameters, 40_000);
    const counts = new Array<number>(256).fill(0);
    for (const value of drawn) {
      const level = ((value + 1) / 2) * 255;
      expect(Math.abs(level - Math.round(level))).toBeLessThan(1e-4);
      counts[Math.round(level)]! += 1;
    }
    const logs = await logProbabilities(pixels(1), { kind: "discretised-logistic" }, parameters, everyLevel);
    // White has all of the upper tail.
    const white = Math.exp(logs[255]!);
    expect(white).toBeGreaterThan(0.1);
    expect(Math.abs(counts[255]! / drawn.length - white)).toBeLessThan(
      4 * Math.sqrt((white * (1 - white)) / drawn.length),
    );
    const expected = sum(logs.map((log, level) => Math.exp(log) * everyLevel[level]!));
    expect(mean(drawn)).toBeCloseTo(expected, 2);
  });

  it("Gaussian", async () => {
    // softplus(−2 − least) + least is about −2 for a least deviation of 1 / (√12 · 255).
    const least = Math.log(1 / (Math.sqrt(12) * 255));
    const raw = Math.log(Math.exp(-2 - least) - 1) + least;
    const drawn = await draws(pixels(1), { kind: "gaussian" }, [0.5, raw], 20_000);
    expect(mean(drawn)).toBeCloseTo(0, 2);
    expect(deviation(drawn)).toBeCloseTo(2 * Math.exp(-2), 2);
    // However sure the network is, a deviation of 1 / √12 levels is left.
    const narrow = await draws(pixels(1), { kind: "gaussian" }, [0.5, -50], 20_000);
    expect(deviation(narrow)).toBeCloseTo(2 / (Math.sqrt(12) * 255), 4);
  });

  it("Bernoulli: black or white", async () => {
    const drawn = await draws(pixels(1), { kind: "bernoulli" }, [1], 20_000);
    expect(new Set(drawn)).toEqual(new Set([-1, 1]));
    expect((mean(drawn) + 1) / 2).toBeCloseTo(1 / (1 + Math.exp(-1)), 2);
  });

  it("categorical: a class as often as its softmax says; the mean of ordered levels lies between them", async () => {
    const logits = [0, 1, 0.5, -1, 2];
    const total = sum(logits.map(Math.exp));
    const drawn = await draws(classes, { kind: "bernoulli" }, logits, 20_000);
    logits.forEach((logit, level) => {
      const share = drawn.filter((value) => value === level).length / drawn.length;
      expect(share).toBeCloseTo(Math.exp(logit) / total, 1.5);
    });
    const means = (kind: "categorical" | "ordinal"): Promise<number[]> => {
      const likelihood = gridLikelihood([{ ...classes, kind }], { kind: "bernoulli" });
      return evaluate({ p: tensor(logits, [1, 5, 1]) }, ({ p }) => likelihood.mean(p!));
    };
    expect(await means("categorical")).toEqual([4]);
    expect((await means("ordinal"))[0]).toBeCloseTo(
      sum(logits.map((logit, level) => (Math.exp(logit) / total) * level)),
      5,
    );
  });

  it("lie within the range", async () => {
    for (const kind of ["gaussian", "discretised-logistic"] as const) {
      const likelihood = gridLikelihood([pixels(1)], { kind });
      const p = tensor([-3, 0, 0.3, 5, 0, 0, 0, 0], [1, 2, 4]);
      const values = await evaluate({ p }, ({ p }) => likelihood.mean(p!));
      expect(Math.min(...values)).toBe(-1);
      expect(Math.max(...values)).toBe(1);
    }
  });
});

it("gradients stay finite where a prediction is as wrong and as sure as it can be", async () => {
  const likelihood = gridLikelihood([pixels(1)], { kind: "discretised-logistic" });
  const p = tensor([1, -1, 3, 0, -7, -7, -40, 9], [1, 2, 4]);
  const slopes = await evaluate(
    { p, x: tensor([-1, 1, 0, 0.2], [1, 1, 4]) },
    ({ p, x }) => gradients(likelihood.logProbability(p!, x!).sum(), [p!])[0]!,
  );
  expect(slopes.every(Number.isFinite)).toBe(true);
  // One step further from the truth costs as much as the scale is small: e⁷.
  expect(slopes[0]! / -Math.exp(7)).toBeCloseTo(1, 4);
});

describe("a grid of several fields", () => {
  const fields: Field[] = [pixels(3), classes];
  const likelihood = gridLikelihood(fields, { kind: "discretised-logistic" });

  it("has the parameters of all, and the sum of their log-probabilities", async () => {
    expect([likelihood.channels, likelihood.outputs]).toEqual([4, 3 * 2 + 5]);
    const parameters = [0.1, 0.2, 0.3, -1, -2, -3, 0, 1, 2, 3, 4];
    const x = [...everyLevel.slice(100, 103), 3];
    const inputs = { p: tensor(parameters, [1, 11, 1]), x: tensor(x, [1, 4, 1]) };
    const [whole] = await evaluate(inputs, ({ p, x }) => likelihood.logProbability(p!, x!));
    const parts = await Promise.all([
      ...[0, 1, 2].map((channel) =>
        logProbabilities(
          pixels(1),
          { kind: "discretised-logistic" },
          [parameters[channel]!, parameters[3 + channel]!],
          [x[channel]!],
        ),
      ),
      logProbabilities(classes, { kind: "bernoulli" }, parameters.slice(6), [3]),
    ]);
    expect(whole).toBeCloseTo(sum(parts.flat()), 4);
    // A class is seen as one of five channels, colours as they are.
    const seen = await evaluate(inputs, ({ x }) => likelihood.encoderInput(x!));
    expect(seen).toEqual([...Float32Array.from(x.slice(0, 3)), 0, 0, 0, 1, 0]);
    const means = await evaluate(inputs, ({ p }) => likelihood.mean(p!));
    [0.1, 0.2, 0.3, 4].forEach((value, i) => {
      expect(means[i]).toBeCloseTo(value, 6);
    });
    const drawn = await evaluate(inputs, ({ p }) => likelihood.sample(Scope.over({ params: {} }), p!));
    expect(drawn).toHaveLength(4);
  });
});

it("an encoder sees classes one by one, the levels of a channel side by side, and ordered levels as they are", async () => {
  const x = tensor(fixture.levels, [2, 2, 3]);
  const seenAs = (kind: "categorical" | "ordinal"): Promise<number[]> => {
    const likelihood = gridLikelihood([{ ...classes, channels: 2, kind }], { kind: "bernoulli" });
    return evaluate({ x }, ({ x }) => likelihood.encoderInput(x!));
  };
  const expected = [0, 1].flatMap((row) =>
    [0, 1].flatMap((channel) =>
      [0, 1, 2, 3, 4].flatMap((level) =>
        [0, 1, 2].map((place) => (fixture.levels[6 * row + 3 * channel + place] === level ? 1 : 0)),
      ),
    ),
  );
  expect(await seenAs("categorical")).toEqual(expected);
  expect(await seenAs("ordinal")).toEqual(fixture.levels);
});

describe("impossible fields", () => {
  it.each<[string, Field[], ContinuousLikelihood]>([
    ["A grid without fields", [], { kind: "bernoulli" }],
    ["has no levels", [{ ...pixels(1), levels: undefined }], { kind: "discretised-logistic" }],
    ["does not say how many levels", [{ ...classes, levels: undefined }], { kind: "bernoulli" }],
    ["which is empty", [{ ...pixels(1), range: [1, 1] }], { kind: "bernoulli" }],
    ["above 0, got 0", [pixels(1)], { kind: "gaussian", standardDeviation: 0 }],
  ])("%s", (message, fields, kind) => {
    expect(() => gridLikelihood(fields, kind)).toThrow(ArgumentError);
    expect(() => gridLikelihood(fields, kind)).toThrow(message);
  });
});

import { RandomKey } from "@atelier/engine/random";
import { describe, expect, it } from "vitest";
import { type Dimension, draw, parseDimension, sizeOf } from "./dimension.js";

const drawn = (dimension: Dimension, count: number): unknown[] =>
  Array.from({ length: count }, (_, i) => draw(dimension, RandomKey.fromSeed(7).at(i)));

const numbers = (values: readonly unknown[]): number[] => values.filter((value) => typeof value === "number");

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("parseDimension", () => {
  it("reads lists, ranges and logarithmic ranges", () => {
    expect(parseDimension("model.width=64,128,256")).toEqual({
      setting: "model.width",
      from: { kind: "list", values: [64, 128, 256] },
    });
    expect(parseDimension("training.schedule.kind=cosine,constant").from).toEqual({
      kind: "list",
      values: ["cosine", "constant"],
    });
    expect(parseDimension("training.optimiser.betas=[0.9,0.99],[0.8,0.95]").from).toEqual({
      kind: "list",
      values: [
        [0.9, 0.99],
        [0.8, 0.95],
      ],
    });
    expect(parseDimension("training.optimiser.learningRate=1e-3..0.03:log").from).toEqual({
      kind: "range",
      low: 0.001,
      high: 0.03,
      scale: "log",
      whole: false,
    });
    expect(parseDimension("training.optimiser.weightDecay=0..1").from).toMatchObject({ scale: "linear", whole: false });
    // The schema of recipes says that this one takes whole numbers only.
    expect(parseDimension("model.layers=2..8").from).toMatchObject({ whole: true });
  });

  it.each([
    ["model.width", /does not say what to vary/, /--over/],
    ["model.widht=1,2", /no setting "model.widht"/, /did you mean "model.width"\?/],
    ["model=1,2", /no setting "model"|cannot/, /./],
    ["model.width=64", /no two different values/, /--set/],
    ["model.width=64,64", /no two different values/, /--set/],
    ["model.width=", /no two different values/, /./],
    ["model.dropout=0.5..0.1", /does not go up/, /smaller number first/],
    ["model.dropout=0..0.1:log", /has no logarithm/, /above 0/],
    ["model.dropout=0.1..0.2:cubic", /ends in ":cubic"/, /:log or :linear/],
    ["model.layers=1.5..8", /takes whole numbers/, /=2\.\.8/],
  ])("refuses %s", (text, message, hint) => {
    let thrown: unknown;
    try {
      parseDimension(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: "BAD_SWEEP",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });
});

describe("draw", () => {
  it("is even in the logarithm of a log range", () => {
    const values = numbers(drawn(parseDimension("training.optimiser.learningRate=0.001..0.1:log"), 20_000));
    expect(values).toHaveLength(20_000);
    // ln x is uniform on an interval of length ln 100: its mean is that of 0.01, its variance length² / 12.
    const logs = values.map(Math.log);
    const spread = Math.log(100) / Math.sqrt(12);
    expect(Math.abs(mean(logs) - Math.log(0.01))).toBeLessThan((5 * spread) / Math.sqrt(values.length));
    expect(Math.sqrt(mean(logs.map((x) => (x - Math.log(0.01)) ** 2))) / spread).toBeCloseTo(1, 1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0.001);
    expect(Math.max(...values)).toBeLessThanOrEqual(0.1);
  });

  it("gives each whole number of a range the same chance, the ends as well", () => {
    const counts = new Map<unknown, number>();
    for (const value of drawn(parseDimension("model.layers=2..5"), 8000))
      counts.set(value, (counts.get(value) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual([2, 3, 4, 5]);
    // 2,000 expected, standard deviation √(8000 · ¼ · ¾) ≈ 39.
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(5 * 39);
  });

  it("is a function of the key, and rounds to what people would write", () => {
    const rate = parseDimension("training.optimiser.learningRate=0.001..0.03:log");
    expect(drawn(rate, 20)).toEqual(drawn(rate, 20));
    for (const value of numbers(drawn(rate, 20))) expect(value).toBe(Number(value.toPrecision(4)));
  });
});

it("counts the values of a dimension", () => {
  expect(
    ["model.width=1,2,4", "model.layers=2..8", "model.dropout=0..0.5"].map((text) => sizeOf(parseDimension(text))),
  ).toEqual([3, 7, Number.POSITIVE_INFINITY]);
});

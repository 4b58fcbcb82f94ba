/** Measures: their schema, comparisons and tables by hand; the builders against sums done here. */
import { RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import type { Judgement } from "../judgement.js";
import { BITS_PER_BYTE, languageMeasures } from "./language.js";
import { compareWithBaseline, type Measure, measureSchema, meets } from "./measure.js";
import { formatMeasured, markdownTable, measureTable } from "./measure-table.js";
import { memorisation } from "./memorisation.js";
import { COPYING_SHARE, sampleMeasures } from "./samples.js";

const measure: Measure = {
  name: "bits per byte",
  value: 1.5,
  low: 1.4,
  high: 1.6,
  samples: 1234,
  protocol: "windows",
  better: "lower",
};
const against = (
  baseline: Omit<NonNullable<Measure["baseline"]>, "name">,
  better: Measure["better"] = "lower",
): Measure => ({
  ...measure,
  better,
  baseline: { name: "3-gram", ...baseline },
});

describe("a measure", () => {
  it("comes back from JSON as it was", () => {
    const full = against({ value: 1.7, low: 1.6, high: 1.8, difference: { value: -0.2, low: -0.3, high: -0.1 } });
    for (const each of [measure, full]) expect(measureSchema.parse(JSON.parse(JSON.stringify(each)))).toEqual(each);
    expect(measureSchema.safeParse({ ...measure, value: null }).success).toBe(false);
    expect(measureSchema.safeParse({ ...measure, samples: 0 }).success).toBe(false);
  });

  it("is better than its baseline only where the intervals say so", () => {
    expect(compareWithBaseline(measure)).toBe(undefined);
    expect(compareWithBaseline(against({ value: 1.7, low: 1.61, high: 1.8 }))).toBe("better");
    expect(compareWithBaseline(against({ value: 1.7, low: 1.61, high: 1.8 }, "higher"))).toBe("worse");
    expect(compareWithBaseline(against({ value: 1.7, low: 1.59, high: 1.8 }))).toBe("no measurable difference");
    expect(compareWithBaseline(against({ value: 1.3, low: 1.2, high: 1.39 }))).toBe("worse");
    expect(compareWithBaseline(against({ value: 1.7 }))).toBe(undefined);
    // The paired difference decides, however the intervals overlap.
    const [value, low, high] = [1.52, 1.42, 1.62];
    const difference = { value: -0.02, low: -0.03, high: -0.01 };
    expect(compareWithBaseline(against({ value, low, high, difference }))).toBe("better");
    expect(compareWithBaseline(against({ value, low, high, difference }, "higher"))).toBe("worse");
    const unsure = { value: -0.02, low: -0.05, high: 0.01 };
    expect(compareWithBaseline(against({ value: 1.9, low: 1.8, high: 2, difference: unsure }))).toBe(
      "no measurable difference",
    );
  });

  it("meets a goal on the right side of it", () => {
    expect([1.49, 1.5, 1.51].map((goal) => meets(measure, goal))).toEqual([false, true, true]);
    expect([1.49, 1.5, 1.51].map((goal) => meets({ ...measure, better: "higher" }, goal))).toEqual([true, true, false]);
  });

  it("stands in a table", () => {
    expect([0, 57, 1.50349, 0.00012345, 12345.6, 123456].map((x) => formatMeasured(x))).toEqual(
      ["0", "57", "1.503", "0.0001234", "12,346", "123,456"], // 0.00012345 is a little less in binary
    );
    expect(formatMeasured(0.1254, "share")).toBe("12.5 %");
    const share = { name: "copies", unit: "share", value: 0.25, samples: 8, protocol: "", better: "lower" as const };
    const table = measureTable([against({ value: 1.75 }), share, { ...share, name: "run", unit: "words" }], "whale");
    expect(table.headings).toEqual(["", "whale", "95 % interval", "compared with", "samples"]);
    expect(table.rows).toEqual([
      ["bits per byte", "1.500", "1.400 to 1.600", "1.750 3-gram", "1,234"],
      ["copies", "25.0 %", "", "", "8"],
      ["run (words)", "0.2500", "", "", "8"],
    ]);
    expect(markdownTable(measureTable([{ ...share, name: "a|b" }], "whale"))).toBe(
      "|  | whale | 95 % interval | samples |\n|---|---:|---|---:|\n| a\\|b | 25.0 % |  | 8 |",
    );
  });
});

describe("languageMeasures", () => {
  const key = RandomKey.fromSeed(2);
  const judgement = (nats: number[]): Judgement => ({
    nats: Float64Array.from(nats),
    counts: Float64Array.from(nats, () => 4),
    bytes: Float64Array.from(nats, () => 8),
  });
  const windows = Array.from({ length: 200 }, (_, i) => 8 + (i % 5));

  it("gives loss, perplexity and bits per byte, with paired differences", () => {
    // Window means of 10 nats over 4 tokens and 8 bytes; the baseline has 0.4 nats more in each window.
    const [loss, perplexity, bits] = languageMeasures({
      model: judgement(windows),
      baseline: { name: "3-gram", judgement: judgement(windows.map((x) => x + 0.4)) },
      protocol: "windows of 4",
      key,
    });
    expect(loss!.value).toBeCloseTo(2.5, 12);
    expect(perplexity!.value).toBeCloseTo(Math.exp(2.5), 10);
    expect(bits!.value).toBeCloseTo(10 / Math.LN2 / 8, 12);
    expect(bits!.name).toBe(BITS_PER_BYTE);
    expect(perplexity!.low).toBeCloseTo(Math.exp(loss!.low!), 10);
    // The windows' standard deviation is √2.
    expect((loss!.high! - loss!.low!) / ((2 * 1.96 * Math.SQRT2) / Math.sqrt(200) / 4)).toBeCloseTo(1, 0);
    for (const [each, by] of [
      [loss!, -0.1],
      [bits!, -0.05 / Math.LN2],
    ] as const) {
      const difference = each.baseline!.difference!;
      for (const end of [difference.value, difference.low!, difference.high!]) expect(end).toBeCloseTo(by, 10);
      expect(compareWithBaseline(each)).toBe("better");
      expect(each.samples).toBe(200);
    }
    for (const each of [loss!, perplexity!, bits!]) expect(measureSchema.parse(each)).toEqual(each);
  });

  it("says nothing of a baseline that is not there, nor of the spread of one window", () => {
    const [loss] = languageMeasures({ model: judgement([8]), protocol: "", key });
    expect([loss!.value, loss!.low, loss!.baseline]).toEqual([2, undefined, undefined]);
  });
});

describe("sampleMeasures", () => {
  const key = RandomKey.fromSeed(4);

  it("gives each figure beside the held-out text's", async () => {
    const line = "It was the best of times, it was the worst of times, it was the age.";
    const samples = [line, "go on and go on and go on and go on"];
    const heldOut = ["A tale of two cities, by another hand", "Nothing in it occurs there, or so"];
    const found = await memorisation({ samples, heldOut, training: [`… ${line} …`, "Nothing in between"] });
    const measures = sampleMeasures({ samples, heldOut, memorisation: found, protocol: "2 samples", key });
    const named = (name: string): Measure => measures.find((each) => each.name === name)!;
    // 19 words and signs, of which 11 different; and 11, of which 3.
    expect(named("distinct-1").value).toBeCloseTo(14 / 30, 12);
    // Of 16 4-grams "of times , it", "times , it was" and ", it was the" come again; of the other's 8 only 3 are new.
    expect(named("repeated 4-grams").value).toBeCloseTo((3 / 16 + 5 / 8) / 2, 12);
    expect(named("longest loop").value).toBeCloseTo((0 + 11) / 2, 12);
    expect(named("longest verbatim run").value).toBe(line.length);
    expect(named("longest verbatim run").baseline!.value).toBe("Nothing in ".length);
    expect(named(COPYING_SHARE)).toMatchObject({ value: 0.5, samples: 2, baseline: { value: 0 } });
    expect(named(COPYING_SHARE).protocol).toContain(`all ${line.length + 4 + 18} characters`);
    for (const each of measures) expect(measureSchema.parse(each)).toEqual(each);
    expect(measures.map(({ name }) => name)).toEqual([
      "distinct-1",
      "distinct-2",
      "distinct-3",
      "distinct-4",
      "repeated 4-grams",
      "longest loop",
      "verbatim run",
      "longest verbatim run",
      COPYING_SHARE,
    ]);
  });

  it("leaves out what cannot be had", () => {
    const measures = sampleMeasures({ samples: ["one two", ""], heldOut: [], protocol: "", key });
    expect(measures.map(({ name }) => name)).toEqual(["distinct-1", "distinct-2", "longest loop"]);
    expect(measures[0]!.baseline).toBe(undefined);
  });
});

import { describe, expect, it } from "vitest";
import type { Measure } from "../../evaluation/metrics/measure.js";
import { type ComparedModel, compareMeasures } from "./models-compare.js";

const measure = (
  name: string,
  value: number,
  interval?: readonly [number, number],
  changes: Partial<Measure> = {},
): Measure => ({
  name,
  value,
  ...(interval === undefined ? {} : { low: interval[0], high: interval[1] }),
  samples: 10,
  protocol: "windows",
  better: "lower",
  ...changes,
});

const model = (
  measures: readonly Measure[],
  changes: { fingerprint?: string; codec?: string } = {},
): ComparedModel => ({
  record: {
    name: "m",
    family: "gpt",
    codec: { file: "codec.json", sha256: changes.codec ?? "a", bytes: 1 },
  },
  data: { fingerprint: changes.fingerprint ?? "f", split: "validation" },
  measures,
});

const standings = (a: ComparedModel, b: ComparedModel) =>
  compareMeasures(a, b).map(({ standing, reason }) => reason ?? standing);

describe("compareMeasures", () => {
  it("calls better only what lies apart", () => {
    expect(standings(model([measure("bits", 1, [0.9, 1.1])]), model([measure("bits", 2, [1.2, 2.5])]))).toEqual([
      "first",
    ]);
    expect(standings(model([measure("bits", 2, [1.2, 2.5])]), model([measure("bits", 1, [0.9, 1.1])]))).toEqual([
      "second",
    ]);
    expect(standings(model([measure("bits", 1, [0.9, 1.2])]), model([measure("bits", 2, [1.2, 2.5])]))).toEqual([
      "no measurable difference",
    ]);
    expect(standings(model([measure("bits", 1)]), model([measure("bits", 2)]))).toEqual(["no measurable difference"]);
    const higher = { better: "higher" } as const;
    expect(
      standings(model([measure("hits", 1, [0, 1.5], higher)]), model([measure("hits", 2, [1.8, 3], higher)])),
    ).toEqual(["second"]);
  });

  it("compares only what was measured alike", () => {
    const one = model([measure("bits", 1, [1, 1]), measure("loss", 1, [1, 1])]);
    const two = [measure("bits", 2, [2, 2]), measure("loss", 2, [2, 2])];
    expect(standings(one, model(two, { fingerprint: "g" }))).toEqual(Array(2).fill("measured on different data"));
    expect(standings(one, model(two, { codec: "b" }))).toEqual(["first", "their tokens differ"]);
    expect(standings(one, model(two.map((each) => ({ ...each, protocol: "other" }))))).toEqual(
      Array(2).fill("measured by different protocols"),
    );
    expect(standings(one, { ...model(two), data: undefined })[0]).toMatch(/does not say/);
  });

  it("lists what only one of them has", () => {
    expect(compareMeasures(model([measure("a", 1)]), model([measure("b", 1)]))).toMatchObject([
      { name: "a", second: undefined, standing: "" },
      { name: "b", first: undefined, standing: "" },
    ]);
  });
});

import { describe, expect, it } from "vitest";
import type { Measure } from "../evaluation/metrics/measure.js";
import { formatMeasures } from "./measures.js";

const measures: Measure[] = [
  {
    name: "bits per byte",
    value: 1.5,
    low: 1.4,
    high: 1.6,
    samples: 20,
    protocol: "by hand",
    better: "lower",
    baseline: { name: "8-gram", value: 2 },
  },
];

describe("a table of measures", () => {
  const columnsOf = (width: number): string[] => formatMeasures(measures, "whale", width)[0]!.trim().split(/ {2,}/);

  it("has every column where there is room, and fewer where there is not", () => {
    expect(columnsOf(100)).toEqual(["whale", "95 % interval", "compared with", "samples"]);
    const full = Math.max(...formatMeasures(measures, "whale", 100).map((line) => line.length));
    expect(columnsOf(full)).toContain("samples");
    expect(columnsOf(full - 1)).toEqual(["whale", "95 % interval", "compared with"]);
    expect(columnsOf(10)).toEqual(["whale", "compared with"]);
  });

  it("keeps the figures", () => {
    expect(formatMeasures(measures, "whale", 10)[1]).toMatch(/bits per byte +1\.500 +2 8-gram/);
  });
});

import { describe, expect, it } from "vitest";
import type { Measure } from "../evaluation/metrics/measure.js";
import { goalOf, requireGoal } from "./goal.js";

const measure = (name: string, value: number, better: Measure["better"]): Measure => ({
  name,
  value,
  better,
  samples: 10,
  protocol: "by hand",
});
const measures = [measure("bits per byte", 1.5, "lower"), measure("fills that match", 0.4, "higher")];

describe("a goal", () => {
  it.each([
    ["bits per byte", 1.5, true],
    ["bits per byte", 1.49, false],
    ["fills that match", 0.4, true],
    ["fills that match", 0.41, false],
  ])("%s %d is judged in the direction that is better", (metric, threshold, met) => {
    expect(goalOf({ metric, threshold }, measures)!.met).toBe(met);
  });

  it("that names nothing measured is missed, and the nearest name is told", () => {
    const goal = goalOf({ metric: "bits per bite", threshold: 9 }, measures)!;
    expect(goal.met).toBe(false);
    expect(goal.text).toContain('did you mean "bits per byte"?');
  });

  it("that is missed refuses; one that is reached, or none, does not", () => {
    expect(() => requireGoal(goalOf({ metric: "bits per byte", threshold: 1 }, measures), "whale")).toThrow(
      /whale is not ready: Goal missed: bits per byte 1\.500, asked for at most 1/,
    );
    requireGoal(goalOf({ metric: "bits per byte", threshold: 2 }, measures), "whale");
    requireGoal(goalOf(undefined, measures), "whale");
  });
});

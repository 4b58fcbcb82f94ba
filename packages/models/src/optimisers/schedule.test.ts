import { input } from "@atelier/engine";
import { interpret } from "@atelier/engine/reference";
import { describe, expect, it } from "vitest";
import { constantRate, type Schedule, warmupCosine, warmupStableDecay } from "./schedule.js";

/** The factor at a step, in float64. */
const at = (schedule: Schedule, step: number): number =>
  interpret([schedule(input("step", [], "float32"))], { step: Float64Array.of(step) })[0]!.data[0]!;

/** nanoGPT's train.py, get_lr. */
function getLr(it: number, rate: number, minimum: number, warmup: number, decaySteps: number): number {
  if (it < warmup) return (rate * (it + 1)) / (warmup + 1);
  if (it > decaySteps) return minimum;
  const ratio = (it - warmup) / (decaySteps - warmup);
  return minimum + 0.5 * (1 + Math.cos(Math.PI * ratio)) * (rate - minimum);
}

describe("warm-up and cosine", () => {
  it.each([
    { warmup: 100, total: 2000, final: 0.1 },
    { warmup: 7, total: 23, final: 0 },
    { warmup: 0, total: 50, final: 0.25 },
  ])("is nanoGPT's get_lr: $warmup, $total, $final", ({ warmup, total, final }) => {
    const schedule = warmupCosine({ warmup, total, final });
    const steps = [0, 1, warmup - 1, warmup, warmup + 1, Math.floor(total / 2), total - 1, total, total + 1, 3 * total];
    for (const step of steps.filter((step) => step >= 0)) {
      expect(at(schedule, step)).toBeCloseTo(getLr(step, 1e-3, final * 1e-3, warmup, total) / 1e-3, 6);
    }
  });

  it("falls to a tenth unless told otherwise, and is half-way down in the middle", () => {
    const schedule = warmupCosine({ warmup: 10, total: 110 });
    expect(at(schedule, 110)).toBeCloseTo(0.1, 7);
    expect(at(schedule, 60)).toBeCloseTo(0.55, 7);
  });

  it("warms up all along where training ends before the warm-up does", () => {
    const schedule = warmupCosine({ warmup: 100, total: 50 });
    for (const step of [0, 25, 49, 99]) expect(at(schedule, step)).toBeCloseTo((step + 1) / 101, 7);
  });
});

describe("warm-up, plateau, decay", () => {
  it("is a trapezium", () => {
    const schedule = warmupStableDecay({ warmup: 4, total: 100, decay: 0.25, final: 0.2 });
    expect(at(schedule, 0)).toBeCloseTo(1 / 5, 7);
    expect(at(schedule, 3)).toBeCloseTo(4 / 5, 7);
    for (const step of [4, 40, 75]) expect(at(schedule, step)).toBeCloseTo(1, 7);
    expect(at(schedule, 80)).toBeCloseTo(0.2 + (0.8 * 20) / 25, 6);
    expect(at(schedule, 99)).toBeCloseTo(0.2 + 0.8 / 25, 6);
    for (const step of [100, 101, 1000]) expect(at(schedule, step)).toBeCloseTo(0.2, 7);
  });

  it("falls over the second half to nothing unless told otherwise", () => {
    const schedule = warmupStableDecay({ warmup: 0, total: 200 });
    const expected = [1, 1, 0.5, 0.01, 0];
    [0, 100, 150, 199, 200].forEach((step, i) => {
      expect(at(schedule, step)).toBeCloseTo(expected[i]!, 7);
    });
  });
});

it("a constant rate is 1 at every step", () => {
  for (const step of [0, 1, 1e6]) expect(at(constantRate, step)).toBe(1);
});

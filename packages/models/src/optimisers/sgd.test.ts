import { describe, expect, it } from "vitest";
import { gradientAt, nine, smallGrads, smallParams, takeSteps } from "./optimiser.test-helpers.js";
import { sgd } from "./sgd.js";

describe("SGD", () => {
  // PyTorch 2.13, float64, w and b starting at cos(i), the gradient of step t being sin(0.7 i + t + 1), four steps.
  it.each([
    {
      torch: "SGD([w, b], lr=0.1)",
      settings: {},
      expected: [
        0.8864914076, 0.5513737766, -0.2857023883, -0.8015251331, -0.4957924881, 0.3366572333, 0.8833848505,
        0.5834497246, -0.329453169,
      ],
    },
    {
      torch: "SGD([w, b], lr=0.1, momentum=0.9)",
      settings: { momentum: 0.9 },
      expected: [
        0.5130659737, 0.2841100225, -0.3211061429, -0.5884179492, -0.1344020042, 0.6763634257, 1.0416376211,
        0.4858203226, -0.6370481103,
      ],
    },
    {
      torch: "SGD([w, b], lr=0.1, momentum=0.9, nesterov=True)",
      settings: { momentum: 0.9, nesterov: true },
      expected: [
        0.4482507839, 0.3208007217, -0.200165764, -0.4401080405, -0.0284750331, 0.6900883496, 0.9567054515, 0.342175986,
        -0.7718464379,
      ],
    },
  ])("moves as torch.optim.$torch does", async ({ settings, expected }) => {
    const steps = [0, 1, 2, 3].map((t) => ({ grads: smallGrads(t) }));
    const { params } = await takeSteps(sgd({ learningRate: 0.1, ...settings }), smallParams(), steps);
    nine(params).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6);
    });
  });

  it("decays matrices apart from the gradient, and follows schedule and gradient scale", async () => {
    const [rate, mu, lambda] = [0.2, 0.5, 0.1];
    const theta = Array.from({ length: 9 }, (_, i) => Math.cos(i));
    const velocity = new Array<number>(9).fill(0);
    const schedule = (t: number): number => 1 / (1 + t);
    for (let t = 0; t < 5; t++) {
      for (let i = 0; i < 9; i++) {
        const g = 0.3 * gradientAt(t, i);
        velocity[i] = mu * velocity[i]! + g;
        const decayed = theta[i]! * (1 - (i < 6 ? rate * schedule(t) * lambda : 0));
        theta[i] = decayed - rate * schedule(t) * velocity[i]!;
      }
    }
    const { params } = await takeSteps(
      sgd({ learningRate: rate, momentum: mu, weightDecay: lambda }),
      smallParams(),
      Array.from({ length: 5 }, (_, t) => ({ grads: smallGrads(t), schedule: schedule(t), scale: 0.3 })),
    );
    nine(params).forEach((value, i) => {
      expect(Math.abs(value - theta[i]!)).toBeLessThan(1e-6);
    });
  });

  it("keeps no state without momentum", () => {
    expect(sgd({ learningRate: 1 }).init(smallParams())).toEqual({});
  });
});

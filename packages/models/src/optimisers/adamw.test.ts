import { describe, expect, it } from "vitest";
import { adamw } from "./adamw.js";
import { gradientAt, nine, smallGrads, smallParams, takeSteps } from "./optimiser.test-helpers.js";

describe("AdamW", () => {
  it("moves as torch.optim.AdamW does", async () => {
    // PyTorch 2.13, float64, w and b starting at cos(i), the gradient of step t being sin(0.7 i + t + 1):
    // torch.optim.AdamW([{"params": [w], "weight_decay": 0.1}, {"params": [b], "weight_decay": 0}], lr=0.1, betas=(0.9, 0.95), eps=1e-8)
    const expected = [
      0.6523571836, 0.3121077938, -0.4448972117, -0.8206107416, -0.2901646423, 0.5352072779, 1.0986308092, 0.6945295456,
      -0.499102714,
    ];
    const optimiser = adamw({ learningRate: 0.1, betas: [0.9, 0.95], weightDecay: 0.1 });
    const steps = [0, 1, 2, 3].map((t) => ({ grads: smallGrads(t) }));
    const { params } = await takeSteps(optimiser, smallParams(), steps);
    nine(params).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  });

  it("follows algorithm 2 of Loshchilov and Hutter, with schedule, gradient scale, groups and rates of their own", async () => {
    const [alpha, beta1, beta2, epsilon, lambda] = [0.03, 0.8, 0.97, 1e-3, 0.2];
    const schedule = (t: number): number => 1 - t / 10;
    const scale = (t: number): number => 1 / (1 + t);
    const steps = 8;
    const theta = Array.from({ length: 9 }, (_, i) => Math.fround(Math.cos(i)));
    const m = new Array<number>(9).fill(0);
    const v = new Array<number>(9).fill(0);
    for (let t = 1; t <= steps; t++) {
      const eta = schedule(t - 1);
      for (let i = 0; i < 9; i++) {
        const g = gradientAt(t - 1, i) * scale(t - 1);
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        const first = m[i]! / (1 - beta1 ** t);
        const second = v[i]! / (1 - beta2 ** t);
        const isVector = i >= 6;
        // The paper's λ is decoupled from α; ours is multiplied by it, as in every library. The vector alone decays, at a third of the rate.
        const rate = isVector ? alpha / 3 : alpha;
        const decay = isVector ? rate * lambda : 0;
        theta[i] = theta[i]! - eta * ((rate * first) / (Math.sqrt(second) + epsilon) + decay * theta[i]!);
      }
    }
    const optimiser = adamw({
      learningRate: alpha,
      betas: [beta1, beta2],
      epsilon,
      weightDecay: lambda,
      decays: (path) => path === "b",
      rateOf: (_, shape) => (shape.length === 1 ? 1 / 3 : 1),
    });
    const { params, state } = await takeSteps(
      optimiser,
      smallParams(),
      Array.from({ length: steps }, (_, t) => ({ grads: smallGrads(t), schedule: schedule(t), scale: scale(t) })),
    );
    nine(params).forEach((value, i) => {
      expect(Math.abs(value - theta[i]!)).toBeLessThan(2e-6);
    });
    nine(state.first as typeof params).forEach((value, i) => {
      expect(Math.abs(value - m[i]!)).toBeLessThan(1e-6);
    });
    nine(state.second as typeof params).forEach((value, i) => {
      expect(Math.abs(value - v[i]!)).toBeLessThan(1e-6);
    });
  });

  it("takes a first step of the learning rate against the sign of every gradient, whatever its size", async () => {
    const optimiser = adamw({ learningRate: 0.01, weightDecay: 0 });
    for (const scale of [1e-3, 1, 1e3]) {
      const { params } = await takeSteps(optimiser, smallParams(), [{ grads: smallGrads(0), scale }]);
      nine(params).forEach((value, i) => {
        expect(value).toBeCloseTo(Math.cos(i) - 0.01 * Math.sign(gradientAt(0, i)), 4);
      });
    }
  });
});

import { describe, expect, it } from "vitest";
import { parseDimension } from "./dimension.js";
import { drawTrials, rungsOf, trialRecipe } from "./plan.js";

describe("drawTrials", () => {
  const dimensions = ["training.optimiser.learningRate=0.001..0.03:log", "model.width=16,32"].map(parseDimension);

  it("draws the same trial of a number whatever else is drawn", () => {
    const few = drawTrials(dimensions, 3, 5);
    expect(drawTrials(dimensions, 9, 5).slice(0, 3)).toEqual(few);
    expect(drawTrials(dimensions, 3, 6)).not.toEqual(few);
    // A setting's values do not depend on which others are varied.
    const rates = (of: typeof dimensions) =>
      drawTrials(of, 3, 5).map(({ settings }) => settings["training.optimiser.learningRate"]);
    expect(rates(dimensions.slice(0, 1))).toEqual(rates(dimensions));
  });

  it("tries every combination once where there are no more than that", () => {
    const small = ["model.width=16,32,64", "model.layers=1..2"].map(parseDimension);
    const trials = drawTrials(small, 100, 1);
    expect(trials.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    const pairs = trials.map(({ settings }) => `${settings["model.width"]}/${settings["model.layers"]}`);
    expect(pairs.sort()).toEqual(["16/1", "16/2", "32/1", "32/2", "64/1", "64/2"]);
  });
});

describe("rungsOf", () => {
  it("has the rungs of Hyperband's most exploring bracket (Li et al. 2018, table 1: R = 81, η = 3)", () => {
    const rungs = rungsOf("halving", 81, 3);
    expect(rungs.map(({ trials }) => trials)).toEqual([81, 27, 9, 3, 1]);
    expect(rungs.map(({ share }) => Math.round(81 * share))).toEqual([1, 3, 9, 27, 81]);
  });

  it("rounds down, and ends at all steps", () => {
    expect(rungsOf("halving", 12, 3).map(({ trials }) => trials)).toEqual([12, 4, 1]);
    expect(rungsOf("halving", 12, 2).map(({ trials }) => trials)).toEqual([12, 6, 3, 1]);
    expect(rungsOf("halving", 2, 3)).toEqual([{ trials: 2, share: 1 }]);
    expect(rungsOf("random", 12, 3)).toEqual([{ trials: 12, share: 1 }]);
  });
});

describe("trialRecipe", () => {
  const base = { data: "text.txt", training: { steps: 900, schedule: { kind: "cosine", warmup: 90 } } };

  it("puts the settings in, and shortens the schedule as a whole", () => {
    // What the recipe leaves out stays out: a recipe that goes on from a model must not say its size.
    expect(trialRecipe(base, { "model.width": 96 }, 1 / 9)).toEqual({
      recipe: {
        data: "text.txt",
        model: { width: 96 },
        training: { steps: 100, schedule: { kind: "cosine", warmup: 10 } },
      },
      steps: 100,
    });
    expect(trialRecipe(base, {}, 1)).toEqual({ recipe: base, steps: 900 });
    // The default schedule has no warm-up to shorten.
    expect(trialRecipe({ data: "text.txt" }, {}, 0.5).recipe).toEqual({
      data: "text.txt",
      training: { steps: 1000, schedule: { warmup: 0 } },
    });
  });

  it("refuses settings that cannot be, and rungs of no steps", () => {
    expect(() => trialRecipe(base, { "model.width": -1 }, 1)).toThrow(/model\.width/);
    expect(() => trialRecipe({ ...base, training: { steps: 5 } }, {}, 1 / 81)).toThrow(/5 steps are too few/);
  });
});

import { ImageCodec } from "@atelier/data";
import { flattenTree, type HostTensor, input, RandomKey } from "@atelier/engine";
import { interpret } from "@atelier/engine/reference";
import { describe, expect, it } from "vitest";
import { modelOf, recipeOf } from "../families/text-model.test-helpers.js";
import { transformerConfiguration } from "../families/transformer-settings.js";
import { diffusionFamily } from "../pictures/families/diffusion.js";
import { requirePictureRecipe, resolveRecipe } from "../recipe/resolve.js";
import type { Recipe } from "../recipe/schema.js";
import { planOf, repeatOf, scheduleOf } from "./plan.js";
import { initialState, type TrainingPlan } from "./step.js";

describe("the model", () => {
  it("is that of the preset, with the settings that the recipe has", () => {
    const classic = transformerConfiguration(recipeOf({ model: { preset: "classic", width: 64, bias: false } }), 65);
    expect(classic).toMatchObject({
      vocabulary: 65,
      width: 64,
      hidden: 256,
      bias: false,
      norm: "layer",
      positions: "learned",
      tiedHead: true,
    });
    const modern = transformerConfiguration(recipeOf({ model: { keyValueHeads: 2, activation: "swiglu" } }), 300);
    expect(modern).toMatchObject({ vocabulary: 300, keyValueHeads: 2, activation: "swiglu", positions: "rotary" });
  });

  it("that cannot be is refused by the setting's name", () => {
    expect(() => transformerConfiguration(recipeOf({ model: { width: 130 } }), 65)).toThrow(
      "gpt: width 130 does not divide into 4 heads",
    );
  });
});

describe("the schedule", () => {
  const at = (schedule: Recipe["training"]["schedule"], total: number, step: number): number =>
    interpret([scheduleOf(schedule, total)(input("step", [], "float32"))], { step: Float64Array.of(step) })[0]!
      .data[0]!;

  it("is the one named, over the steps of the recipe", () => {
    expect(at({ kind: "constant" }, 100, 99)).toBe(1);
    expect(at({ kind: "cosine", warmup: 9, final: 0.2 }, 109, 59)).toBeCloseTo(0.6, 6);
    expect(at({ kind: "stable-decay", warmup: 0, decay: 0.5, final: 0 }, 100, 75)).toBeCloseTo(0.5, 6);
  });
});

describe("the optimiser", () => {
  const stateOf = (more: object): string[] => {
    const recipe = recipeOf({ model: { layers: 1, width: 16, context: 4 }, ...more });
    const plan = planOf(recipe, modelOf(recipe, 7).trainable);
    return pathsOf(plan);
  };
  const pathsOf = (plan: TrainingPlan): string[] =>
    flattenTree<HostTensor>(initialState(plan, RandomKey.fromSeed(1)).optimiser).map(([path]) => path);

  it("muon orthogonalises the matrices of the blocks and leaves embedding and head to AdamW", () => {
    const paths = stateOf({});
    const matrices = ["attention.output", "attention.qkv", "mlp.contract", "mlp.expand"];
    expect(paths.filter((path) => path.startsWith("gpt.momentum."))).toEqual(
      matrices.map((name) => `gpt.momentum.blocks.0.${name}.weight`),
    );
    expect(paths.filter((path) => path.startsWith("gpt.rest.first."))).toEqual([
      "gpt.rest.first.embedding.tokens",
      "gpt.rest.first.head.weight",
    ]);
  });

  it("muon orthogonalises kernels and matrices of a picture model, but in its first and last layers", () => {
    const recipe = requirePictureRecipe(
      resolveRecipe({
        data: "d",
        family: "diffusion",
        model: { backbone: { kind: "unet", channels: 4, multipliers: [1], blocks: 1 }, classes: 0.1 },
        training: { optimiser: { kind: "muon" } },
      }),
    );
    const codec = new ImageCodec({ size: 8, channels: 1 });
    const plan = planOf(recipe, diffusionFamily.create(recipe, { codec, classes: ["a", "b"] }).trainable);
    const paths = pathsOf(plan);
    for (const [name, muons] of Object.entries({
      "conditions.time.expand.weight": true,
      "network.down.0.0.resnet.conv1.weight": true,
      "network.middle.attention.self.output.weight": true,
      "network.middle.resnet1.norm2.condition.weight": true,
      "network.middle.resnet1.conv1.bias": false,
      "conditions.label.class.embedding": false,
      "network.input.weight": false,
      "network.output.weight": false,
    })) {
      expect(paths.includes(`denoiser.momentum.${name}`), name).toBe(muons);
      expect(paths.includes(`denoiser.rest.first.${name}`), name).toBe(!muons);
    }
  });

  it("adamw keeps two averages of every parameter, sgd one, and none without momentum", () => {
    const count = (optimiser: object): number => stateOf({ training: { optimiser } }).length;
    const parameters = 6;
    expect(count({ kind: "adamw" })).toBe(2 * parameters);
    expect(count({ kind: "sgd" })).toBe(parameters);
    expect(count({ kind: "sgd", momentum: 0 })).toBe(0);
  });
});

describe("the plan", () => {
  it("has the recipe's clipping, accumulation and average", () => {
    const of = (training: object) => {
      const recipe = recipeOf({ training });
      return planOf(recipe, modelOf(recipe, 7).trainable);
    };
    expect(of({ clip: 2, accumulate: 3, averageDecay: 0.99 })).toMatchObject({
      clip: 2,
      accumulate: 3,
      averageDecay: 0.99,
    });
    expect(of({ clip: null }).clip).toBeUndefined();
    expect(of({}).averageDecay).toBeUndefined();
  });

  it("makes several steps in a call where the model is small, and as many as the recipe says", () => {
    const of = (more: object): number => {
      const recipe = recipeOf(more);
      return repeatOf(recipe, modelOf(recipe, 65));
    };
    expect(of({})).toBe(8);
    expect(of({ model: { layers: 6, width: 384, heads: 6 } })).toBe(1);
    expect(of({ training: { repeat: 3 } })).toBe(3);
  });
});

import { flattenTree, type HostTensor, RandomKey, Scope } from "@atelier/engine";
import { countParameters, gpt } from "@atelier/models";
import { describe, expect, it } from "vitest";
import { modelOf, recipeOf as recipeWith } from "../families/text-model.test-helpers.js";
import { transformerConfiguration } from "../families/transformer-settings.js";
import type { TextRecipe } from "../recipe/schema.js";
import { checkMemory, estimateMemory, MemoryError, parametersOf } from "./memory.js";

const recipeOf = (model: object, training: object = {}) => recipeWith({ model, training });

/** Without a model, whose network would be declared: some of these could not be. */
const sizesOf = (recipe: TextRecipe) => {
  const configuration = transformerConfiguration(recipe, 65);
  return { configuration, predictionsARow: configuration.context };
};

/** Peak resident memory of whole processes (`getrusage`, ru_maxrss) on tinyshakespeare, vocabulary 65, Linux, 2 threads. */
const MEASURED = [
  { model: { layers: 4, width: 128, heads: 4, context: 64 }, training: { batch: 12 }, bytes: 349_503_488 },
  { model: { layers: 6, width: 384, heads: 6, context: 256 }, training: { batch: 16 }, bytes: 1_770_135_552 },
  { model: { layers: 2, width: 512, heads: 8, context: 128 }, training: { batch: 8 }, bytes: 798_617_600 },
  { model: { layers: 2, width: 128, heads: 4, context: 512 }, training: { batch: 32 }, bytes: 1_359_278_080 },
  { model: { layers: 8, width: 256, heads: 4, context: 64 }, training: { batch: 4 }, bytes: 618_557_440 },
  {
    model: { layers: 2, width: 512, heads: 8, context: 128 },
    training: { batch: 8, optimiser: { kind: "adamw" }, averageDecay: 0.99 },
    bytes: 968_826_880,
  },
];

describe("the memory estimate", () => {
  it.each(MEASURED)("is within a third of what $model with $training took", ({ model, training, bytes }) => {
    const recipe = recipeOf(model, training);
    const { total } = estimateMemory(recipe, modelOf(recipe, 65), 1);
    expect(total / bytes).toBeGreaterThan(2 / 3);
    expect(total / bytes).toBeLessThan(4 / 3);
  });

  it.each([
    { preset: "modern", keyValueHeads: 2 },
    { preset: "modern", activation: "swiglu", hidden: 96 },
    { preset: "classic", bias: false },
  ])("counts the weights that a model of %o declares, but for its vectors", (changes) => {
    const c = transformerConfiguration(recipeOf({ layers: 3, heads: 4, width: 32, context: 16, ...changes }), 50);
    const { params } = Scope.declare(gpt(c).networks.gpt!, RandomKey.fromSeed(0));
    const matrices = flattenTree<HostTensor>(params).filter(([, leaf]) => leaf.shape.length === 2);
    expect(parametersOf(c)).toBe(countParameters(matrices.map(([, leaf]) => leaf)));
  });

  it("refuses what cannot fit and names what to make smaller", () => {
    const refused = (model: object, training: object): MemoryError => {
      const recipe = recipeOf(model, training);
      try {
        checkMemory(recipe, sizesOf(recipe), 1, { memory: 16e9, free: 8e9 });
      } catch (error) {
        if (error instanceof MemoryError) return error;
        throw error;
      }
      throw new Error("it was not refused");
    };
    const wide = refused({ layers: 12, heads: 100, width: 100_000 }, {});
    // 12 layers of 12 · width² and more: 1.44e12 parameters, of 4 bytes and several copies.
    expect(wide.message).toMatch(/needs about (\d\d,\d{3}|1\d\d,\d{3})\S* GB of memory, and the machine has 16 GB/);
    expect(wide.hint).toBe("Make model.width (100000), model.layers (12) smaller.");
    expect(refused({}, { batch: 1_000_000 }).hint).toMatch(/training\.batch \(1000000; .*\) or model\.context \(128\)/);
    expect(refused({}, { accumulate: 10_000_000 }).hint).toMatch(/training\.accumulate/);
    expect(refused({ layers: 1e15 }, {}).message).toMatch(/needs about \d\.\de\+\d+ bytes/);
  });

  it("warns of what fits only when others give way, and is silent otherwise", () => {
    const recipe = recipeOf({ layers: 6, width: 384, heads: 6, context: 256 });
    const c = sizesOf(recipe);
    expect(checkMemory(recipe, c, 1, { memory: 16e9, free: 1e9 })).toMatch(/needs about 1\.9 GB.* 1 GB are free/);
    expect(checkMemory(recipe, c, 1, { memory: 16e9, free: 8e9 })).toBeUndefined();
  });
});

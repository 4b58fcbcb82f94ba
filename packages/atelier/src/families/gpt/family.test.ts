/** The batches of a gpt: inputs and targets shifted by one, and rows with a gap where the codec can fill. */
import { CodeCodec, TokenStream } from "@atelier/data";
import { type HostTensor, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { codecOf, modelOf, recipeOf } from "../text-model.test-helpers.js";
import { transformerConfiguration } from "../transformer-settings.js";
import { gptFamily } from "./family.js";

const key = RandomKey.fromSeed(3);
const small = { layers: 1, heads: 2, width: 8, context: 32 };
const data = (batch: Record<string, unknown>, name: string): Int32Array =>
  (batch[name] as HostTensor).data as Int32Array;

describe("batches", () => {
  it("have targets one token after the inputs, and follow from the key and the step alone", () => {
    const recipe = recipeOf({ model: small, training: { batch: 3 } });
    const stream = new TokenStream(Int32Array.from({ length: 400 }, (_, i) => i % 11));
    const batches = modelOf(recipe, 11).batches(stream, recipe, key);
    const batch = batches(7);
    expect((batch.inputs as HostTensor).shape).toEqual([3, 32]);
    const [inputs, targets] = [data(batch, "inputs"), data(batch, "targets")];
    for (const [i, token] of inputs.entries()) expect(targets[i]).toBe((token + 1) % 11);
    expect(batches(7)).toEqual(batch);
    expect(batches(8)).not.toEqual(batch);
    const { inputs: same } = stream.sample(key.at(7), 3, 32);
    expect(inputs).toEqual(same);
  });

  it("have as many rows with a gap as asked for, where the codec can fill", () => {
    const source = "export const add = (a: number, b: number): number => a + b;\n".repeat(60);
    const codec = CodeCodec.train([source], { vocabulary: 300 });
    const stream = new TokenStream(codec.encode(source));
    const middle = codec.spec.specials["<|fim_middle|>"]!;
    const rearranged = (fill: number): number => {
      const recipe = recipeOf({ model: small, training: { batch: 64, fill } });
      const model = gptFamily.at(transformerConfiguration(recipe, codec.spec.vocabulary), codec);
      expect(model.can).toContain("fill");
      const inputs = data(model.batches(stream, recipe, key)(0), "inputs");
      return Array.from({ length: 64 }, (_, row) => inputs.subarray(row * 32, (row + 1) * 32).includes(middle)).filter(
        Boolean,
      ).length;
    };
    expect(rearranged(0)).toBe(0);
    // Half of 64, within four standard deviations; a middle marker at the very end is a target only.
    expect(Math.abs(rearranged(0.5) - 32)).toBeLessThan(16);
    // But for parts that are too short.
    expect(rearranged(1)).toBeGreaterThan(48);
  });

  it("end their middles anywhere in the row", () => {
    const source = "export const add = (a: number, b: number): number => a + b;\n".repeat(60);
    const codec = CodeCodec.train([source], { vocabulary: 300 });
    const recipe = recipeOf({ model: { ...small, context: 127 }, training: { batch: 400, fill: 1 } });
    const model = gptFamily.at(transformerConfiguration(recipe, codec.spec.vocabulary), codec);
    const targets = data(model.batches(new TokenStream(codec.encode(source)), recipe, key)(0), "targets");
    const rows = Array.from({ length: 400 }, (_, row) => [...targets.subarray(row * 127, (row + 1) * 127)]);
    const ends = rows.flatMap((row) => row.flatMap((token, i) => (token === codec.fill.end ? [i] : [])));
    // A first part of 24 to 128 tokens, and others in what it leaves: two or more on average.
    expect(ends.length / 400).toBeGreaterThan(1.5);
    const first = rows.map((row) => row.indexOf(codec.fill.end)).filter((end) => end >= 0);
    expect(Math.min(...first)).toBeLessThan(35);
    const quarters = [0, 1, 2, 3].map((q) => ends.filter((end) => Math.floor(end / 32) === q).length);
    for (const count of quarters.slice(1)) expect(count).toBeGreaterThan(100);
  });

  it("of a codec that cannot fill, is a model that cannot", () => {
    expect(gptFamily.at(transformerConfiguration(recipeOf({ model: small }), 9), codecOf(9)).can).toEqual([
      "generate",
      "score",
    ]);
  });
});

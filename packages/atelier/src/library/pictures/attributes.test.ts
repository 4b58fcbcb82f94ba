/** Directions of synthetic latent vectors, whose means are known. */
import { RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { attribute, directionOf, type LabelledLatents } from "./attributes.js";

/** Three classes around (0, 0), (2, 0) and (0, 6), the same noise around each. */
function latents(each: number, seed: number): LabelledLatents {
  const centres = [
    [0, 0],
    [2, 0],
    [0, 6],
  ] as const;
  const vectors = RandomKey.fromSeed(seed).normal(new Float32Array(6 * each));
  const labels = Int32Array.from({ length: 3 * each }, (_, i) => i % 3);
  for (let i = 0; i < 3 * each; i++) for (const k of [0, 1] as const) vectors[2 * i + k]! += centres[i % 3]![k];
  return { vectors, width: 2, labels, classes: ["bag", "boot", "coat"] };
}

describe("directions between classes", () => {
  const learnt = latents(4000, 1);

  it("are the difference of two means", () => {
    const { vector, middle } = directionOf(learnt, "bag", "boot");
    expect(vector[0]).toBeCloseTo(2, 1);
    expect(vector[1]).toBeCloseTo(0, 1);
    expect(middle).toBeCloseTo(2, 0); // (2, 0) · (1, 0)
  });

  it("lead from all others where no class is named", () => {
    const { vector } = directionOf(learnt, undefined, "coat");
    expect(vector[0]).toBeCloseTo(-1, 1);
    expect(vector[1]).toBeCloseTo(6, 1);
  });

  it("separate held-out pictures as far as their normal distributions overlap", () => {
    const [found] = attribute(directionOf(learnt, "bag", "boot"), latents(4000, 2));
    // Two deviations apart: the middle is one from each, Φ(1); a difference of two draws has deviation √2, Φ(2 / √2).
    expect(found!.accuracy).toBeCloseTo(0.8413, 2);
    expect(found!.separation.value).toBeCloseTo(0.9214, 2);
    expect(found!.separation.samples).toBe(8000);
  });

  it("give nothing where no held-out picture is of the class, and refuse to be learnt where none is", () => {
    const bags = { ...learnt, labels: learnt.labels.map((label) => (label === 1 ? -1 : label)) };
    expect(attribute(directionOf(learnt, "bag", "boot"), bags)).toEqual([]);
    expect(() => directionOf(bags, "bag", "boot")).toThrow('No picture to learn from is of the class "boot"');
    expect(() => directionOf(learnt, "bag", "boots")).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('Did you mean "boot"?') }),
    );
  });
});

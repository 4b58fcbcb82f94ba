/** The measures of samples whose distance from the training pictures is known, and what their protocols say. */
import { ArgumentError, RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { compareWithBaseline, measureSchema } from "../measure.js";
import { featureMatrix } from "./feature-matrix.js";
import { pictureMeasures } from "./picture-measures.js";

const key = RandomKey.fromSeed(2);
const width = 6;
const normal = (rows: number, name: string, mean = 0) =>
  featureMatrix(key.split(name).normal(new Float32Array(rows * width), mean), width);
const request = {
  extractor: "the first six features",
  resize: "bilinear to 28×28",
  protocol: "500 samples at seed 2",
  training: normal(600, "training"),
  heldOut: normal(400, "held out"),
  trivial: { name: "pixels drawn one by one", features: normal(450, "trivial", 3) },
  key,
};

describe("pictureMeasures", () => {
  it("is near its floor for samples of the same distribution, and far from the trivial model", () => {
    const measures = pictureMeasures({ ...request, samples: normal(500, "samples") });
    expect(measures.map(({ name }) => name)).toEqual([
      "Fréchet distance",
      "kernel distance",
      "precision",
      "recall",
      "density",
      "coverage",
    ]);
    const [frechet, kernel, precision, recall, density, coverage] = measures;
    expect(frechet!.value).toBeLessThan(0.3);
    // The means are 3 apart in six columns: 54, with a little bias.
    expect(Math.abs(frechet!.baseline!.value - 54)).toBeLessThan(4);
    expect(kernel!.low!).toBeLessThan(0);
    expect(kernel!.high!).toBeGreaterThan(0);
    for (const share of [precision!, recall!, coverage!]) {
      expect(share.value).toBeGreaterThan(0.8);
      expect(share.baseline!.value).toBeLessThan(0.1);
    }
    expect(Math.abs(density!.value - 1)).toBeLessThan(0.2);
    for (const measure of measures) {
      expect(measureSchema.parse(measure)).toEqual(measure);
      expect(compareWithBaseline(measure)).toBe("better");
      // All three are brought to the least number, the held-out pictures'.
      expect(measure.samples).toBe(400);
      for (const part of [
        "500 samples at seed 2",
        "400 pictures against 600 training pictures",
        "features: the first six features",
        "resize: bilinear to 28×28",
        "as many held-out pictures: ",
      ])
        expect(measure.protocol).toContain(part);
    }
  });

  it("compares no more pictures one by one than it may, takes moments of all, and refuses too few", () => {
    const samples = normal(500, "samples");
    const [frechet, ...others] = pictureMeasures({ ...request, samples, most: 100 });
    const [whole] = pictureMeasures({ ...request, samples });
    expect(frechet).toEqual(whole);
    for (const { samples, protocol } of others) {
      expect(samples).toBe(100);
      expect(protocol).toContain("100 pictures against 100 training pictures");
    }
    expect(() => pictureMeasures({ ...request, samples: normal(5, "five") })).toThrow(ArgumentError);
  });
});

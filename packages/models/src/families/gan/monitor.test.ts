/** Trainings that go well and trainings that fail, each for the reason that is named; and the rules by themselves. */
import { ArgumentError, type HostTensor } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { BARS, barBatch, barShape, everyBar } from "../bars.test-helpers.js";
import { type GanConfiguration, ganConfiguration } from "./configuration.js";
import { type GanDiversity, ganMonitor } from "./monitor.js";
import { type GanTraining, sampleGan, trainGan } from "./training.test-helpers.js";

const SAMPLES = 1024;
const mlp = { kind: "mlp", hidden: [64, 64], activation: "leaky-relu" } as const;
const unpenalised = { kind: "non-saturating", gamma: 0, every: 1 } as const;

/** How many pictures are nearest to each of the eight bars. */
function classesOf({ data, shape }: HostTensor): number[] {
  const bars = everyBar().data;
  const counts = new Array<number>(BARS).fill(0);
  for (let row = 0; row < shape[0]!; row++) {
    const distances = counts.map((_, bar) =>
      Math.hypot(...Array.from({ length: 16 }, (_, i) => data[row * 16 + i]! - bars[bar * 16 + i]!)),
    );
    counts[distances.indexOf(Math.min(...distances))]!++;
  }
  return counts;
}

/** What the monitor says of a training on the eight bars, and its figures of the last step. */
async function watched(settings: Partial<GanConfiguration>, rates: GanTraining["rates"]) {
  const c = ganConfiguration({ shape: barShape, latent: 8, generator: mlp, discriminator: mlp, ...settings });
  const trained = await trainGan(c, (step) => ({ x: barBatch(step, 64).x }), { steps: 300, rates });
  const generated = classesOf(await sampleGan(c, trained, SAMPLES));
  const classes: GanDiversity["classes"] = { generated, real: new Array<number>(BARS).fill(100) };
  const warnings = ganMonitor(c.loss.kind, trained.history, { classes });
  return { warnings, generated, kinds: warnings.map(({ kind }) => kind) };
}

const even = { generator: 0.002, discriminator: 0.002 };

describe("a training on eight pictures", () => {
  it("that goes well gives no warning", async () => {
    const { warnings } = await watched({ loss: { kind: "relativistic", gamma: 1 } }, even);
    expect(warnings).toEqual([]);
  });

  it("without a penalty loses modes, and the warning names them", async () => {
    const { warnings, kinds, generated } = await watched({ loss: unpenalised }, even);
    const rare = generated.filter((count) => count < SAMPLES / BARS / 2).length;
    expect(rare).toBeGreaterThan(0);
    expect(kinds).toEqual(["mode-collapse"]);
    expect(warnings[0]!.message).toContain(`Missing or rare among 1024 generated pictures: ${rare} of 8 classes, `);
    expect(warnings[0]!.message).toContain("Raise model.loss.gamma, try model.loss.kind=relativistic");
  });

  it("with a generator that is far too fast ends where its output is flat: its gradient vanishes", async () => {
    const { warnings, kinds } = await watched(
      { loss: unpenalised, output: "tanh" },
      { generator: 0.1, discriminator: 0.003 },
    );
    expect(kinds).toContain("vanishing-gradients");
    expect(warnings[0]!.message).toMatch(/^The discriminator knows (9\d|100) % of real and (9\d|100) % of generated/);
    expect(warnings[0]!.message).toContain("Lower training.optimiser.learningRate");
  });

  it("with a discriminator that is ahead of a generator that hardly moves is one that it wins", async () => {
    const { warnings, kinds } = await watched(
      { loss: { kind: "relativistic", gamma: 0.01 } },
      { generator: 1e-6, discriminator: 0.003 },
    );
    expect(kinds).toContain("discriminator-wins");
    expect(warnings[0]!.message).toMatch(
      /^The discriminator knows (9[89]|100) % of real and (9[89]|100) % of generated/,
    );
    expect(warnings[0]!.message).toContain(
      "raise model.loss.gamma, make model.generator larger, or try model.spectralNorm=true",
    );
  });

  it("with a discriminator that is far too fast leaves it dead around what is generated", async () => {
    const { warnings, kinds } = await watched(
      { loss: unpenalised, output: "tanh", discriminator: { ...mlp, activation: "relu" } },
      { generator: 0.001, discriminator: 0.3 },
    );
    expect(kinds).toContain("vanishing-gradients");
    expect(warnings[0]!.message).toContain("flat around every generated picture (the generator's gradient is 0.0)");
    expect(warnings[0]!.message).toContain("a lower training.optimiser.learningRate, or a higher model.loss.gamma");
  });
});

describe("the rules", () => {
  const judged = (history: Parameters<typeof ganMonitor>[1], diversity?: GanDiversity) =>
    ganMonitor("relativistic", history, diversity);
  const sound = {
    "discriminator.realAccuracy": 0.7,
    "discriminator.fakeAccuracy": 0.8,
    "discriminator.spread": 0.9,
    "generator.outputGradient": 0.05,
  };

  it("look at the last fifth of the history, and say nothing of figures that are not there", () => {
    const certain = { ...sound, "discriminator.realAccuracy": 1, "discriminator.fakeAccuracy": 1 };
    const vanished = { ...certain, "generator.outputGradient": 1e-5 };
    expect(judged([])).toEqual([]);
    expect(judged([{ loss: 3 }])).toEqual([]);
    expect(judged([...new Array(8).fill(vanished), sound, sound])).toEqual([]);
    expect(judged([...new Array(8).fill(sound), vanished, vanished])).toMatchObject([{ kind: "vanishing-gradients" }]);
    // One odd step among the latest is not what they come to.
    expect(judged([...new Array(12).fill(sound), vanished, sound, sound])).toEqual([]);
    // As long as there is a gradient, it is only ahead; which a critic is meant to be.
    expect(judged(new Array(10).fill(certain))).toMatchObject([{ kind: "discriminator-wins" }]);
    expect(ganMonitor("wasserstein", new Array(10).fill(certain))).toEqual([]);
    expect(ganMonitor("wasserstein", [vanished])[0]!.message).toContain("raise model.loss.penalty");
  });

  it.each<[string, number[], number]>([
    ["a class with half of its share is there", [100, 50, 150], 0],
    ["one with less is not", [100, 49, 151], 1],
    ["where few are expected, less than half may be chance", [10, 3, 12], 0],
  ])("%s", (_, generated, warnings) => {
    expect(judged([sound], { classes: { generated, real: [30, 30, 30] } })).toHaveLength(warnings);
  });

  it("see pictures that all look alike, and that repeat one another", () => {
    const [narrow] = judged([{ ...sound, "discriminator.spread": 0.02 }]);
    expect(narrow).toMatchObject({ kind: "mode-collapse" });
    expect(narrow!.message).toContain("they vary 2 % as much as real ones");
    const [alike] = judged([sound], { nearest: { generated: 1.2, real: 4 } });
    expect(alike!.message).toContain("the nearest two lie 30 % as far apart");
    expect(judged([sound], { nearest: { generated: 2, real: 4 } })).toEqual([]);
    const named = { generated: [100, 1], real: [50, 50], names: ["boots", "bags"] };
    expect(judged([sound], { classes: named })[0]!.message).toContain("bags (1 of 51 expected)");
  });

  it("need counts of the same classes", () => {
    const counts = (generated: number[], real: number[]) => () => judged([], { classes: { generated, real } });
    expect(counts([1, 2], [1, 2, 3])).toThrow(ArgumentError);
    expect(counts([0, 0], [1, 2])).toThrow("got 0 in 2 and 3 in 2");
  });
});

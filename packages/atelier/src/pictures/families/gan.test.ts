/** A GAN among the others: how it is made of a recipe, how its pictures are drawn, and what a training says of it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageCodec } from "@atelier/data";
import { type HostTensor, leavesOf, RandomKey, Scope, type TreeRecord } from "@atelier/engine";
import { countParameters } from "@atelier/models";
import { beforeAll, describe, expect, it } from "vitest";
import type { Measure } from "../../evaluation/metrics/measure.js";
import { testHome } from "../../library/tiny-models.test-helpers.js";
import { type LoadedPictureModel, openModel } from "../../model/load.js";
import { requirePictureRecipe, resolveRecipe } from "../../recipe/resolve.js";
import type { TrainEvent, TrainResult } from "../../training/events.js";
import { resume, train } from "../../training/train.js";
import { BATCH } from "../in-batches.js";
import type { PictureGenerator, PictureRequest, Values } from "../picture-family.js";
import { CLASSES, SIZE, tinyClassifier, tinyGan, tinyPictures } from "../tiny-pictures.test-helpers.js";
import { ganFamily } from "./gan.js";

const home = testHome();
const each = SIZE * SIZE;
const key = RandomKey.fromSeed(5);
const mlp = { kind: "mlp", hidden: [64] } as const;

describe("a recipe", () => {
  const codec = new ImageCodec({ size: SIZE, channels: 1 });
  const made = (more: object, classes: readonly string[] = CLASSES) =>
    ganFamily.create(requirePictureRecipe(resolveRecipe({ data: "d", family: "gan", ...more })), { codec, classes });

  it.each([
    {
      generator: { kind: "residual", channels: [4, 8], groups: 2 },
      discriminator: { kind: "residual", channels: [4] },
    },
    {
      generator: { kind: "convolutional", channels: [4, 8] },
      discriminator: { kind: "convolutional", channels: [4] },
      loss: { kind: "non-saturating", gamma: 0.5, every: 4 },
      spectralNorm: true,
      augmentation: { kinds: ["flip"], target: 0.5, ramp: 10 },
    },
    { generator: mlp, discriminator: mlp, loss: { kind: "wasserstein", penalty: 3 }, output: "linear" },
  ])("%j is kept, and made again", (settings) => {
    const model = made({ model: { ...settings, classes: true } });
    expect(model.configuration).toMatchObject(settings);
    expect(model.classes).toEqual([...CLASSES]);
    const again = ganFamily.restore(JSON.parse(JSON.stringify(model.configuration)), codec, "model.json");
    expect(again.configuration).toEqual(model.configuration);
    const shapes = (of: typeof model) => Scope.declare(of.trainable.networks.generator!, key).params;
    expect(shapes(again)).toEqual(shapes(model));
  });

  it("of classes needs pictures that have some, and one without is never told", () => {
    expect(() => made({ model: { classes: true } }, [])).toThrow(/gan: model\.classes is set.*no classes/);
    expect(made({}).classes).toEqual([]);
    expect(
      Object.keys(made({}).batch({ data: new Float32Array(0), shape: [0], dtype: "float32" }, new Int32Array())),
    ).toEqual(["x"]);
  });

  it("that cannot be is refused by its setting", () => {
    expect(() => made({ model: { generator: { channels: [4, 8, 8, 8, 8] } } })).toThrow(
      /generator\.channels has 5 levels/,
    );
    const damaged = { ...made({}).configuration, latent: 0 };
    expect(() => ganFamily.restore(damaged, codec, "model.json")).toThrow(/model\.json.*gan: latent/);
  });
});

describe("pictures", () => {
  let loaded: LoadedPictureModel;
  let generator: PictureGenerator;
  beforeAll(async () => {
    await tinyGan({ home, classes: true, steps: 400 });
    const opened = await openModel(home, "gan");
    if (opened.medium !== "pictures") throw new Error("a model of pictures was saved");
    loaded = opened;
    generator = loaded.model.generator!(loaded.state, { threads: 1 });
    return () => generator.release();
  });
  const draw = (request: PictureRequest): Promise<Values> => generator.generate(request, key);
  const apart = (a: Values, b: Values): number => {
    expect(a).toHaveLength(b.length);
    return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
  };
  const first = (pictures: Values, count: number): Values => pictures.slice(0, count * each);

  it("follow from their key alone, whatever is drawn beside them", async () => {
    const few = await draw({ count: 3 });
    expect(apart(first(await draw({ count: 7 }), 3), few)).toBeLessThan(1e-5);
    expect(apart(first(await draw({ count: BATCH + 2 }), 3), few)).toBeLessThan(1e-5);
    expect(apart(await draw({ count: 3 }), few)).toBe(0);
    expect(apart(await generator.generate({ count: 3 }, RandomKey.fromSeed(6)), few)).toBeGreaterThan(0.1);
    // Without noise, all of a class are one.
    const still = await draw({ count: 2, label: 1, temperature: 0 });
    expect(apart(still.slice(0, each), still.slice(each))).toBe(0);
  });

  it("are of the class that they are asked to be", async () => {
    // Bars across are as bright along each row; bars down along each column.
    const along = async (label: number, axis: "rows" | "columns"): Promise<number> => {
      const pictures = await draw({ count: 32, label });
      let within = 0;
      for (let i = 0; i < pictures.length; i++) {
        const place = i % each;
        const before = axis === "rows" ? (place % SIZE > 0 ? i - 1 : undefined) : place >= SIZE ? i - SIZE : undefined;
        if (before !== undefined) within += (pictures[i]! - pictures[before]!) ** 2;
      }
      return within;
    };
    expect(await along(0, "rows")).toBeLessThan(0.5 * (await along(0, "columns")));
    expect(await along(1, "columns")).toBeLessThan(0.5 * (await along(1, "rows")));
  });

  it("come from the generator alone: nothing of the discriminator is saved", () => {
    const { model, state } = loaded;
    const count = (tree: TreeRecord<HostTensor>): number => countParameters(leavesOf<HostTensor>(tree));
    expect(count(state.params)).toBe(count(Scope.declare(model.trainable.networks.generator!, key).params));
  });

  it("decide, having no loss on held-out ones: the first figure is theirs, beside pixels by themselves", async () => {
    const evidence = JSON.parse(await readFile(join(home, "models", "gan", "evidence.json"), "utf8")) as {
      measures: Measure[];
      verdict: { summary: string };
    };
    const [quality] = evidence.measures;
    expect(quality).toMatchObject({ name: "Fréchet distance", baseline: { name: "pixels drawn by themselves" } });
    expect(quality!.value).toBeLessThan(quality!.baseline!.value);
    expect(evidence.verdict.summary).toMatch(/^Better than the pixels drawn by themselves: Fréchet distance/);
  });
});

describe("a training", () => {
  beforeAll(async () => {
    await tinyClassifier({ home });
  });
  const trained = async (
    name: string,
    model: object,
    training: object,
    more: {
      readonly steps?: number;
      readonly signal?: AbortSignal;
      readonly onEvent?: (event: TrainEvent) => void;
    } = {},
  ): Promise<{ readonly result: TrainResult; readonly events: TrainEvent[] }> => {
    const events: TrainEvent[] = [];
    const { steps = 200, signal, onEvent } = more;
    const recipe = {
      data: "tiny",
      family: "gan",
      validation: 0.2,
      model: { latent: 8, generator: mlp, discriminator: mlp, ...model },
      training: { steps, batch: 32, evaluateEvery: 80, averageDecay: 0.9, ...training },
      evaluation: { samples: 64, extractor: "classifier" },
    };
    const result = await train(recipe, {
      home,
      name,
      threads: 1,
      data: { name: "tiny", pictures: tinyPictures(100) },
      signal,
      onEvent: (event) => {
        events.push(event);
        onEvent?.(event);
      },
    });
    return { result, events };
  };
  const at = (learningRate: number) => ({ optimiser: { kind: "adamw", learningRate } });
  const deep = { kind: "mlp", hidden: [64, 64] };
  const warnings = (events: readonly TrainEvent[]): string[] =>
    events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
  const metricsOf = async (name: string): Promise<Record<string, unknown>[]> =>
    (await readFile(join(home, "runs", name, "metrics.jsonl"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("that goes well logs both networks, is judged by what it draws, and warns of nothing", async () => {
    const { result, events } = await trained("good", { loss: { kind: "relativistic", gamma: 0.1 } }, at(0.002));
    expect(warnings(events)).toEqual([]);
    const metrics = await metricsOf("good");
    expect(metrics[0]).toMatchObject({
      "discriminator.loss": expect.any(Number),
      "discriminator.gradientNorm": expect.any(Number),
      "generator.loss": expect.any(Number),
      "generator.gradientNorm": expect.any(Number),
    });
    const judged = metrics.filter(({ validationLoss }) => validationLoss !== undefined);
    expect(judged).toHaveLength(3);
    expect(judged[0]).toMatchObject({
      step: 80,
      classesWithin: expect.any(Number),
      classShareDeviation: expect.any(Number),
    });
    const told = events.filter((event) => event.kind === "evaluation");
    expect(told[0]!.text).toMatch(
      /^Fréchet distance [\d.]+; \d of 3 classes within half of their share; discriminator right of \d+ % of real and \d+ % of drawn pictures; gradient norms [\d.]+ \(generator\) and/,
    );
    expect(result.score).toEqual({ loss: judged[2]!.validationLoss, frechetDistance: judged[2]!.validationLoss });
    expect(result.baseline.loss).toBeGreaterThan(result.score!.loss);
    const shares = result.evidence!.measures.find(({ name }) => name === "largest deviation of a class share")!;
    expect(shares).toMatchObject({ unit: "share", samples: 64, floor: { value: expect.any(Number) } });
    expect(shares.protocol).toMatch(
      /by the classifier classifier of 3 classes.*of 3 classes are within half of their share/,
    );
    const report = await readFile(result.report!, "utf8");
    expect(report).toContain("<h3>Losses</h3>");
    expect(report).toContain("Fréchet distance over 200 steps");
    expect(report).not.toContain("Warnings");
  });

  it.each<[string, object, number, RegExp]>([
    [
      "loses modes",
      { loss: { kind: "wasserstein", penalty: 0 }, generator: deep, discriminator: deep },
      0.01,
      /^step \d+: Missing or rare among 60 generated pictures: \d of 3 classes, .*\w+ \(\d+ of 2\d expected\).* Raise model\.loss\.penalty, try model\.loss\.kind=relativistic/,
    ],
    [
      "lets the discriminator win",
      { loss: { kind: "relativistic", gamma: 0.01 }, latent: 1, generator: { kind: "mlp", hidden: [1] } },
      0.002,
      /^step \d+: The discriminator knows (98|99|100) % of real and (98|99|100) % of generated pictures: it wins.*model\.spectralNorm/,
    ],
    [
      "lets gradients vanish",
      { loss: { kind: "non-saturating", gamma: 0 }, latent: 1, discriminator: { ...mlp, activation: "relu" } },
      0.3,
      /^step \d+: The discriminator is flat around every generated picture.*lower training\.optimiser\.learningRate/,
    ],
  ])("that %s says so, in the run and its report as well", async (name, model, rate, expected) => {
    const run = name.replaceAll(" ", "-");
    const { result, events } = await trained(run, model, at(rate));
    expect(warnings(events)).toContainEqual(expect.stringMatching(expected));
    const [message] = warnings(events).filter((text) => expected.test(text));
    const recorded = (await metricsOf(run)).flatMap(({ step, warnings: said = [] }) =>
      (said as string[]).map((text) => `step ${step}: ${text}`),
    );
    expect(recorded).toContain(message);
    expect(await readFile(result.report!, "utf8")).toContain(message!.slice(message!.indexOf(": ") + 2, 60));
  });

  it("by lazy R1 and with augmentation is stopped, resumed, and ends in the same figures", async () => {
    const settings = [
      { loss: { kind: "non-saturating", gamma: 1, every: 16 }, augmentation: { ramp: 2000 } },
      at(0.002),
    ] as const;
    const whole = await trained("whole", ...settings, { steps: 48 });
    const controller = new AbortController();
    const part = await trained("part", ...settings, {
      steps: 48,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === "steps" && event.step >= 24) controller.abort();
      },
    });
    expect(part.result.status).toBe("stopped");
    const rest = await resume("part", { home, threads: 1, data: { name: "tiny", pictures: tinyPictures(100) } });
    expect(rest.score).toEqual(whole.result.score);
    const metrics = await metricsOf("whole");
    // Step by step, since not all of them are alike: the first and every 16th after it have the penalty.
    const penalised = metrics.filter((record) => record["penalty.loss"] !== undefined).map(({ step }) => step);
    expect(penalised).toEqual([1, 17, 33]);
    expect(metrics.map((record) => record["discriminator.augmentation"]).at(-2)).toEqual(expect.any(Number));
  });
});

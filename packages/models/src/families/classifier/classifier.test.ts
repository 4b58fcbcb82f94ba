/** The classifier: its loss beside plain numbers, and pictures that it learns to tell apart. */
import { ArgumentError, compile, hostTensor, RandomKey, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { BARS, barBatch, barShape, everyBar } from "../bars.test-helpers.js";
import { trainFamily } from "../training.test-helpers.js";
import { classifier, classifierFeatures, classifierLogits, classifierLoss } from "./classifier.js";
import { type ClassifierConfiguration, classifierConfiguration } from "./configuration.js";

const size = { shape: barShape, classes: BARS, features: 6 };

describe("the loss", () => {
  const perceptron = { network: { kind: "mlp", hidden: [5] } } as const;

  it.each([0, 0.1])("with %d of the targets spread, is that of the labelled rows alone", async (labelSmoothing) => {
    const c = classifierConfiguration({ ...size, ...perceptron, labelSmoothing });
    const { params } = Scope.declare(classifier(c).networks.classifier!, RandomKey.fromSeed(1));
    const run = compile(({ params, x, label }: { params: TreeRecord<Tensor>; x: Tensor; label: Tensor }) => {
      const scope = Scope.over({ params });
      return { ...classifierLoss(scope, c, x, label), logits: classifierLogits(scope, c, x) };
    });
    const { x } = barBatch(0, 4);
    const labels = [2, -1, 7, -1];
    const { loss, metrics, logits } = await run({ params, x, label: hostTensor(Int32Array.from(labels)) });
    await run.release();
    const rows = [0, 2].map((row) => [...logits.data.slice(row * BARS, (row + 1) * BARS)]);
    const logs = rows.map((row) => row.map((value) => value - Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0))));
    const targets = [2, 7].map((right) =>
      Array.from({ length: BARS }, (_, k) => labelSmoothing / BARS + (k === right ? 1 - labelSmoothing : 0)),
    );
    const expected = logs.map((row, i) => -row.reduce((sum, log, k) => sum + log * targets[i]![k]!, 0));
    expect(loss.data[0]).toBeCloseTo((expected[0]! + expected[1]!) / 2, 5);
    const right = rows.filter((row, i) => row.indexOf(Math.max(...row)) === [2, 7][i]).length;
    expect((metrics as Record<string, { data: ArrayLike<number> }>).accuracy!.data[0]).toBeCloseTo(right / 2, 6);
  });
});

describe("eight pictures", () => {
  it.each([
    ["perceptrons", { kind: "mlp", hidden: [16] }],
    ["convolutions", { kind: "convolutional", channels: [8, 16], blocks: 1 }],
  ] as const)("are told apart by %s; the head reads the features", async (_, network) => {
    const c = classifierConfiguration({ ...size, features: 12, network });
    // A quarter of the labels is missing.
    const batchOf = (step: number) => {
      const { x, label } = barBatch(step);
      return { x, label: hostTensor(Int32Array.from(label.data, (each, i) => (i % 4 === 0 ? -1 : each))) };
    };
    const { params, last } = await trainFamily(classifier(c), batchOf, { steps: 150, learningRate: 0.01 });
    expect(last.loss).toBeLessThan(0.1);
    expect(last.accuracy).toBe(1);
    const run = compile(({ params, x }: { params: TreeRecord<Tensor>; x: Tensor }) => {
      const scope = Scope.over({ params });
      const features = classifierFeatures(scope, c, x);
      const head = params.head as Record<"weight" | "bias", Tensor>;
      return { features, logits: classifierLogits(scope, c, x), byHand: features.matmul(head.weight).add(head.bias) };
    });
    const { features, logits, byHand } = await run({ params, x: everyBar() });
    await run.release();
    expect(features.shape).toEqual([BARS, 12]);
    expect(Math.min(...features.data)).toBe(0);
    byHand.data.forEach((value, i) => {
      expect(logits.data[i]).toBeCloseTo(value, 4);
    });
    const named = Array.from({ length: BARS }, (_, i) => {
      const row = [...logits.data.slice(i * BARS, (i + 1) * BARS)];
      return row.indexOf(Math.max(...row));
    });
    expect(named).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe("impossible settings", () => {
  it.each<[string, Partial<ClassifierConfiguration>]>([
    ["classifier: classes must be a whole number from 2 up, got 1", { classes: 1 }],
    ["classifier: features must be a whole number from 1 up, got 0", { features: 0 }],
    ["classifier: labelSmoothing must lie in [0, 1), got 1", { labelSmoothing: 1 }],
    ["classifier: there is no picture of 0 × 4 × 4", { shape: [0, 4, 4] }],
    ["classifier: network.hidden", { network: { kind: "mlp", hidden: [1.5] } }],
  ])("%s", (message, changes) => {
    expect(() => classifierConfiguration({ ...size, ...changes })).toThrow(ArgumentError);
    expect(() => classifierConfiguration({ ...size, ...changes })).toThrow(message);
  });

  it("include a batch without pictures or labels", () => {
    const { phases } = classifier(classifierConfiguration(size));
    const scope = Scope.over({ params: {} });
    expect(() => phases[0]!.loss({ classifier: scope }, {})).toThrow("a batch has pictures x");
    expect(() =>
      phases[0]!.loss({ classifier: scope }, { x: scope.random("x", [1], { kind: "uniform", low: 0, high: 1 }) }),
    ).toThrow("a batch has label");
    expect(() => phases[0]!.loss({}, {})).toThrow('the network "classifier" is missing');
  });
});

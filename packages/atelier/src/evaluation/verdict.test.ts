/** Verdicts on loss curves with known minima and slopes, and on figures whose comparison is plain. */
import { describe, expect, it } from "vitest";
import type { LossPoint } from "../storage/index.js";
import type { Measure } from "./metrics/measure.js";
import { COPYING_SHARE } from "./metrics/samples.js";
import { type TrainingFigures, verdict, verdictSchema } from "./verdict.js";

const steps = Array.from({ length: 20 }, (_, i) => 100 * (i + 1));
const curve = (of: (step: number) => number): LossPoint[] => steps.map((step) => ({ step, loss: of(step) }));
const flat = curve(() => 1.5);
const falling = curve((step) => 2 - step / 4000);

const quality = (difference: { value: number; low: number; high: number }): Measure => ({
  name: "bits per byte",
  value: 2 + difference.value,
  low: 1.5,
  high: 2.5,
  samples: 100,
  protocol: "",
  better: "lower",
  baseline: { name: "8-gram Kneser-Ney", value: 2, low: 1.6, high: 2.4, difference },
});
const better = quality({ value: -0.25, low: -0.3, high: -0.2 });
const copying = (low: number): Measure => ({
  name: COPYING_SHARE,
  unit: "share",
  value: 0.5,
  low,
  high: 0.7,
  samples: 64,
  protocol: "",
  better: "lower",
  baseline: { name: "held-out text", value: 0.016, low: 0, high: 0.08 },
});
const figures = (changes: Partial<TrainingFigures> = {}): TrainingFigures => ({
  quality: better,
  trainingLoss: flat,
  validationLoss: flat,
  settings: { steps: 2000, width: 384, heads: 6, dropout: 0 },
  ...changes,
});
const kinds = (changes: Partial<TrainingFigures>): string[] =>
  verdict(figures(changes)).findings.map(({ kind }) => kind);

it("calls what decides by its name, where that is not the loss that is trained", () => {
  const { summary } = verdict(figures({ trainingLoss: [], validationLoss: falling, judgedBy: "Fréchet distance" }));
  expect(summary).toContain("Under-trained: Fréchet distance was still falling at the end");
  const rising = curve((step) => 1 + step / 1000);
  expect(kinds({ trainingLoss: [], validationLoss: rising, judgedBy: "Fréchet distance" })).toEqual(["better"]);
});

describe("against the baseline", () => {
  it("is better or worse only where the interval of the difference leaves out zero", () => {
    expect(kinds({})).toEqual(["better"]);
    expect(kinds({ quality: quality({ value: 0.1, low: 0.01, high: 0.2 }) })).toEqual(["worse"]);
    expect(kinds({ quality: quality({ value: -0.1, low: -0.21, high: 0.01 }) })).toEqual(["no-difference"]);
  });

  it("says by how much", () => {
    expect(verdict(figures()).summary).toBe(
      "Better than the 8-gram Kneser-Ney: bits per byte 12.5 % lower, 1.750 against 2 (difference −0.2500, 95 % interval −0.3000 to −0.2000).",
    );
    const worse = verdict(figures({ quality: quality({ value: 0.1, low: 0.01, high: 0.2 }) })).summary;
    expect(worse).toContain("Not as good as the 8-gram Kneser-Ney: bits per byte 5.0 % higher, 2.100 against 2 ");
    expect(verdict(figures({ quality: quality({ value: 0, low: -0.1, high: 0.1 }) })).summary).toBe(
      "About as good as the 8-gram Kneser-Ney: bits per byte 2 against 2, no measurable difference.",
    );
  });

  it("has no opinion without a baseline", () => {
    const { baseline: _, ...alone } = better;
    expect(verdict(figures({ quality: alone }))).toMatchObject({ summary: "1.750 bits per byte.", findings: [] });
  });
});

describe("over-trained", () => {
  // A parabola with its minimum of 1.5 at step 800, and 1.5 + 0.144 at the end.
  const turned = curve((step) => 1.5 + ((step - 800) / 1000) ** 2 / 10);

  it("is a validation loss that rose while the training loss fell", () => {
    const { findings, next } = verdict(figures({ validationLoss: turned, trainingLoss: falling }));
    expect(findings.map(({ kind }) => kind)).toEqual(["better", "over-trained"]);
    // Training loss: the means of the tenth of the steps (200) up to 800 and to 2000, of 2 − step / 4000.
    expect(findings[1]!.text).toContain("least at step 800 (1.500) and has risen by 9.6 %");
    expect(findings[1]!.text).toContain("from 1.813 to 1.512");
    expect(next).toEqual([
      "Stop where it was best: --set training.steps=800",
      "Train on more text: this one is learnt by heart",
      "Drop more out: --set model.dropout=0.1",
      "Use a smaller model: --set model.width=192",
    ]);
  });

  it("is not one that rose with the training loss, or by less than one per cent", () => {
    expect(kinds({ validationLoss: turned, trainingLoss: curve((step) => 1 + step / 4000) })).toEqual(["better"]);
    const little = curve((step) => 1.5 + Math.max(0, step - 800) / 100_000);
    expect(kinds({ validationLoss: little, trainingLoss: falling })).toEqual(["better"]);
  });

  it("suggests only what can be set", () => {
    const next = (settings: TrainingFigures["settings"]): string[] =>
      verdict(figures({ validationLoss: turned, trainingLoss: falling, settings })).next.slice(2);
    expect(next({ steps: 2000 })).toEqual([]);
    expect(next({ steps: 2000, dropout: 0.1, width: 90, heads: 6 })).toEqual([
      "Drop more out: --set model.dropout=0.2",
    ]);
    expect(next({ steps: 2000, dropout: 0.2 })).toEqual([]);
  });
});

describe("under-trained", () => {
  it("is a validation loss that still falls: half the line in the logarithm of the steps", () => {
    // a − b ln(step) with b = 0.2 / ln 2: doubling gains 0.2, of which half is believed.
    const line = curve((step) => 2 - 0.2 * Math.log2(step / 2000));
    const { findings, next } = verdict(figures({ validationLoss: line }));
    expect(findings.map(({ kind }) => kind)).toEqual(["better", "under-trained"]);
    expect(findings[1]!.text).toContain("from 2.000 to about 1.900");
    expect(next).toEqual(["Train for longer: --set training.steps=4000"]);
  });

  it("is not one that has come to rest, or of which there are too few points", () => {
    expect(kinds({ validationLoss: curve((step) => 2 - 0.03 * Math.log2(step / 2000)) })).toEqual(["better"]);
    expect(kinds({ validationLoss: falling.slice(0, 2) })).toEqual(["better"]);
    expect(kinds({ validationLoss: [], trainingLoss: [] })).toEqual(["better"]);
    expect(verdict(figures()).next).toEqual([
      "Use a larger model, since this one has learnt what it will: --set model.width=768",
    ]);
  });
});

describe("memorising", () => {
  it("is copying measurably more than held-out text", () => {
    const found = verdict(figures({ copying: copying(0.3) }));
    expect(found.findings[1]).toEqual({
      kind: "memorising",
      text: "Memorising: samples copying 50 characters or more from the training text are 50.0 %, of held-out text 1.6 %.",
    });
    expect(found.next[0]).toContain("more text");
    expect(kinds({ copying: copying(0.07) })).toEqual(["better"]);
    expect(verdictSchema.parse(JSON.parse(JSON.stringify(found)))).toEqual(found);
  });
});

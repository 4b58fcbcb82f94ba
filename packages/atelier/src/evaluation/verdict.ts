/**
 * What the figures of a training say in plain words: whether the model is better than its baseline, whether it was trained too long or
 * not long enough, whether it copies, and what to try next. Rules with fixed thresholds, so that the same figures give the same verdict.
 */
import { z } from "zod";
import type { LossPoint } from "../storage/index.js";
import { compareWithBaseline, type Measure } from "./metrics/measure.js";
import { formatMeasured } from "./metrics/measure-table.js";

export interface TrainingFigures {
  /** The figure that decides, with its baseline if it has one: bits per byte. */
  readonly quality: Measure;
  /** In order of steps, as metrics were logged. */
  readonly trainingLoss: readonly LossPoint[];
  /** All of the same held-out tokens, or they cannot be compared. */
  readonly validationLoss: readonly LossPoint[];
  /** The share of samples that copy from the training text, with held-out text's share as its baseline. */
  readonly copying?: Measure | undefined;
  /** What `validationLoss` is, where it is not the loss on held-out data: `Fréchet distance`. */
  readonly judgedBy?: string | undefined;
  /** What it was trained on. */
  readonly data?: "text" | "pictures" | undefined;
  /** What can be changed, under the names recipes have for it; what a family does not have is left out. */
  readonly settings: {
    readonly steps: number;
    readonly width?: number | undefined;
    readonly heads?: number | undefined;
    readonly dropout?: number | undefined;
  };
}

const findingKinds = ["better", "worse", "no-difference", "over-trained", "under-trained", "memorising"] as const;

export const verdictSchema = z.object({
  /** One or two sentences. */
  summary: z.string(),
  findings: z.array(z.object({ kind: z.enum(findingKinds), text: z.string() })),
  /** What to try next, one suggestion each. */
  next: z.array(z.string()),
});

export type Verdict = z.infer<typeof verdictSchema>;
export type Finding = Verdict["findings"][number];

/** Evaluations that it takes to see where a loss is going. */
const FEWEST = 3;

/** A validation loss this much above its minimum has risen, and an expected gain of as much is worth more steps. */
const NOTABLE = 0.01;

export function verdict(figures: TrainingFigures): Verdict {
  const { quality, trainingLoss, validationLoss, copying, data = "text" } = figures;
  const judgedBy = figures.judgedBy ?? `loss on held-out ${data}`;
  const best = validationLoss.reduce<LossPoint | undefined>(
    (least, point) => (least === undefined || point.loss < least.loss ? point : least),
    undefined,
  );
  const findings = [
    comparison(quality),
    overTrained(validationLoss, trainingLoss, best, judgedBy) ?? underTrained(validationLoss, judgedBy),
    memorising(copying, data),
  ].filter((finding) => finding !== undefined);
  const bare =
    quality.baseline === undefined ? [`${formatMeasured(quality.value, quality.unit)} ${quality.name}.`] : [];
  return {
    summary: [...bare, ...findings.map(({ text }) => text)].join(" "),
    findings,
    next: suggestions(figures, findings, best?.step),
  };
}

function comparison(quality: Measure): Finding | undefined {
  const { name, unit, value, baseline } = quality;
  if (baseline === undefined) return undefined;
  const result = compareWithBaseline(quality);
  const figures = `${formatMeasured(value, unit)} against ${formatMeasured(baseline.value, unit)}`;
  if (result === undefined || result === "no measurable difference") {
    const why = result === undefined ? "too few samples to tell more" : "no measurable difference";
    return { kind: "no-difference", text: `About as good as the ${baseline.name}: ${name} ${figures}, ${why}.` };
  }
  const change = (100 * (value - baseline.value)) / Math.abs(baseline.value);
  const side = change < 0 ? "lower" : "higher";
  const by = Number.isFinite(change) ? `${Math.abs(change).toFixed(1)} % ${side}` : side;
  const { difference } = baseline;
  const evidence =
    difference?.low === undefined || difference.high === undefined
      ? "the 95 % intervals lie apart"
      : `difference ${signed(difference.value, unit)}, 95 % interval ${signed(difference.low, unit)} to ${signed(difference.high, unit)}`;
  const than = result === "better" ? "Better than" : "Not as good as";
  return { kind: result, text: `${than} the ${baseline.name}: ${name} ${by}, ${figures} (${evidence}).` };
}

const signed = (value: number, unit: string | undefined): string =>
  `${value < 0 ? "−" : "+"}${formatMeasured(Math.abs(value), unit)}`;

/** Validation loss rose from its minimum while training loss fell. */
function overTrained(
  validationLoss: readonly LossPoint[],
  trainingLoss: readonly LossPoint[],
  best: LossPoint | undefined,
  judgedBy: string,
): Finding | undefined {
  const last = validationLoss.at(-1);
  if (last === undefined || best === undefined || last.loss < best.loss * (1 + NOTABLE)) return undefined;
  // Single batches are noisy: their mean over a tenth of the steps.
  const span = Math.max(1, last.step / 10);
  const before = meanUpTo(trainingLoss, best.step, span);
  const after = meanUpTo(trainingLoss, last.step, span);
  if (before === undefined || after === undefined || after >= before) return undefined;
  const rise = (100 * (last.loss / best.loss - 1)).toFixed(1);
  return {
    kind: "over-trained",
    text:
      `Over-trained: ${judgedBy} was least at step ${best.step} (${best.loss.toFixed(3)}) and has risen by ${rise} % since, ` +
      `while training loss went on falling from ${before.toFixed(3)} to ${after.toFixed(3)}.`,
  };
}

/** The mean loss of the steps in (step − span, step]. */
function meanUpTo(points: readonly LossPoint[], step: number, span: number): number | undefined {
  const near = points.filter((point) => point.step > step - span && point.step <= step);
  return near.length === 0 ? undefined : near.reduce((sum, { loss }) => sum + loss, 0) / near.length;
}

/**
 * Still falling at the end. Losses fall about in proportion to the logarithm of the steps, so a straight line in that is fitted to
 * the second half and followed to twice the steps; half of what it promises is believed, since falling learning rates make the end of
 * a training steeper than a longer one would be there.
 */
function underTrained(points: readonly LossPoint[], judgedBy: string): Finding | undefined {
  const last = points.at(-1);
  if (last === undefined) return undefined;
  const half = points.filter(({ step }) => step >= last.step / 2);
  if (half.length < FEWEST) return undefined;
  const gain = (-slope(half.map(({ step, loss }) => [Math.log(step), loss])) * Math.LN2) / 2;
  if (gain < NOTABLE * last.loss) return undefined;
  const [now, then] = [last.loss.toFixed(3), (last.loss - gain).toFixed(3)];
  return {
    kind: "under-trained",
    text:
      `Under-trained: ${judgedBy} was still falling at the end; twice the steps may bring it from ${now} to about ${then} ` +
      "(half of what a straight line in the logarithm of the steps promises).",
  };
}

/** Of the least-squares line. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const [meanX, meanY] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis]!, 0) / points.length);
  let [products, squares] = [0, 0];
  for (const [x, y] of points) {
    products += (x - meanX!) * (y - meanY!);
    squares += (x - meanX!) ** 2;
  }
  return products / squares;
}

/** Samples copy measurably more often than held-out text of the same lengths happens to. */
function memorising(copying: Measure | undefined, data: string): Finding | undefined {
  if (copying?.baseline === undefined || compareWithBaseline(copying) !== "worse") return undefined;
  const { name, unit, value, baseline } = copying;
  const [own, floor] = [formatMeasured(value, unit), formatMeasured(baseline.value, unit)];
  return {
    kind: "memorising",
    text: `Memorising: ${name}${data === "text" ? " from the training text" : ""} are ${own}, of ${baseline.name} ${floor}.`,
  };
}

/** What to change, first what helps most. */
function suggestions(
  { settings: { steps, width, heads = 1, dropout }, validationLoss, data = "text" }: TrainingFigures,
  findings: readonly Finding[],
  bestStep: number | undefined,
): string[] {
  const found = new Set(findings.map(({ kind }) => kind));
  const next: string[] = [];
  if (found.has("over-trained")) next.push(`Stop where it was best: --set training.steps=${bestStep}`);
  if (found.has("under-trained")) next.push(`Train for longer: --set training.steps=${2 * steps}`);
  if (found.has("over-trained") || found.has("memorising")) {
    next.push(
      data === "text"
        ? "Train on more text: this one is learnt by heart"
        : "Train on more pictures: these are learnt by heart",
    );
    if (dropout !== undefined && dropout < 0.2)
      next.push(`Drop more out: --set model.dropout=${dropout < 0.1 ? 0.1 : 0.2}`);
    // Heads of an even width, as rotary positions need.
    if (width !== undefined && (width / 2) % (2 * heads) === 0)
      next.push(`Use a smaller model: --set model.width=${width / 2}`);
  } else if (!found.has("under-trained") && validationLoss.length < FEWEST) {
    next.push(`Train for longer: --set training.steps=${2 * steps}`);
  } else if (!found.has("under-trained") && width !== undefined) {
    next.push(`Use a larger model, since this one has learnt what it will: --set model.width=${2 * width}`);
  }
  return next;
}

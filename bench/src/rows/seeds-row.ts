/** Rows that train over several seeds and hold the median loss against a bar. */
import { median, range } from "../statistics.js";
import type { BenchContext, Measurement } from "./row.js";
import { describeVersions } from "./step-row.js";
import { runTraining, type TrainingResult } from "./training-run.js";

export interface SeedsRow {
  readonly seeds: readonly number[];
  readonly allowedLoss: number;
  /** What is run for a seed. */
  readonly training: (seed: number, context: BenchContext) => Parameters<typeof runTraining>[1];
  /** What losses are means over: `tokens`. */
  readonly unit: string;
}

export async function lossOverSeeds(
  context: BenchContext,
  { seeds, allowedLoss, training, unit }: SeedsRow,
): Promise<Measurement> {
  const results: TrainingResult[] = [];
  for (const seed of seeds) {
    results.push(await runTraining("ours", training(seed, context), context.threads, context.progress));
  }
  const losses = results.map(({ validationLoss }) => validationLoss);
  const [first] = results;
  return {
    ours: median(losses),
    peer: allowedLoss,
    ratio: median(losses) / allowedLoss,
    range: range(losses.map((loss) => loss / allowedLoss)),
    note:
      `seeds ${seeds.join(", ")}: ${losses.map((loss) => loss.toFixed(4)).join(", ")}; ${first!.steps} steps in ` +
      `${median(results.map(({ seconds }) => seconds)).toFixed(1)} s, ${first!.parameters} parameters, ` +
      `mean over ${first!.predictions} ${unit} (${describeVersions(first!.versions)})`,
  };
}

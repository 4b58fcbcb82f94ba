/**
 * How long Atelier's own recipe takes to reach the validation loss that nanoGPT ends with, against the time that nanoGPT takes in PyTorch.
 * Three seeds, each a pair: nanoGPT trains to its end, and its loss over the whole validation split is what ours has to reach with that
 * seed. Compiling and evaluating are in our time. Both models have the same number of parameters, within 5 %.
 */

import { WorkerError } from "../errors.js";
import { median, range } from "../statistics.js";
import { ourTraining, torchTraining } from "./commands.js";
import type { Row } from "./row.js";
import { describeVersions } from "./step-row.js";
import { runTraining, type TrainingResult } from "./training-run.js";

export const seeds = [1337, 1338, 1339];
const parameterTolerance = 0.05;

export const timeToLoss: Row = {
  name: "time-to-loss",
  title: "a recipe of ours to nanoGPT's final validation loss, against nanoGPT in PyTorch",
  unit: "s",
  bar: 0.35,
  needs: ["python", "text"],
  async measure(context) {
    const pairs: { readonly ours: TrainingResult; readonly peer: TrainingResult }[] = [];
    for (const seed of seeds) {
      const { threads, progress } = context;
      const peer = await runTraining("PyTorch", torchTraining(seed, context), threads, progress);
      const command = ourTraining("modern", seed, context, peer.validationLoss);
      const ours = await runTraining("ours", command, threads, progress);
      requireComparable(ours, peer);
      pairs.push({ ours, peer });
    }
    const ratios = pairs.map(({ ours, peer }) => ours.seconds / peer.seconds);
    const reached = pairs.every(({ ours, peer }) => ours.validationLoss <= peer.validationLoss);
    const losses = pairs.map(
      ({ ours, peer }) => `${ours.validationLoss.toFixed(4)} / ${peer.validationLoss.toFixed(4)}`,
    );
    const { ours, peer } = pairs[0]!;
    return {
      ours: reached ? median(pairs.map((pair) => pair.ours.seconds)) : null,
      peer: median(pairs.map((pair) => pair.peer.seconds)),
      ratio: reached ? median(ratios) : null,
      ...(reached ? { range: range(ratios) } : {}),
      note:
        `seeds ${seeds.join(", ")}: losses ${losses.join(", ")}${reached ? "" : " (not reached)"}; ` +
        `${ours.steps} / ${peer.steps} steps, ${ours.parameters} / ${peer.parameters} parameters ` +
        `(${describeVersions({ ...ours.versions, ...peer.versions })})`,
    };
  },
};

function requireComparable(ours: TrainingResult, peer: TrainingResult): void {
  if (ours.predictions !== peer.predictions) {
    throw new WorkerError(
      `Our loss is a mean over ${ours.predictions} tokens and nanoGPT's over ${peer.predictions}: not the same split.`,
    );
  }
  if (Math.abs(ours.parameters / peer.parameters - 1) > parameterTolerance) {
    throw new WorkerError(
      `Our recipe's model has ${ours.parameters} parameters and nanoGPT's ${peer.parameters}: more than 5 % apart.`,
      { hint: "Change the recipe's width or depth so that the comparison is fair." },
    );
  }
}

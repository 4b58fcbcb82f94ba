/**
 * PyTorch's example VAE on Fashion-MNIST, ten epochs, trained by Atelier: the mean loss of the 10,000 test pictures, the median of three
 * seeds. The "peer" is the bar, 245.0 nats; what PyTorch itself ends with, peers/torch_vae_train.py prints.
 */

import { median, range } from "../statistics.js";
import { ourVaeTraining } from "./commands.js";
import type { Row } from "./row.js";
import { describeVersions } from "./step-row.js";
import { runTraining, type TrainingResult } from "./training-run.js";

const allowedLoss = 245;
const seeds = [1, 2, 3];

export const vaeLoss: Row = {
  name: "vae-loss",
  title: "the same VAE after 10 epochs: loss of the test pictures, against 245.0",
  unit: "nats",
  bar: 1.0,
  needs: ["pictures"],
  async measure(context) {
    const results: TrainingResult[] = [];
    for (const seed of seeds) {
      results.push(await runTraining("ours", ourVaeTraining(seed, context), context.threads, context.progress));
    }
    const losses = results.map(({ validationLoss }) => validationLoss);
    const [first] = results;
    return {
      ours: median(losses),
      peer: allowedLoss,
      ratio: median(losses) / allowedLoss,
      range: range(losses.map((loss) => loss / allowedLoss)),
      note:
        `seeds ${seeds.join(", ")}: ${losses.map((loss) => loss.toFixed(3)).join(", ")}; ${first!.steps} steps in ` +
        `${median(results.map(({ seconds }) => seconds)).toFixed(1)} s, ${first!.parameters} parameters, ` +
        `mean over ${first!.predictions} pictures (${describeVersions(first!.versions)})`,
    };
  },
};

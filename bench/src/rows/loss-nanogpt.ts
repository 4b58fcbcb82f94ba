/**
 * nanoGPT's own CPU recipe on tinyshakespeare, 2,000 steps, trained by Atelier: the loss over the whole validation split, the median of
 * three seeds. The "peer" is the bar, 1.90 nats; what nanoGPT itself reaches with these seeds in PyTorch, `time-to-loss` prints.
 */

import { median, range } from "../statistics.js";
import { ourTraining } from "./commands.js";
import type { Row } from "./row.js";
import { describeVersions } from "./step-row.js";
import { seeds } from "./time-to-loss.js";
import { runTraining, type TrainingResult } from "./training-run.js";

const allowedLoss = 1.9;

export const lossNanogpt: Row = {
  name: "loss-nanogpt",
  title: "nanoGPT's CPU recipe, 2,000 steps: validation loss, against 1.90",
  unit: "nats",
  bar: 1.0,
  needs: ["text"],
  async measure(context) {
    const results: TrainingResult[] = [];
    for (const seed of seeds) {
      results.push(await runTraining("ours", ourTraining("nanogpt", seed, context), context.threads, context.progress));
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
        `mean over ${first!.predictions} tokens (${describeVersions(first!.versions)})`,
    };
  },
};

/**
 * nanoGPT's own CPU recipe on tinyshakespeare, 2,000 steps, trained by Atelier: the loss over the whole validation split. The "peer" is the
 * bar, 1.90 nats. One seed: the recipe takes minutes.
 */

import { ourTraining } from "./commands.js";
import type { Row } from "./row.js";
import { describeVersions } from "./step-row.js";
import { runTraining } from "./training-run.js";

const allowedLoss = 1.9;
const seed = 1337;

export const lossNanogpt: Row = {
  name: "loss-nanogpt",
  title: "nanoGPT's CPU recipe, 2,000 steps: validation loss, against 1.90",
  unit: "nats",
  bar: 1.0,
  needs: ["text"],
  async measure(context) {
    const command = ourTraining("nanogpt", seed, context);
    const result = await runTraining("ours", command, context.threads, context.progress);
    return {
      ours: result.validationLoss,
      peer: allowedLoss,
      ratio: result.validationLoss / allowedLoss,
      note:
        `seed ${seed}, ${result.steps} steps in ${result.seconds.toFixed(1)} s, ${result.parameters} parameters, ` +
        `mean over ${result.predictions} tokens (${describeVersions(result.versions)})`,
    };
  },
};

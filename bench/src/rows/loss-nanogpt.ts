/**
 * nanoGPT's own CPU recipe on tinyshakespeare, 2,000 steps, trained by Atelier: the loss over the whole validation split, the median of
 * three seeds. The "peer" is the bar, 1.90 nats; what nanoGPT itself reaches with these seeds in PyTorch, `time-to-loss` prints.
 */

import { ourTraining } from "./commands.js";
import type { Row } from "./row.js";
import { lossOverSeeds } from "./seeds-row.js";
import { seeds } from "./time-to-loss.js";

export const lossNanogpt: Row = {
  name: "loss-nanogpt",
  title: "nanoGPT's CPU recipe, 2,000 steps: validation loss, against 1.90",
  unit: "nats",
  bar: 1.0,
  needs: ["text"],
  measure: (context) =>
    lossOverSeeds(context, {
      seeds,
      allowedLoss: 1.9,
      training: (seed, within) => ourTraining("nanogpt", seed, within),
      unit: "tokens",
    }),
};

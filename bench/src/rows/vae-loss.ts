/**
 * PyTorch's example VAE on Fashion-MNIST, ten epochs, trained by Atelier: the mean loss of the 10,000 test pictures, the median of three
 * seeds. The "peer" is the bar, 245.0 nats; what PyTorch itself ends with, peers/torch_vae_train.py prints.
 */

import { ourVaeTraining } from "./commands.js";
import type { Row } from "./row.js";
import { lossOverSeeds } from "./seeds-row.js";

export const vaeLoss: Row = {
  name: "vae-loss",
  title: "the same VAE after 10 epochs: loss of the test pictures, against 245.0",
  unit: "nats",
  bar: 1.0,
  needs: ["pictures"],
  measure: (context) =>
    lossOverSeeds(context, { seeds: [1, 2, 3], allowedLoss: 245, training: ourVaeTraining, unit: "pictures" }),
};

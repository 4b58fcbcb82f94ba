/** A training step of R3GAN, with R1 and R2 in it, on 32 RGB pictures of 32 × 32, against PyTorch. */

import { ourGanSteps, torchGanSteps } from "./commands.js";
import type { Row } from "./row.js";
import { measureSteps } from "./step-row.js";

export const gan: Row = {
  name: "gan",
  title: "training step of R3GAN, 32-128 channels, 32 pictures of 32×32×3, against PyTorch",
  unit: "ms",
  needs: ["python"],
  measure: (context) =>
    measureSteps(context, { ours: ourGanSteps(context), peer: torchGanSteps(context) }, { ourSteps: 4, peerSteps: 4 }),
};

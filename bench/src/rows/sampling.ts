/** 64 pictures of 32 × 32 × 3 drawn in 20 steps of DDIM by the U-Net of the row `unet`, one evaluation of it a step, against PyTorch. */

import { ourSampling, torchSampling } from "./commands.js";
import type { Row } from "./row.js";
import { measureSteps } from "./step-row.js";

export const sampling: Row = {
  name: "sampling",
  title: "64 pictures of 32×32×3 in 20 steps of a U-Net, 64-128 channels, against PyTorch",
  unit: "ms",
  bar: 1.0,
  needs: ["python"],
  measure: (context) =>
    measureSteps(context, { ours: ourSampling(context), peer: torchSampling(context) }, { ourSteps: 1, peerSteps: 1 }),
};

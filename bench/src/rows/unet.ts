/** A training step of a U-Net of two levels (64 and 128 channels, attention at 16 × 16) on 32 RGB pictures of 32 × 32, against PyTorch. */

import { ourPictureSteps, torchPictureSteps } from "./commands.js";
import type { Row } from "./row.js";
import { measureSteps } from "./step-row.js";

export const unet: Row = {
  name: "unet",
  title: "training step of a U-Net, 64-128 channels, 32 pictures of 32×32×3, against PyTorch",
  unit: "ms",
  bar: 1.8,
  needs: ["python"],
  measure: (context) =>
    measureSteps(
      context,
      { ours: ourPictureSteps("unet", context), peer: torchPictureSteps("unet", context) },
      { ourSteps: 4, peerSteps: 4 },
    ),
};

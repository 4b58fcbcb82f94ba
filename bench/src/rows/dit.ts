/** A training step of a diffusion transformer (6 layers, 256 wide, patches of 4 × 4) on 64 RGB pictures of 32 × 32, against PyTorch. */

import { ourPictureSteps, torchPictureSteps } from "./commands.js";
import type { Row } from "./row.js";
import { measureSteps } from "./step-row.js";

export const dit: Row = {
  name: "dit",
  title: "training step of a diffusion transformer, 6 layers, 256 wide, 64 pictures of 32×32×3, against PyTorch",
  unit: "ms",
  bar: 1.5,
  needs: ["python"],
  measure: (context) =>
    measureSteps(
      context,
      { ours: ourPictureSteps("dit", context), peer: torchPictureSteps("dit", context) },
      { ourSteps: 4, peerSteps: 4 },
    ),
};

/** A training step of nanoGPT's GPU configuration (6 layers, 6 heads, 384 wide, 16 × 256 tokens), on the CPU, against PyTorch. */

import { ourSteps, torchSteps } from "./commands.js";
import type { Row } from "./row.js";
import { measureSteps } from "./step-row.js";

export const stepNanogptGpu: Row = {
  name: "step-nanogpt-gpu",
  title: "training step, 6×384, 16×256 tokens, against PyTorch",
  unit: "ms",
  bar: 1.5,
  needs: ["python"],
  measure: (context) =>
    measureSteps(
      context,
      { ours: ourSteps("nanogpt-gpu", context), peer: torchSteps("nanogpt-gpu", context) },
      { ourSteps: 4, peerSteps: 4 },
    ),
};

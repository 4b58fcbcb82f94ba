/** A training step of nanoGPT's CPU configuration (4 layers, 4 heads, 128 wide, 12 × 64 tokens) against PyTorch. */

import { ourSteps, torchSteps } from "./commands.js";
import type { Row } from "./row.js";
import { measureSteps } from "./step-row.js";

export const stepNanogptCpu: Row = {
  name: "step-nanogpt-cpu",
  title: "training step, 4×128, 12×64 tokens, against PyTorch",
  unit: "ms",
  bar: 1.0,
  needs: ["python"],
  measure: (context) =>
    measureSteps(
      context,
      { ours: ourSteps("nanogpt-cpu", context), peer: torchSteps("nanogpt-cpu", context) },
      { ourSteps: 64, peerSteps: 64 },
    ),
};

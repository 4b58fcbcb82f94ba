/**
 * For information: the same step with TensorFlow.js helped along by a gradient of matMul that we wrote for it, which avoids its slow products
 * with a transposed operand. Nobody who uses the library gets this, but it is the fastest it was seen to go.
 */

import { ourSteps, tfjsSteps } from "./commands.js";
import type { Row } from "./row.js";
import { measureSteps } from "./step-row.js";

export const stepTfjsTuned: Row = {
  name: "step-tfjs-tuned",
  title: "the same, TensorFlow.js with a matMul gradient written for it",
  unit: "ms",
  needs: ["tfjs"],
  measure: (context) =>
    measureSteps(
      context,
      { ours: ourSteps("nanogpt-cpu", context), peer: tfjsSteps("tuned", context) },
      { ourSteps: 64, peerSteps: 8 },
    ),
};

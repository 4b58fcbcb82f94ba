/**
 * A training step of nanoGPT's CPU configuration against TensorFlow.js on WASM, with the gradients it ships. Its backend can differentiate the
 * whole model, once the embedding is written as a product with one-hot rows (peers/tfjs-step.mjs says what was tried), so both sides
 * run all of it.
 */

import { ourSteps, tfjsSteps } from "./commands.js";
import type { Row } from "./row.js";
import { measureSteps } from "./step-row.js";

export const stepTfjs: Row = {
  name: "step-tfjs",
  title: "training step, 4×128, 12×64 tokens, against TensorFlow.js WASM",
  unit: "ms",
  bar: 1 / 8,
  needs: ["tfjs"],
  measure: (context) =>
    measureSteps(
      context,
      { ours: ourSteps("nanogpt-cpu", context), peer: tfjsSteps("plain", context) },
      { ourSteps: 64, peerSteps: 3 },
    ),
};

/** An epoch of PyTorch's example VAE (784-400-20, batches of 128) on the 60,000 training pictures of Fashion-MNIST, against PyTorch. */

import { ourVaeSteps, torchVaeSteps } from "./commands.js";
import type { Row } from "./row.js";
import { measureSteps } from "./step-row.js";

/** Whole calls of eight steps, and a little more than an epoch. */
const turn = 472;
const stepsAnEpoch = 60_000 / 128;

export const vae: Row = {
  name: "vae",
  title: "an epoch of a VAE, 784-400-20, on Fashion-MNIST, against PyTorch",
  unit: "s",
  bar: 1.0,
  needs: ["python", "pictures"],
  async measure(context) {
    const commands = { ours: ourVaeSteps(context), peer: torchVaeSteps(context) };
    const step = await measureSteps(context, commands, { ourSteps: turn, peerSteps: turn });
    const seconds = (milliseconds: number): number => (milliseconds * stepsAnEpoch) / 1000;
    return { ...step, ours: step.ours === null ? null : seconds(step.ours), peer: seconds(step.peer) };
  },
};

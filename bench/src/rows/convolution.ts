/** A convolution and both of its gradients, at the sizes of a U-Net and of a GAN, against PyTorch: for information. */

import { alternate } from "../protocol.js";
import { type ConvolutionName, convolutionSizes, resultOf } from "../workers/convolution-sizes.js";
import { ourConvolution, torchConvolution } from "./commands.js";
import type { Row } from "./row.js";
import { withWorkers } from "./step-row.js";

/** Operations in one turn. */
const TURN = 4e10;

export const convolution: Row = {
  name: "convolution",
  title: "convolutions with both gradients, sum over sizes of a U-Net and a GAN, against PyTorch",
  unit: "ms",
  needs: ["python"],
  async measure(context) {
    const notes: string[] = [];
    let [sumOfOurs, sumOfPeers] = [0, 0];
    // Object.keys of a literal: the names that the type has.
    for (const name of Object.keys(convolutionSizes) as ConvolutionName[]) {
      const size = convolutionSizes[name];
      const operations = 3 * resultOf(size).operations;
      const steps = Math.min(40, Math.ceil(TURN / operations));
      const commands = { ours: ourConvolution(name, context), peer: torchConvolution(size, context) };
      const { ours, peer, ratio } = await withWorkers(context, commands, (a, b) =>
        alternate(a, b, { rounds: context.rounds, ourSteps: steps, peerSteps: steps, pauseMilliseconds: 100 }),
      );
      sumOfOurs += ours;
      sumOfPeers += peer;
      const speed = (milliseconds: number): string => (operations / milliseconds / 1e6).toFixed(0);
      notes.push(
        `${name}: ${ours.toFixed(1)} / ${peer.toFixed(1)} ms, ${speed(ours)} / ${speed(peer)} GFLOP/s, ${ratio.toFixed(2)}`,
      );
      context.progress(notes.at(-1)!);
    }
    return { ours: sumOfOurs, peer: sumOfPeers, ratio: sumOfOurs / sumOfPeers, note: notes.join("; ") };
  },
};

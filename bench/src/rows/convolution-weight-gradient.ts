/**
 * The gradient of a 3 × 3 convolution by its weight: the form that the engine has against the one before it, for information. That one
 * laid out padded pictures in one line, so that each of the nine taps is one shift and one batched product, summed over the pictures.
 */

import { compile, concat, conv, hostTensor, pullback, RandomKey, sizeOf, type Tensor } from "@atelier/engine";
import { alternate } from "../protocol.js";
import {
  type ConvolutionName,
  type ConvolutionSize,
  convolutionSizes,
  resultOf,
} from "../workers/convolution-sizes.js";
import type { BenchContext, Row } from "./row.js";

const names = [
  "3×3 64→64, 32×32",
  "3×3 128→128, 16×16",
  "3×3 192→192, 8×8",
  "3×3 256→256, 8×8",
] as const satisfies ConvolutionName[];

/** x (N, C, H, W) and the result's cotangent (N, O, H, W) → (O, C, 3, 3), for a padding of 1. */
function byFlatShifts(x: Tensor, cotangent: Tensor): Tensor {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const outputs = cotangent.shape[1]!;
  const line = width + 2;
  const flat = x.pad([0, 0, 1, 1], [0, 0, 2, 1]).reshape([batch, channels, (height + 3) * line]); // (N, C, …)
  const spread = cotangent.pad([0, 0, 0, 0], [0, 0, 0, 2]).reshape([batch, outputs, height * line]); // (N, O, H (W + 2))
  const products = Array.from({ length: 9 }, (_, tap) => {
    const start = Math.floor(tap / 3) * line + (tap % 3);
    const met = flat.slice(2, start, start + height * line);
    return spread.matmul(met.transposeLast()).sum(0).expandDims(2); // (O, C, 1)
  });
  return concat(products, 2).reshape([outputs, channels, 3, 3]);
}

function timed({ x, weight, padding }: ConvolutionSize, form: "engine" | "shifts", { threads }: BenchContext) {
  const random = (label: string, shape: readonly number[]) =>
    hostTensor(
      RandomKey.fromSeed(1)
        .split(label)
        .uniform(new Float32Array(sizeOf(shape)), -1, 1),
      shape,
    );
  const shape = resultOf({ x, weight, padding, stride: 1, groups: 1 }).shape;
  const given = { x: random("x", x), weight: random("weight", weight), cotangent: random("cotangent", shape) };
  const run = compile(
    ({ x, weight, cotangent }: { x: Tensor; weight: Tensor; cotangent: Tensor }) => ({
      gradient:
        form === "shifts"
          ? byFlatShifts(x, cotangent)
          : pullback([conv(x, weight, { padding })], [cotangent], [weight])[0]!,
    }),
    { threads },
  );
  return {
    async steps(count: number) {
      const started = performance.now();
      for (let i = 0; i < count; i++) await run(given);
      return performance.now() - started;
    },
    release: () => run.release(),
  };
}

export const convolutionWeightGradient: Row = {
  name: "convolution-weight-gradient",
  title: "the gradient of 3×3 convolutions by their weights, against flat shifts, sum over four sizes",
  unit: "ms",
  needs: [],
  async measure(context) {
    const notes: string[] = [];
    let [sumOfOurs, sumOfPeers] = [0, 0];
    for (const name of names) {
      const size = convolutionSizes[name];
      const [engine, shifts] = [timed(size, "engine", context), timed(size, "shifts", context)];
      const turns = { rounds: context.rounds, ourSteps: 10, peerSteps: 10, pauseMilliseconds: 100 };
      const { ours, peer, ratio } = await alternate(engine, shifts, turns);
      await Promise.all([engine.release(), shifts.release()]);
      sumOfOurs += ours;
      sumOfPeers += peer;
      const speed = (milliseconds: number): string => (resultOf(size).operations / milliseconds / 1e6).toFixed(0);
      notes.push(
        `${name}: ${ours.toFixed(1)} / ${peer.toFixed(1)} ms, ${speed(ours)} / ${speed(peer)} GFLOP/s, ${ratio.toFixed(2)}`,
      );
      context.progress(notes.at(-1)!);
    }
    return { ours: sumOfOurs, peer: sumOfPeers, ratio: sumOfOurs / sumOfPeers, note: notes.join("; ") };
  },
};

/** What a training costs: operations a token, and from them and a machine's speed, seconds a step. */
import type { TransformerConfiguration } from "@atelier/models";
import { parametersOf } from "../training/memory.js";

/** Parameters that are multiplied with: all but the table of embeddings, which is only looked up. */
export function multipliedParameters(c: TransformerConfiguration): number {
  const lookedUp = (c.tiedHead ? 0 : c.vocabulary) + (c.positions === "learned" ? c.context : 0);
  return parametersOf(c) - c.width * lookedUp;
}

/**
 * Floating-point operations of a training step a token: six a parameter (Kaplan et al. 2020, section 2.1), and twelve a layer for every
 * channel of every position attended to.
 */
export const trainingFlops = (c: TransformerConfiguration): number =>
  6 * multipliedParameters(c) + 12 * c.layers * c.context * c.width;

/**
 * How much faster operations go than in the steps that `measureMachine` makes (128 wide, 1,024 tokens): larger products keep a processor busier.
 * Measured in steps of 2,048 to 4,096 tokens: 0.81 at 64 wide, 1.08 at 96, 1.28 at 128, 1.44 at 192, 1.56 at 256.
 */
const efficiency = (width: number): number => Math.min(2, 1.15 * Math.sqrt(width / 128));

/** @param flops of a machine, as `measureMachine` gives them. @param tokens in one step. */
export const secondsAStep = (c: TransformerConfiguration, tokens: number, flops: number): number =>
  (trainingFlops(c) * tokens) / (flops * efficiency(c.width));

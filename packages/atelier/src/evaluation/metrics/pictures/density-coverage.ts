/**
 * Density and coverage of generated pictures (Naeem et al., "Reliable fidelity and diversity metrics for generative models", 2020,
 * equations 4 and 6). Unlike precision and recall, one outlier of the real pictures does not take in everything around it, and nothing
 * is gained by generated outliers: only balls of real rows are asked. The intervals are of pictures drawn, with the balls as they are.
 */
import type { RandomKey } from "@atelier/engine";
import { bootstrapMean, type Interval, shareOf } from "../bootstrap.js";
import type { Overlap } from "./neighbourhoods.js";

/** In how many balls of real rows a generated row lies, over k: about 1 for pictures of the same distribution, and not bounded by it. */
export const density = (overlap: Overlap): number => {
  const each = densities(overlap);
  return each.reduce((sum, x) => sum + x, 0) / each.length;
};

export const densityInterval = (overlap: Overlap, key: RandomKey): Interval => bootstrapMean(densities(overlap), key);

const densities = ({ realBalls, neighbours }: Overlap): Float64Array =>
  Float64Array.from(realBalls, (count) => count / neighbours);

/** The share of real rows that have a generated row in their ball. */
export const coverage = ({ inhabitants }: Overlap): Interval => shareOf(Array.from(inhabitants, (count) => count > 0));

/**
 * Precision and recall of generated pictures (Kynkäänniemi et al., "Improved precision and recall metric for assessing generative
 * models", 2019, equations 1 and 2): how many look real, and how much of what is real is made. The intervals are of pictures drawn, with
 * the balls as they are.
 */
import { type Interval, shareOf } from "../bootstrap.js";
import type { Overlap } from "./neighbourhoods.js";

/** The share of generated rows that lie in the ball of some real row. */
export const precision = ({ realBalls }: Overlap): Interval => shareOf(Array.from(realBalls, (count) => count > 0));

/** The share of real rows that lie in the ball of some generated row. */
export const recall = ({ generatedBalls }: Overlap): Interval =>
  shareOf(Array.from(generatedBalls, (count) => count > 0));

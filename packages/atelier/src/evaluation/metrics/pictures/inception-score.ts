/**
 * The Inception Score (Salimans et al., "Improved techniques for training GANs", 2016, section 4): exp of the mean KL divergence between
 * the classes that a classifier sees in one picture and those it sees in all of them. It is the score of that name only where the
 * classifier is the Inception network; it sees neither the real pictures nor copies.
 */
import { ArgumentError } from "@atelier/engine";
import type { FeatureMatrix } from "./feature-matrix.js";

export interface InceptionScore {
  /** The mean over the splits. */
  readonly score: number;
  /** Of the splits' scores, with the divisor of their number; 0 for one split. */
  readonly standardDeviation: number;
}

/** How far from 1 the probabilities of a row may add up: they come rounded, or in float32. */
const SLACK = 1e-3;

/**
 * @param probabilities (pictures, classes), one distribution a row.
 * @param splits parts one after another, as even as can be, each with a marginal of its own.
 * @throws {ArgumentError} for rows that are no distributions, or more splits than pictures.
 */
export function inceptionScore(probabilities: FeatureMatrix, splits = 1): InceptionScore {
  const { rows } = probabilities;
  if (!Number.isInteger(splits) || splits < 1 || splits > rows) {
    throw new ArgumentError(`${rows} pictures cannot be split into ${splits} parts`, {
      hint: "Give a whole number of splits from 1 up, with a picture in each.",
    });
  }
  requireDistributions(probabilities);
  const start = (split: number): number => Math.floor((split * rows) / splits);
  const scores = Array.from({ length: splits }, (_, i) => scoreOf(probabilities, start(i), start(i + 1)));
  const score = scores.reduce((sum, x) => sum + x, 0) / splits;
  const variance = scores.reduce((sum, x) => sum + (x - score) ** 2, 0) / splits;
  return { score, standardDeviation: Math.sqrt(variance) };
}

/** exp(mean over rows of Σ p log p − Σ m log m), where m is the mean of the rows. */
function scoreOf({ values, width }: FeatureMatrix, from: number, to: number): number {
  const marginal = new Float64Array(width);
  let divergence = 0;
  for (let row = from; row < to; row++) {
    for (let k = 0; k < width; k++) {
      const p = values[row * width + k]!;
      marginal[k]! += p / (to - from);
      divergence += entropyTerm(p) / (to - from);
    }
  }
  for (const p of marginal) divergence -= entropyTerm(p);
  return Math.exp(divergence);
}

/** p log p, which tends to 0 with p. */
const entropyTerm = (p: number): number => (p > 0 ? p * Math.log(p) : 0);

function requireDistributions({ values, rows, width }: FeatureMatrix): void {
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    let least = 0;
    for (let k = row * width; k < (row + 1) * width; k++) {
      sum += values[k]!;
      least = Math.min(least, values[k]!);
    }
    if (least >= 0 && Math.abs(sum - 1) <= SLACK) continue;
    const problem = least < 0 ? `has a probability of ${least}` : `adds up to ${sum}`;
    throw new ArgumentError(`Row ${row} of the probabilities ${problem}`, {
      hint: "Give the classifier's probabilities, after its softmax: from 0 up, 1 in all.",
    });
  }
}

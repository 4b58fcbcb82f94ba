/**
 * Where two sets of features lie in each other: around every row a ball that reaches to its k-th nearest neighbour of the same set
 * (Kynkäänniemi et al., "Improved precision and recall metric for assessing generative models", 2019, section 2). Precision, recall,
 * density and coverage are counts of rows in balls; all of them come of one pass over the pairs. As in the `prdc` package of Naeem et
 * al., a row on the edge of a ball lies outside.
 */
import { ArgumentError } from "@atelier/engine";
import { type FeatureMatrix, requireSameWidth } from "./feature-matrix.js";
import { eachSquaredDistance, eachSquaredDistanceWithin } from "./pairs.js";

/** A set of features with the balls around its rows. */
export interface Neighbourhoods {
  readonly features: FeatureMatrix;
  readonly neighbours: number;
  /** One a row. */
  readonly squaredRadii: Float64Array;
}

/** @throws {ArgumentError} where a row does not have so many others. */
export function neighbourhoodsOf(features: FeatureMatrix, neighbours: number): Neighbourhoods {
  const { rows } = features;
  if (!Number.isInteger(neighbours) || neighbours < 1 || neighbours >= rows) {
    throw new ArgumentError(`The nearest ${neighbours} neighbours of a row were asked for among ${rows} rows`, {
      hint: `Give a whole number from 1 to ${Math.max(1, rows - 1)}, or more pictures.`,
    });
  }
  // The least distances of each row so far, in rising order.
  const least = new Float64Array(rows * neighbours).fill(Number.POSITIVE_INFINITY);
  const keep = (row: number, distance: number): void => {
    let at = (row + 1) * neighbours - 1;
    if (distance >= least[at]!) return;
    for (; at > row * neighbours && least[at - 1]! > distance; at--) least[at] = least[at - 1]!;
    least[at] = distance;
  };
  eachSquaredDistanceWithin(features, (i, j, distance) => {
    keep(i, distance);
    keep(j, distance);
  });
  const squaredRadii = Float64Array.from({ length: rows }, (_, row) => least[(row + 1) * neighbours - 1]!);
  return { features, neighbours, squaredRadii };
}

export interface Overlap {
  readonly neighbours: number;
  /** For each generated row, in how many balls of real rows it lies. */
  readonly realBalls: Uint32Array;
  /** For each real row, in how many balls of generated rows it lies. */
  readonly generatedBalls: Uint32Array;
  /** For each real row, how many generated rows lie in its own ball. */
  readonly inhabitants: Uint32Array;
}

/** @throws {ArgumentError} for features of different widths, or neighbourhoods of different numbers of neighbours. */
export function overlapOf(real: Neighbourhoods, generated: Neighbourhoods): Overlap {
  requireSameWidth(real.features, generated.features);
  const { neighbours } = real;
  if (neighbours !== generated.neighbours) {
    throw new ArgumentError(
      `Balls to the ${neighbours}th and to the ${generated.neighbours}th neighbour cannot be compared`,
      {
        hint: "Take the same number of neighbours for both.",
      },
    );
  }
  const realBalls = new Uint32Array(generated.features.rows);
  const generatedBalls = new Uint32Array(real.features.rows);
  const inhabitants = new Uint32Array(real.features.rows);
  eachSquaredDistance(real.features, generated.features, (i, j, distance) => {
    if (distance < real.squaredRadii[i]!) {
      realBalls[j]!++;
      inhabitants[i]!++;
    }
    if (distance < generated.squaredRadii[j]!) generatedBalls[i]!++;
  });
  return { neighbours, realBalls, generatedBalls, inhabitants };
}

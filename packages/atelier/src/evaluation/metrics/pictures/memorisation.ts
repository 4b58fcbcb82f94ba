/**
 * Whether a model repeats its training pictures: how far each sample is from the nearest of them, beside the same distances of held-out
 * pictures, which the model cannot have learnt (Meehan et al., "A non-parametric test to detect data-copying in generative models",
 * 2020, compare the same two sets of distances). A sample counts as close where it is no farther away than the closest hundredth of the
 * held-out pictures; kinds of pictures that resemble each other make those distances small as well, which is what they are for.
 */
import type { RandomKey } from "@atelier/engine";
import { bootstrapMean, type Interval, shareOf } from "../bootstrap.js";
import { figureOf, type Measure } from "../measure.js";
import type { FeatureMatrix } from "./feature-matrix.js";
import { type NearestRows, nearestRows } from "./nearest-rows.js";

export const CLOSE_SHARE = "samples close to a training picture";

/** The part of the held-out pictures that counts as close. */
const CLOSE = 0.01;

export interface PictureMemorisation {
  /** Of each sample: which training picture is nearest, and how far away it is. */
  readonly samples: NearestRows;
  readonly heldOut: NearestRows;
  /** The distance up to which a sample counts as close: the 1 % quantile of those of held-out pictures. */
  readonly close: number;
  /** How many training pictures were compared with. */
  readonly training: number;
}

export interface PictureMemorisationRequest {
  /** Decoded bytes, or features: one picture a row, all three alike. */
  readonly samples: FeatureMatrix;
  /** Pictures that the model was not trained on; for a quantile of 1 %, several hundred. */
  readonly heldOut: FeatureMatrix;
  readonly training: FeatureMatrix;
}

/** @throws {ArgumentError} where the widths differ. */
export function pictureMemorisation({ samples, heldOut, training }: PictureMemorisationRequest): PictureMemorisation {
  const floor = nearestRows(heldOut, training);
  // The least distance that at least one in a hundred does not exceed.
  const close = floor.distances.toSorted()[Math.ceil(CLOSE * heldOut.rows) - 1]!;
  return { samples: nearestRows(samples, training), heldOut: floor, close, training: training.rows };
}

export interface MemorisationMeasuresRequest {
  readonly found: PictureMemorisation;
  /** How the samples were made and what their distance is taken of: `256 samples at seed 1; pixels as bytes, 28×28`. */
  readonly protocol: string;
  readonly key: RandomKey;
}

/** Each beside the same figure of the held-out pictures. */
export function pictureMemorisationMeasures({ found, protocol, key }: MemorisationMeasuresRequest): Measure[] {
  const { samples, heldOut, close, training } = found;
  const how = `${protocol}; Euclidean distance to the nearest of ${training.toLocaleString("en-US")} training pictures`;
  const measure = (
    figure: Pick<Measure, "name" | "unit" | "better">,
    definition: string,
    of: (distances: Float64Array) => Interval,
  ): Measure => {
    const own = of(samples.distances);
    return {
      ...figure,
      ...figureOf(own),
      samples: own.samples,
      protocol: `${how}, ${definition}`,
      baseline: {
        name: `${heldOut.distances.length.toLocaleString("en-US")} held-out pictures`,
        ...figureOf(of(heldOut.distances)),
      },
    };
  };
  return [
    measure(
      { name: CLOSE_SHARE, unit: "share", better: "lower" },
      `at most ${close.toPrecision(4)}, which the closest 1 % of the held-out pictures reach; interval: Wilson's`,
      (distances) => shareOf(Array.from(distances, (distance) => distance <= close)),
    ),
    measure(
      { name: "distance to the nearest training picture", better: "higher" },
      "mean over pictures; interval: percentile bootstrap over pictures",
      (distances) => bootstrapMean(distances, key),
    ),
  ];
}

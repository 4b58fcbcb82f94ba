/**
 * What a model's pictures are like beside real ones, as measures: Fréchet and kernel distance, precision, recall, density, coverage. Each
 * is measured three times against the same training pictures with the same number of pictures: of the model's samples; of held-out
 * pictures, the floor, which no model need go below; and of a trivial model, which every model should leave behind.
 */
import { ArgumentError, type RandomKey } from "@atelier/engine";
import type { Interval } from "../bootstrap.js";
import { figureOf, type Measure } from "../measure.js";
import { formatMeasured } from "../measure-table.js";
import { coverage, densityInterval } from "./density-coverage.js";
import { drawRows, type FeatureMatrix } from "./feature-matrix.js";
import { frechetInterval } from "./frechet-distance.js";
import { kernelDistanceInterval } from "./kernel-distance.js";
import { type DrawnMoments, drawnMoments } from "./moments.js";
import { type Neighbourhoods, neighbourhoodsOf, overlapOf } from "./neighbourhoods.js";
import { precision, recall } from "./precision-recall.js";

export interface PictureMeasuresRequest {
  /** What the features are, in words: `classifier trained on the same pictures, 64 features before its last layer`. */
  readonly extractor: string;
  /** How pictures come to the extractor's size: `bilinear to 32×32`, `none, 28×28 as they are`. */
  readonly resize: string;
  /** How the samples were made: `1,000 samples at seed 3`. */
  readonly protocol: string;
  /** The reference. */
  readonly training: FeatureMatrix;
  /** Real pictures that the model was not trained on: the floor. */
  readonly heldOut: FeatureMatrix;
  readonly samples: FeatureMatrix;
  /** A trivial model's pictures; see `pixelMarginals`. */
  readonly trivial: { readonly name: string; readonly features: FeatureMatrix };
  /** k of precision, recall, density and coverage. */
  readonly neighbours?: number;
  /**
   * No more pictures than this on each side, drawn at random, where every picture is compared with every other. The Fréchet distance is of
   * all.
   */
  readonly most?: number;
  readonly key: RandomKey;
}

export const FRECHET_DISTANCE = "Fréchet distance";

/** As in the paper of density and coverage (Naeem et al. 2020). There have to be more pictures than these. */
export const NEIGHBOURS = 5;

/**
 * Distances depend on how many pictures they are of, so samples, held-out and trivial pictures are brought to one number, the least of
 * the three; the reference may have more.
 * @throws {ArgumentError} for features of different widths, or no more pictures than neighbours.
 */
export function pictureMeasures(request: PictureMeasuresRequest): Measure[] {
  const { trivial, neighbours = NEIGHBOURS, most = 5000, key } = request;
  const sets = [request.samples, request.heldOut, trivial.features];
  const rows = Math.min(...sets.map((set) => set.rows));
  const [training, count] = [request.training.rows, rows].map((all) => Math.min(most, all)) as [number, number];
  if (Math.min(count, training) <= neighbours) {
    throw new ArgumentError(`${count} pictures and ${training} training pictures are too few to be compared`, {
      hint: `Give more than ${neighbours} of each: samples, held-out, trivial and training pictures.`,
    });
  }
  const described = describe(request.training, training, neighbours, key.split("reference"));
  const [own, floor, bar] = sets.map((features, i) => {
    const all = drawRows(features, rows, key.split("drawn").at(i));
    return figuresOf(described, describe(all, count, neighbours, key.split("set").at(i)), key);
  });
  return FIGURES.map(({ name, unit, better, how, figure, all }) => {
    const [samples, beside] = all === true ? [rows, request.training.rows] : [count, training];
    const numbers = `${samples.toLocaleString("en-US")} pictures against ${beside.toLocaleString("en-US")} training pictures`;
    const words = `${request.protocol}; ${numbers}; features: ${request.extractor}; resize: ${request.resize}`;
    const held = floor![figure];
    const ends =
      held.low === undefined || held.high === undefined
        ? ""
        : ` (${formatMeasured(held.low, unit)} to ${formatMeasured(held.high, unit)})`;
    return {
      name,
      ...(unit === undefined ? {} : { unit }),
      ...figureOf(own![figure]),
      samples,
      protocol: `${words}; ${how(neighbours)}; as many held-out pictures: ${formatMeasured(held.value, unit)}${ends}`,
      better,
      floor: figureOf(held),
      baseline: { name: trivial.name, ...figureOf(bar![figure]) },
    };
  });
}

interface Figures {
  readonly frechet: Interval;
  readonly kernel: Interval;
  readonly precision: Interval;
  readonly recall: Interval;
  readonly density: Interval;
  readonly coverage: Interval;
}

/** What the figures need of one set, whatever it is compared with. */
interface Described {
  readonly features: FeatureMatrix;
  /** Of all pictures, also those that are not among `features`. */
  readonly moments: DrawnMoments;
  readonly neighbourhoods: Neighbourhoods;
}

/** @param count how many of them are compared one by one */
function describe(all: FeatureMatrix, count: number, neighbours: number, key: RandomKey): Described {
  const features = drawRows(all, count, key);
  return {
    features,
    moments: drawnMoments(all, key.split("moments")),
    neighbourhoods: neighbourhoodsOf(features, neighbours),
  };
}

function figuresOf(reference: Described, set: Described, key: RandomKey): Figures {
  const overlap = overlapOf(reference.neighbourhoods, set.neighbourhoods);
  return {
    frechet: frechetInterval(reference.moments, set.moments),
    kernel: kernelDistanceInterval(reference.features, set.features, key.split("kernel")),
    precision: precision(overlap),
    recall: recall(overlap),
    density: densityInterval(overlap, key.split("density")),
    coverage: coverage(overlap),
  };
}

interface FigureText extends Pick<Measure, "name" | "unit" | "better"> {
  readonly figure: keyof Figures;
  /** Of all pictures, however many they are. */
  readonly all?: boolean;
  /** The definition, and the interval's. */
  readonly how: (neighbours: number) => string;
}

const FIGURES: readonly FigureText[] = [
  {
    figure: "frechet",
    all: true,
    name: FRECHET_DISTANCE,
    better: "lower",
    how: () =>
      "Fréchet distance of normal distributions (Heusel et al. 2017), unbiased covariances; interval: standard error of a bootstrap over the pictures of both sides",
  },
  {
    figure: "kernel",
    name: "kernel distance",
    better: "lower",
    how: () =>
      "unbiased squared MMD under (x · y / width + 1)³ (Bińkowski et al. 2018), all pictures as one block; interval: standard error of 20 blocks",
  },
  {
    figure: "precision",
    name: "precision",
    unit: "share",
    better: "higher",
    how: (k) =>
      `pictures in the ball of a training picture to its ${k} nearest neighbours (Kynkäänniemi et al. 2019); interval: Wilson's`,
  },
  {
    figure: "recall",
    name: "recall",
    unit: "share",
    better: "higher",
    how: (k) =>
      `training pictures in the ball of a picture to its ${k} nearest neighbours (Kynkäänniemi et al. 2019); interval: Wilson's`,
  },
  {
    figure: "density",
    name: "density",
    better: "higher",
    how: (k) =>
      `balls of training pictures, to ${k} nearest neighbours, that a picture lies in, over ${k} (Naeem et al. 2020); interval: percentile bootstrap over pictures`,
  },
  {
    figure: "coverage",
    name: "coverage",
    unit: "share",
    better: "higher",
    how: (k) =>
      `training pictures with a picture in their ball to ${k} nearest neighbours (Naeem et al. 2020); interval: Wilson's`,
  },
];

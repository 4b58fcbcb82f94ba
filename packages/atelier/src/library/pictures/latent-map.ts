/** A map of latent space: what a model decodes all over a plane of it, as one sheet. */
import type { Picture, PictureSource } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import type { Provenance } from "../../output/provenance.js";
import { checkRequest } from "../check-request.js";
import type { Model } from "../model.js";
import { type InputData, latentMapSchema } from "./latent-requests.js";
import { dataOf, dividedPictures, someOf } from "./model-pictures.js";
import { normalQuantile } from "./normal-quantile.js";
import {
  coderOf,
  decodeLatents,
  type PictureRunOptions,
  passOptions,
  picturesProvenance,
  valuesOf,
} from "./picture-tools.js";
import { principalAxes } from "./principal-axes.js";

export interface LatentMapRequest {
  /** Pictures in a row, and rows; 20 by default. */
  readonly columns?: number | undefined;
  /** Pictures whose latent vectors say where the plane lies, where there are more than two axes; by default the model's own. */
  readonly data?: PictureSource | undefined;
  /** The class that all of the map is told to be, where the model knows classes. */
  readonly class?: string | undefined;
}

export interface LatentMap {
  /** By rows from the top, each from the left. */
  readonly pictures: readonly Picture[];
  readonly columns: number;
  /** What is to be seen, in words. */
  readonly words: string;
  /** The part of the variance of the pictures' latent vectors that lies in the plane; undefined where the plane is all there is. */
  readonly share: number | undefined;
  readonly provenance: Provenance;
}

/** Pictures that say where the plane lies. */
const MOST = 5000;

/**
 * Places are spaced so that each stands for as many pictures: along two axes by the quantiles of the normal distribution (Kingma and Welling,
 * "Auto-encoding variational Bayes", 2014, figure 4); of more axes, in the plane of the two along which the expected latent vectors of
 * pictures differ most, by the quantiles of the normal distribution that is as wide as they.
 *
 * @throws {NoLatentVectorsError} for a model without latent vectors. @throws {ArgumentError} for one with a single axis
 * @example
 * ```ts
 * const model = await load("fashion");
 * const { pictures, columns, provenance } = await latentMap(model, { columns: 12 });
 * await emit(await mapOf(pictures, columns), provenance, { to: "file", path: "map.png" });
 * ```
 */
export async function latentMap(
  model: Model,
  { columns, data, class: name }: LatentMapRequest = {},
  options: PictureRunOptions = {},
): Promise<LatentMap> {
  const coder = coderOf(model);
  const asked = checkRequest(latentMapSchema, { task: "latent-map", columns, class: name });
  const { width } = coder;
  if (width < 2) {
    throw new ArgumentError(`The model ${model.name} has one latent axis, and a map needs two`, {
      hint: `Walk along it: atelier walk ${model.name} --axis 1`,
    });
  }
  const plane = width === 2 ? ALL : await planeOfPictures(model, data, options);
  const pictures = await decodeLatents(model, gridOver(plane, asked.columns), name, options);
  return {
    pictures,
    columns: asked.columns,
    words: plane.words,
    share: plane.share,
    provenance: await picturesProvenance(
      model,
      { ...asked, ...(plane.data === undefined ? {} : { data: plane.data }) },
      pictures.length,
    ),
  };
}

/** Two directions from a centre, each as long as one standard deviation. */
interface Plane {
  readonly centre: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  readonly up: ArrayLike<number>;
  readonly share: number | undefined;
  readonly data?: InputData;
  readonly words: string;
}

/** Of two axes there is but one plane, and the prior says how far it goes. */
const ALL: Plane = {
  centre: [0, 0],
  right: [1, 0],
  up: [0, 1],
  share: undefined,
  words: "all of latent space, by quantiles of the prior",
};

async function planeOfPictures(
  model: Model,
  source: PictureSource | undefined,
  options: PictureRunOptions,
): Promise<Plane> {
  const { card, train } = await dividedPictures(model, source, options);
  const coder = coderOf(model);
  const values = valuesOf(model, someOf(train, MOST, "latent map"));
  const vectors = await coder.encode(values, undefined, passOptions(options, "encoding"));
  const { mean, axes, variances, shares } = principalAxes(vectors, coder.width);
  const [right, up] = [0, 1].map((i) => axes[i]!.map((x) => x * Math.sqrt(variances[i]!)));
  const share = shares[0]! + shares[1]!;
  return {
    centre: mean,
    right: right!,
    up: up!,
    share,
    data: dataOf(source, card),
    words: `the two principal axes of the expected latent vectors of ${card.name}, which hold ${(100 * share).toFixed(0)} % of their variance`,
  };
}

/** Latent vectors by rows from the top, each from the left, at the middles of equally probable strips. */
export function gridOver(
  { centre, right, up }: Pick<Plane, "centre" | "right" | "up">,
  columns: number,
): Float64Array[] {
  const places = Array.from({ length: columns }, (_, i) => normalQuantile((i + 0.5) / columns));
  return places
    .toReversed()
    .flatMap((y) => places.map((x) => Float64Array.from(centre, (middle, k) => middle + x * right[k]! + y * up[k]!)));
}

/** What a model gives back of pictures: through its latent vector, or its codes, and out again. */
import { basename } from "node:path";
import type { Picture, PictureSource, SkippedFile } from "@atelier/data";
import type { Provenance } from "../../output/provenance.js";
import { checkRequest } from "../check-request.js";
import type { Model } from "../model.js";
import { readInputs } from "./inputs.js";
import { reconstructSchema } from "./latent-requests.js";
import type { Pair } from "./layouts.js";
import { labelsIn, type PictureRunOptions, picturesProvenance, roundTrip, valuesOf } from "./picture-tools.js";

export interface Reconstructed {
  readonly name: string;
  /** As the model sees it: at its size, in its colours. */
  readonly picture: Picture;
  readonly returned: Picture;
  /** Of values in [0, 1], over all pixels and channels. */
  readonly meanSquaredError: number;
  /** In decibels; undefined where the two are the same. */
  readonly peakSignalToNoise: number | undefined;
}

export interface Reconstruction {
  readonly rows: readonly Reconstructed[];
  /** Files that could not be read, and why. */
  readonly skipped: readonly SkippedFile[];
  readonly provenance: Provenance;
}

/**
 * Takes pictures in and gives them back, in the order they were given. A model that knows classes is told those that the pictures have.
 *
 * @throws {AbilityError} for a model that cannot. @throws {ArgumentError} for a model of texts, or more than 256 pictures. @throws typed
 * errors where none can be read
 * @example
 * ```ts
 * const model = await load("fashion");
 * const { rows } = await reconstruct(model, ["shoe.png", "shirt.png"]);
 * for (const { name, meanSquaredError } of rows) console.log(name, meanSquaredError);
 * ```
 */
export async function reconstruct(
  model: Model,
  source: PictureSource,
  options: PictureRunOptions = {},
): Promise<Reconstruction> {
  const { codec } = model.pictures.model;
  const { set, inputs, skipped } = await readInputs(model, source, options);
  const returned = codec.decode(await roundTrip(model, valuesOf(model, set), labelsIn(model, set), options));
  const rows = returned.map((after, i): Reconstructed => {
    const picture = set.picture(i);
    const meanSquaredError = squaredError(picture, after);
    return {
      name: set.names[i]!,
      picture,
      returned: after,
      meanSquaredError,
      peakSignalToNoise: meanSquaredError === 0 ? undefined : -10 * Math.log10(meanSquaredError),
    };
  });
  const request = checkRequest(reconstructSchema, { task: "reconstruct", pictures: inputs });
  return { rows, skipped, provenance: await picturesProvenance(model, request, set.length) };
}

/** Each beside what came back of it, with the error under them. */
export const reconstructionPairs = (rows: readonly Reconstructed[]): Pair[] =>
  rows.map(({ name, picture, returned, peakSignalToNoise }) => ({
    left: picture,
    right: returned,
    label: `${peakSignalToNoise === undefined ? "the same" : `${peakSignalToNoise.toFixed(1)} dB`} ${basename(name)}`,
  }));

/** The mean over all bytes, which stand for [0, 1]. */
export function squaredError(a: Picture, b: Picture): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += ((a.data[i]! - b.data[i]!) / 255) ** 2;
  return sum / a.data.length;
}

/** Pictures that show several things at once, and the way from one thing to another. */
import { ArgumentError } from "@atelier/engine";
import type { PassOptions } from "../../../pictures/picture-family.js";
import { checkRequest } from "../../check-request.js";
import type { Model } from "../../model.js";
import { seedOf } from "../../request.js";
import type { Frames } from "../interpolate.js";
import { evenly } from "../latent-vectors.js";
import {
  type EditedPictures,
  type EditSampling,
  edited,
  inWords,
  isAsked,
  samplingOf,
  type WishRequest,
  wishOf,
} from "./edit.js";
import { interpolateWishesSchema, mixPicturesSchema } from "./requests.js";

/** What a picture is to show, and how much it counts beside the others; 1 by default. */
export interface MixPart extends WishRequest {
  readonly weight?: number | undefined;
}

export interface MixRequest extends EditSampling {
  /** Two or more; their weights are divided by their sum. */
  readonly parts: readonly MixPart[];
  /** How many pictures; 1 by default. */
  readonly samples?: number | undefined;
  readonly seed?: number | undefined;
}

/**
 * Draws pictures that agree with several descriptions, each as far as its weight says: in every step the weighted mean of what is likely
 * under each (Liu et al. 2022, "Compositional visual generation with composable diffusion models", equation 11).
 *
 * @throws {AbilityError} for a model that cannot edit. @throws {ArgumentError} for fewer than two parts, weights that are not above 0, words
 * or classes that the model does not know
 * @example
 * ```ts
 * const model = await load("emoji");
 * const parts = [{ prompt: "cat face", weight: 0.6 }, { prompt: "pumpkin", weight: 0.4 }];
 * const { pictures, provenance } = await mixPictures(model, { parts, seed: 7 });
 * await emit({ media: "picture", picture: pictures[0]!, shown: { place: 0 } }, provenance, { to: "file", path: "pumpkin-cat.png" });
 * ```
 */
export async function mixPictures(
  model: Model,
  { parts, seed, ...asked }: MixRequest,
  options: PassOptions = {},
): Promise<EditedPictures> {
  model.pictureTool("editor");
  const sampling = samplingOf(model, asked, true);
  for (const part of parts) requireAsked(part);
  const checked = parts.map((part) => wishOf(model, part));
  const request = checkRequest(mixPicturesSchema, {
    task: "mix-pictures",
    ...asked,
    parts: parts.map(({ weight = 1, ...wish }) => ({ ...wish, weight })),
    ...sampling,
  });
  const sum = request.parts.reduce((total, { weight }) => total + weight, 0);
  const mixture = checked.map(({ wish }, i) => ({ wish, weight: request.parts[i]!.weight / sum }));
  const wishes = Array.from({ length: request.samples }, () => mixture);
  const made = await edited(model, { request, wishes, start: { kind: "noise" }, seed: seedOf({ seed }) }, options);
  return { ...made, warnings: allWarnings(checked) };
}

export interface InterpolateWishesRequest extends EditSampling {
  /** What the first and the last picture show. */
  readonly ends: readonly [WishRequest, WishRequest];
  /** How many pictures, the two ends included; 16 by default. */
  readonly frames?: number | undefined;
  readonly seed?: number | undefined;
}

/**
 * Pictures between two descriptions: all of the same noise, with weights from 1 and 0 to 0 and 1, mixed as in `mixPictures`.
 *
 * @throws {AbilityError} for a model that cannot edit. @throws {ArgumentError} for ends that say nothing, words or classes that the model
 * does not know
 * @example
 * ```ts
 * const model = await load("emoji");
 * const ends = [{ prompt: "red heart" }, { prompt: "blue heart" }] as const;
 * const { frames, provenance } = await interpolateWishes(model, { ends, frames: 24, seed: 7 });
 * await emit(await framesFor(frames, "hearts.gif"), provenance, { to: "file", path: "hearts.gif" });
 * ```
 */
export async function interpolateWishes(
  model: Model,
  { ends, seed, ...asked }: InterpolateWishesRequest,
  options: PassOptions = {},
): Promise<Frames & Pick<EditedPictures, "warnings">> {
  model.pictureTool("editor");
  const sampling = samplingOf(model, asked, true);
  for (const end of ends) requireAsked(end);
  const [first, last] = [wishOf(model, ends[0]), wishOf(model, ends[1])];
  const request = checkRequest(interpolateWishesSchema, { task: "interpolate-wishes", ...asked, ends, ...sampling });
  const wishes = evenly(0, 1, request.frames).map((t) => [
    { weight: 1 - t, wish: first.wish },
    { weight: t, wish: last.wish },
  ]);
  const edit = { request, wishes, start: { kind: "noise" }, seed: seedOf({ seed }), sameNoise: true } as const;
  const { pictures, provenance } = await edited(model, edit, options);
  const words = `from ${inWords(ends[0])} to ${inWords(ends[1])}, of the same noise`;
  return { frames: pictures, words, provenance, warnings: allWarnings([first, last]) };
}

const allWarnings = (all: readonly Pick<EditedPictures, "warnings">[]): readonly string[] => [
  ...new Set(all.flatMap(({ warnings }) => warnings)),
];

function requireAsked(wish: WishRequest): void {
  if (isAsked(wish)) return;
  throw new ArgumentError("One of the descriptions says nothing of what the picture is to show", {
    hint: "Give each a prompt or a class.",
  });
}

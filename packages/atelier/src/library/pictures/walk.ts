/** A walk through latent space: along one of its axes, or from one class of pictures towards another. */
import type { PictureSource } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import { checkRequest } from "../check-request.js";
import type { Model } from "../model.js";
import { directionOf, labelledLatents, MOST } from "./attributes.js";
import { encodeInputs, type Frames, latentOfSeed } from "./interpolate.js";
import { type FullWalkRequest, type InputData, type InputPicture, walkSchema } from "./latent-requests.js";
import { evenly } from "./latent-vectors.js";
import { classIn, dataOf, dividedPictures, someOf } from "./model-pictures.js";
import { coderOf, decodeLatents, type PictureRunOptions, picturesProvenance } from "./picture-tools.js";

export interface WalkRequest {
  /** An axis of latent space, from 1: its number goes from −`reach` to `reach`, all others stay. */
  readonly axis?: number | undefined;
  /** In place of an axis: the way from the mean of one class (by default of all others) to the mean of another. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Labelled pictures to learn that way from; by default the model's own. */
  readonly data?: PictureSource | undefined;
  /** Where the walk begins: at a picture, or at the one that is drawn at a seed; by default at seed 1. */
  readonly picture?: PictureSource | undefined;
  readonly seed?: number | undefined;
  /** How far: standard deviations along an axis, 3 by default; differences of means along a way between classes, 1 by default. */
  readonly reach?: number | undefined;
  /** How many pictures; 16 by default. */
  readonly frames?: number | undefined;
  /** The class that all of them are told to be, where the model knows classes. */
  readonly class?: string | undefined;
}

/**
 * Along an axis, as Higgins et al. look at single latents ("beta-VAE", 2017); or from the start on by ever more of the difference of two
 * classes' mean latent vectors, as attributes are added to pictures (Larsen et al. 2016).
 *
 * @throws {NoLatentVectorsError} for a model without latent vectors. @throws {ArgumentError} for neither or both ways, an axis or a class
 * that is not there, or more than one picture to begin at
 * @example
 * ```ts
 * const model = await load("fashion");
 * const { frames, provenance } = await walk(model, { from: "Sandal", to: "Ankle boot", picture: "sandal.png" });
 * await emit(await framesFor(frames, "boot.png"), provenance, { to: "file", path: "boot.png" });
 * ```
 */
export async function walk(model: Model, request: WalkRequest, options: PictureRunOptions = {}): Promise<Frames> {
  const { axis, from, to, data, picture, seed, reach, frames, class: name } = request;
  coderOf(model);
  if ((axis === undefined) === (to === undefined) || (from !== undefined && to === undefined)) {
    throw new ArgumentError("A walk goes along an axis, or towards a class", {
      hint: "Give an axis, or the class to walk to (and the one to walk from).",
    });
  }
  if (picture !== undefined && seed !== undefined) {
    throw new ArgumentError("A walk begins at a picture or at a seed, not at both", { hint: "Leave one of them out." });
  }
  const asked = checkRequest(walkSchema, {
    task: "walk",
    axis,
    from,
    to,
    reach: reach ?? (axis === undefined ? 1 : 3),
    frames,
    class: name,
  });
  const start = await startOf(model, request, options);
  const way =
    axis === undefined ? await towards(model, start.latent, asked, data, options) : along(start.latent, axis, asked);
  const full: FullWalkRequest = {
    ...asked,
    ...(way.data === undefined ? {} : { data: way.data }),
    ...(start.input === undefined ? {} : { picture: start.input }),
  };
  return {
    frames: await decodeLatents(model, way.vectors, name, options),
    words: `${way.words}, beginning at ${start.words}`,
    provenance: await picturesProvenance(model, full, asked.frames, start.seed),
  };
}

interface Start {
  readonly latent: Float32Array;
  readonly input?: InputPicture;
  readonly seed?: number;
  readonly words: string;
}

async function startOf(
  model: Model,
  { picture, seed = 1, class: name }: WalkRequest,
  options: PictureRunOptions,
): Promise<Start> {
  const coder = coderOf(model);
  if (picture === undefined) return { latent: latentOfSeed(seed, coder.width), seed, words: `seed ${seed}` };
  const { latents, inputs } = await encodeInputs(model, coder, picture, 1, name, options);
  return { latent: latents, input: inputs[0]!, words: inputs[0]!.name };
}

interface Way {
  readonly vectors: readonly Float32Array[];
  readonly data?: InputData;
  readonly words: string;
}

/** @throws {ArgumentError} for an axis that is not there */
function along(start: Float32Array, axis: number, { reach, frames }: FullWalkRequest): Way {
  if (axis > start.length) {
    throw new ArgumentError(`There is no axis ${axis}`, { hint: `Axes have the numbers 1 to ${start.length}.` });
  }
  const at = (place: number): Float32Array => start.map((x, k) => (k === axis - 1 ? place : x));
  return {
    vectors: evenly(-reach, reach, frames).map(at),
    words: `along axis ${axis} of ${start.length}, from −${reach} to ${reach} standard deviations`,
  };
}

async function towards(
  model: Model,
  start: Float32Array,
  { from, to, reach, frames }: FullWalkRequest,
  data: PictureSource | undefined,
  options: PictureRunOptions,
): Promise<Way> {
  const { card, train } = await dividedPictures(model, data, options);
  for (const name of [from, to]) if (name !== undefined) classIn(train, name);
  const { vector } = directionOf(await labelledLatents(model, someOf(train, MOST, "attributes"), options), from, to!);
  const difference = `${reach === 1 ? "" : `${reach} times `}the difference of their means`;
  return {
    vectors: evenly(0, reach, frames).map((share) => start.map((x, k) => x + share * vector[k]!)),
    data: dataOf(data, card),
    words: `from ${from ?? "all others"} to ${to}, by ${difference} in ${card.name}`,
  };
}

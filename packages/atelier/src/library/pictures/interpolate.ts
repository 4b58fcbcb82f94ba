/** The pictures between two: those that a model decodes along the way from one latent vector to the other. */
import type { Picture, PictureSource } from "@atelier/data";
import { ArgumentError, RandomKey } from "@atelier/engine";
import type { Provenance } from "../../output/provenance.js";
import type { PictureCoder } from "../../pictures/picture-family.js";
import { checkRequest } from "../check-request.js";
import type { Model } from "../model.js";
import { readExactly } from "./inputs.js";
import { type InputPicture, interpolateSchema } from "./latent-requests.js";
import { evenly, rowOf, spherical, straight } from "./latent-vectors.js";
import {
  coderOf,
  decodeLatents,
  labelsNamed,
  type PictureRunOptions,
  picturesProvenance,
  valuesOf,
} from "./picture-tools.js";

export interface InterpolateRequest {
  /** Two pictures: files, or pictures in hand. */
  readonly pictures?: PictureSource | undefined;
  /** Two seeds in their place: the pictures that `generatePictures` draws at them. */
  readonly seeds?: readonly [number, number] | undefined;
  /** How many pictures, the two ends included; 16 by default. */
  readonly frames?: number | undefined;
  /** The class that all of them are told to be, where the model knows classes. */
  readonly class?: string | undefined;
}

/** Pictures in an order that means something. */
export interface Frames {
  readonly frames: readonly Picture[];
  /** What they show, in words. */
  readonly words: string;
  readonly provenance: Provenance;
}

/**
 * Seeds are joined spherically, since what is drawn from a normal distribution lies near a sphere. Pictures are joined in a straight line:
 * their expected latent vectors lie anywhere within it, and many of their axes near 0.
 *
 * @throws {NoLatentVectorsError} for a model without latent vectors. @throws {ArgumentError} for anything but two pictures or two seeds
 * @example
 * ```ts
 * const model = await load("fashion");
 * const { frames, provenance } = await interpolate(model, { seeds: [3, 7], frames: 24 });
 * await emit(await framesFor(frames, "between.gif"), provenance, { to: "file", path: "between.gif" });
 * ```
 */
export async function interpolate(
  model: Model,
  { pictures, seeds, frames, class: name }: InterpolateRequest,
  options: PictureRunOptions = {},
): Promise<Frames> {
  const coder = coderOf(model);
  if ((pictures === undefined) === (seeds === undefined)) {
    throw new ArgumentError("An interpolation goes between two pictures or two seeds", {
      hint: "Give the one or the other.",
    });
  }
  const asked = checkRequest(interpolateSchema, { task: "interpolate", seeds, frames, class: name });
  const steps = evenly(0, 1, asked.frames);
  if (asked.seeds !== undefined) {
    const [a, b] = asked.seeds.map((seed) => latentOfSeed(seed, coder.width)) as [Float32Array, Float32Array];
    const vectors = steps.map((t) => spherical(a, b, t));
    return {
      frames: await decodeLatents(model, vectors, name, options),
      words: `from seed ${asked.seeds[0]} to seed ${asked.seeds[1]}, spherically through latent space`,
      provenance: await picturesProvenance(model, asked, asked.frames, asked.seeds[0]),
    };
  }
  const { latents, inputs } = await encodeInputs(model, coder, pictures!, 2, name, options);
  const [a, b] = [rowOf(latents, coder.width, 0), rowOf(latents, coder.width, 1)];
  const [first, last] = [inputs[0]!, inputs[1]!];
  const vectors = steps.map((t) => straight(a, b, t));
  return {
    frames: await decodeLatents(model, vectors, name, options),
    words: `from ${first.name} to ${last.name}, straight through latent space`,
    provenance: await picturesProvenance(model, { ...asked, pictures: [first, last] }, asked.frames),
  };
}

/** The expected latent vectors of so many pictures. @throws {ArgumentError} for more or fewer, or one that cannot be read */
export async function encodeInputs(
  model: Model,
  coder: PictureCoder,
  source: PictureSource,
  count: number,
  name: string | undefined,
  options: PictureRunOptions,
): Promise<{ readonly latents: Float32Array; readonly inputs: readonly InputPicture[] }> {
  const { set, inputs } = await readExactly(model, source, count, options);
  const latents = await coder.encode(valuesOf(model, set), labelsNamed(model, name, count), { signal: options.signal });
  return { latents, inputs };
}

/** The latent vector of the first picture that is drawn at a seed. */
export const latentOfSeed = (seed: number, width: number): Float32Array =>
  RandomKey.fromSeed(seed).at(0).normal(new Float32Array(width));

/** What all edits share: what pictures are to show, in words that the model knows; how they are drawn; and what is handed back. */
import type { Picture } from "@atelier/data";
import { ArgumentError, RandomKey } from "@atelier/engine";
import { type Provenance, provenanceOf } from "../../../output/provenance.js";
import type { WeightedWish, Wish } from "../../../pictures/families/diffusion-denoisers.js";
import { BATCH } from "../../../pictures/in-batches.js";
import type { EditStart, PassOptions, PictureSampling } from "../../../pictures/picture-family.js";
import { promptFor } from "../../../pictures/prompts.js";
import { samplingFor } from "../../../pictures/sampling.js";
import { AbilityError } from "../../ability.js";
import type { Model } from "../../model.js";
import type { ModelRequest } from "../../request.js";
import { classNumber } from "../generate.js";

/** What a picture is to show, for models that learnt from captions or classes; left out, whatever the model likes. */
export interface WishRequest {
  readonly prompt?: string | undefined;
  /** By name. */
  readonly class?: string | undefined;
}

export interface EditSampling {
  /** How noise is taken away: one of `diffusionSamplers`, by default what the model's recipe says. */
  readonly sampler?: string | undefined;
  /** At how many levels. */
  readonly steps?: number | undefined;
  /** How far pictures are driven towards what they are to show; 1 is that alone. */
  readonly guidance?: number | undefined;
}

/** What every edit that draws takes. */
export interface EditSettings extends WishRequest, EditSampling {
  /** How many pictures; 1 by default. */
  readonly samples?: number | undefined;
  /** The same seed makes the same pictures; by default another one each time, named in the provenance. */
  readonly seed?: number | undefined;
}

export interface EditedPictures {
  readonly pictures: readonly Picture[];
  /** In plain words, such as which words of a prompt the model does not know. */
  readonly warnings: readonly string[];
  readonly provenance: Provenance;
}

export interface CheckedWish {
  readonly wish: Wish;
  readonly warnings: readonly string[];
}

/** @throws {ArgumentError} for words or a class that the model does not know */
export function wishOf(model: Model, { prompt, class: name }: WishRequest): CheckedWish {
  const { warnings } = prompt === undefined ? { warnings: [] } : promptFor(model.pictures, prompt);
  return { wish: { prompt, label: name === undefined ? undefined : classNumber(model, name) }, warnings };
}

export const isAsked = ({ prompt, class: name }: WishRequest): boolean => (prompt ?? name) !== undefined;

/** `"red heart"`, `Sandal`, `anything` */
export const inWords = ({ prompt, class: name }: WishRequest): string =>
  [...(prompt === undefined ? [] : [`"${prompt}"`]), ...(name === undefined ? [] : [name])].join(" as ") || "anything";

/**
 * As it was asked for, else as the model's recipe says.
 * @param asked whether there is anything to be guided towards. @throws {AbilityError} for a model that cannot edit
 * @throws {ArgumentError} for a sampler that is not there, or guidance towards nothing
 */
export function samplingOf(model: Model, { sampler, steps, guidance }: EditSampling, asked: boolean): PictureSampling {
  if (model.pictures.model.sampling === undefined) throw new AbilityError(model, "edit");
  if (guidance !== undefined && !asked) {
    throw new ArgumentError("Guidance drives a picture towards what it is to show, and that was not said", {
      hint: "Give a prompt or a class as well, or leave the guidance out.",
    });
  }
  const way = samplingFor(model.pictures, { sampler, steps, guidance })!;
  return asked ? way : { sampler: way.sampler, steps: way.steps };
}

export interface Edit {
  /** With every default filled in. */
  readonly request: ModelRequest & PictureSampling;
  readonly wishes: readonly (readonly WeightedWish[])[];
  readonly start: EditStart;
  readonly seed: number;
  readonly sameNoise?: boolean;
}

/** @throws {AbilityError} for a model that cannot edit */
export async function edited(
  model: Model,
  { request, wishes, start, seed, sameNoise }: Edit,
  options: PassOptions,
): Promise<Omit<EditedPictures, "warnings">> {
  const { sampler, steps, guidance } = request;
  const values = await model
    .pictureTool("editor")
    .edit({ wishes, start, sameNoise, sampling: { sampler, steps, guidance } }, RandomKey.fromSeed(seed), options);
  return {
    pictures: model.pictures.model.codec.decode(values),
    provenance: await provenanceOf(model, { request, seed, batch: Math.min(BATCH, wishes.length) }),
  };
}

/** The same wish of every picture. */
export const alike = (count: number, wish: Wish): readonly (readonly WeightedWish[])[] =>
  Array.from({ length: count }, () => [{ weight: 1, wish }]);

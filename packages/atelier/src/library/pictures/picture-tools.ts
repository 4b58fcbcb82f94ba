/** What the functions on picture models share: progress, tools, and classes. */
import type { Picture, PictureSet } from "@atelier/data";
import { AtelierError } from "@atelier/engine/errors";
import { withArticle } from "../../cli/format.js";
import { type Provenance, provenanceOf } from "../../output/provenance.js";
import { BATCH } from "../../pictures/in-batches.js";
import type { PassOptions, PictureCoder, Values } from "../../pictures/picture-family.js";
import { AbilityError } from "../ability.js";
import type { Model } from "../model.js";
import type { ModelRequest } from "../request.js";
import { classNumber } from "./generate.js";
import { joined } from "./latent-vectors.js";

export interface PictureRunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told what is being done, and how far it is. */
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
}

/** How far a pass over pictures is, under the name of what it is for. */
export const passOptions = ({ signal, onProgress }: PictureRunOptions, stage: string): PassOptions => ({
  signal,
  onProgress: (done, total) => onProgress?.(stage, done, total),
});

/** A model that has no latent vectors was asked for something that is done with them. */
export class NoLatentVectorsError extends AtelierError {
  readonly code = "NO_LATENT_VECTORS";
}

/** @throws {NoLatentVectorsError} for a model that has no latent vectors. @throws {ArgumentError} for a model of texts */
export function coderOf(model: Model): PictureCoder {
  const { coder, codes, generator } = model.pictures.model;
  if (coder !== undefined) return model.pictureTool("coder");
  const draws = generator === undefined ? "it only looks at pictures" : "its pictures are drawn from noise";
  const why = codes === undefined ? draws : "its pictures are grids of codes";
  throw new NoLatentVectorsError(
    `The model ${model.name} has no latent vectors to move among: it is ${withArticle(model.family)}, and ${why}`,
    {
      hint: "A vae has them: atelier train DATA --family vae.",
    },
  );
}

/**
 * What comes back of pictures that a model has taken in, by way of its latent vectors or its codes: (N, C, H, W) → (N, C, H, W)
 * @throws {AbilityError} for a model that cannot. @throws {ArgumentError} for a model of texts
 */
export async function roundTrip(
  model: Model,
  values: Values,
  labels: Int32Array | undefined,
  options: PictureRunOptions,
): Promise<Values> {
  const { coder, codes } = model.pictures.model;
  const [there, back] = [passOptions(options, "encoding"), passOptions(options, "decoding")];
  if (coder !== undefined) {
    const tool = model.pictureTool("coder");
    return tool.decode(await tool.encode(values, labels, there), labels, back);
  }
  if (codes === undefined) throw new AbilityError(model, "decode");
  const tool = model.pictureTool("codes");
  return tool.decode(await tool.encode(values, there), back);
}

/** The pictures of latent vectors. @param name the class that all are told to be. @throws {ArgumentError} for an unknown class */
export async function decodeLatents(
  model: Model,
  vectors: readonly ArrayLike<number>[],
  name: string | undefined,
  options: PictureRunOptions,
): Promise<Picture[]> {
  const labels = labelsNamed(model, name, vectors.length);
  const values = await coderOf(model).decode(joined(vectors), labels, passOptions(options, "decoding"));
  return model.pictures.model.codec.decode(values);
}

/** All pictures of a set as a network takes them. */
export const valuesOf = (model: Model, set: PictureSet): Values =>
  model.pictures.model.codec.encode(set.rows(Array.from({ length: set.length }, (_, i) => i)));

/** One class, once for each of `count` pictures. @throws {ArgumentError} for a class that the model does not know */
export const labelsNamed = (model: Model, name: string | undefined, count: number): Int32Array | undefined =>
  name === undefined ? undefined : new Int32Array(count).fill(classNumber(model, name));

/** The classes of a set in a model's own numbers; −1 for those that it does not know. */
export function labelsIn(model: Model, { labels, classes }: PictureSet): Int32Array {
  const known = model.pictures.model.classes;
  return labels.map((label) => known.indexOf(classes[label] ?? ""));
}

/** Provenance of what takes pictures or places in latent space. @param seed 0 where nothing is drawn */
export const picturesProvenance = (model: Model, request: ModelRequest, rows: number, seed = 0): Promise<Provenance> =>
  provenanceOf(model, { request, seed, batch: Math.min(BATCH, rows) });
